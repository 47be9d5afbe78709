//! The realtime protocol's core: places in the log, the frames and both sides' decisions, and the ring that feeds every connection.
//!
//! Pure: no I/O, no clock, no randomness of its own. What needs time is given it, so that tests and models can play any history
//! (`realtime.md`).

pub mod backoff;
pub mod client;
pub mod etag;
pub mod metrics;
#[cfg(test)]
mod model;
pub mod position;
pub mod progress;
pub mod protocol;
pub mod rate;
pub mod refresh;
pub mod resource_change;
pub mod resume;
pub mod ring;
pub mod session;
pub mod topic;

pub use position::Position;
