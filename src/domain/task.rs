//! One step of a workflow, with a sentence that a person can act on.

use super::wire_enum::wire_enum;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

wire_enum! {
    /// How far a step is (`storage-api.md` section 2).
    TaskStatus {
        /// Not said.
        Unspecified = "unspecified",
        /// At work.
        InProgress = "in progress",
        /// Finished as intended.
        Done = "done",
        /// Failed; the note says why.
        Error = "error",
        /// Waits for its turn.
        Queued = "queued",
        /// Awaits a person's decision.
        Pending = "pending",
    }
}

/// How much of a step's bytes are through. Known to the process that does it only: never in the log, and gone when the step ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TaskProgress {
    /// Bytes that are through.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Task {
    /// Its identity.
    pub uuid: Uuid,
    /// What it does, e.g. "Copy AIP".
    pub name: String,
    /// How far it is.
    pub status: TaskStatus,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// What happened, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The workflow that it is a step of.
    pub workflow_uuid: Uuid,
    /// How far it is, in bytes, while it moves or reads some. Not in events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<TaskProgress>,
    /// Rises by one with every change.
    #[serde(default)]
    pub version: u64,
}
