//! Progress of tasks: of our own workflows, and of other systems that report theirs (`realtime.md` section 4, topic `tasks`).
//!
//! [`report`] reads what somebody reports; [`board`] keeps the tasks and lets each only go forward; what everybody is told is a
//! [`TaskMessage`]. The screen's pace is [`Throttle`](super::client::throttle::Throttle).

pub mod board;
mod message;
pub mod report;

pub use message::{TaskMessage, Transfer};
pub use report::{Report, TaskId, TaskState};
