//! Something that is being done to an AIP, kept as a row that people read, for good.

use super::wire_enum::wire_enum;
use crate::domain::{Task, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

wire_enum! {
    /// What is being done (`storage-api.md` section 2).
    WorkflowType {
        /// Not said.
        Unspecified = "unspecified",
        /// A package is taken in.
        UploadAip = "upload aip",
        /// A package goes to another location.
        MoveAip = "move aip",
        /// A package is removed.
        DeleteAip = "delete aip",
    }
}

wire_enum! {
    /// How far it is.
    WorkflowStatus {
        /// Not said.
        Unspecified = "unspecified",
        /// At work.
        InProgress = "in progress",
        /// Finished as intended.
        Done = "done",
        /// Ended with a problem that its tasks tell.
        Error = "error",
        /// Waits for its turn.
        Queued = "queued",
        /// Awaits a person's decision.
        Pending = "pending",
        /// Called off.
        Canceled = "canceled",
    }
}

/// One workflow; `tasks` is filled where a workflow is read with its steps and empty in events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Workflow {
    /// Its identity.
    pub uuid: Uuid,
    /// The name under which it runs, unique among what runs; called so on the wire for Enduro's clients.
    pub temporal_id: String,
    /// What is being done.
    #[serde(rename = "type")]
    pub kind: WorkflowType,
    /// How far it is.
    pub status: WorkflowStatus,
    /// When work began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The AIP it is done to.
    pub aip_uuid: Uuid,
    /// Its steps in the order in which they began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// Rises by one with every change.
    #[serde(default)]
    pub version: u64,
}

impl Workflow {
    /// Whether this is a fixity check. The wire's types are Enduro's and may not be added to, so checks go as `unspecified` and are
    /// known by the name under which they run.
    #[must_use]
    pub fn is_fixity_check(&self) -> bool {
        self.kind == WorkflowType::Unspecified && self.temporal_id.starts_with(FIXITY_CHECK)
    }
}

/// What the name of every fixity check begins with; the UUID of the AIP follows.
pub const FIXITY_CHECK: &str = "storage-fixity-workflow-";
