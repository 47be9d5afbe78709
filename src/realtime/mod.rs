//! The realtime protocol's core: places in the log, the ring that feeds every connection, and when to try again.
//!
//! Pure: no I/O, no clock, no randomness of its own. What needs time is given it, so that tests and models can play any history
//! (`realtime.md`).

pub mod backoff;
pub mod connection;
pub mod position;
pub mod refresh;
pub mod ring;

pub use position::Position;
