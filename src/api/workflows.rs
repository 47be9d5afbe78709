//! What was and is being done to an AIP (`storage-api.md` sections 4.2 and 4.5).

use crate::domain::{Workflow, WorkflowStatus, WorkflowType};
use serde::{Deserialize, Serialize};

/// The workflows of an AIP, oldest first, each with its tasks in the order in which they began.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Workflows {
    /// The workflows.
    #[serde(default)]
    pub workflows: Vec<Workflow>,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkflowsQuery {
    /// Only this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<WorkflowStatus>,
    /// Only this type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<WorkflowType>,
}
