//! What each event does to what is on screen: one function per variant of [`crate::domain::StorageEvent`].
//!
//! An event that carries enough patches the item, with no request at all. What it cannot tell (which rows a filter now shows, how
//! many there are, what a location holds) is fetched again, debounced.

pub mod aip;
pub mod announcement;
pub mod location;
pub mod task;
pub mod workflow;
