//! What is done to AIPs, so that it survives a crash: moves, deletions, fixity checks (`storage-api.md` section 9).
//!
//! A workflow is an ordered list of named, idempotent [steps](step). What it still has to do is one row (`db/work.rs`), written in
//! the same transaction as the rows that people read (workflow, task, AIP) and their events; so a process that starts goes on where
//! the last one was killed, and does at most the step again that was cut off. The [`queue`] only says *that* something is to be done;
//! [`engine`] does one step after the other until nothing is left or a person has to decide.
//!
//! - [`move_aip`]: copy, read back and compare, record, and only then remove at the source.
//! - [`delete_aip`]: remove the bytes, after somebody else agreed; then the report.
//! - [`check_fixity`], [`check_location`]: read every byte and compare with what was recorded.
//! - [`prune_log`]: let go of the oldest events.
//!
//! [`passing`] moves and reads bytes: digests, progress, and an end when the service stops.

mod check_fixity;
mod check_location;
mod delete_aip;
mod engine;
mod move_aip;
mod passing;
mod progress;
mod prune_log;
pub mod queue;
mod record;
mod retry;
pub(in crate::server) mod step;
#[cfg(test)]
mod tests;

pub use engine::carry_on;
pub(in crate::server) use progress::Progress;
pub(in crate::server) use record::{NewWork, begin_task, begin_workflow, end_task, request_note};
pub(in crate::server) use step::{CheckLocation, Deletion, Fixity, Move, Work};
