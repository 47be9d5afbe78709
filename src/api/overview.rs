//! `GET /api/storage/overview`: what the first page shows, in one answer.

use crate::{
    api::{AwaitingReview, EventRecord, StatusCounts},
    domain::{Location, Workflow},
};
use serde::{Deserialize, Serialize};

/// The archive at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Overview {
    /// AIPs by status.
    pub counts: StatusCounts,
    /// Bytes of all AIPs that are kept.
    pub total_size: u64,
    /// Locations with what they hold.
    pub locations: Vec<Location>,
    /// Workflows at work, newest first, at most 20, each with the name of its AIP.
    pub running: Vec<NamedWorkflow>,
    /// Deletion requests that await the decision of whoever reads this, oldest first, at most 20: none that they made themselves,
    /// and none for those who may not decide.
    #[serde(default)]
    pub awaiting: Vec<AwaitingReview>,
    /// Workflows of the last seven days that ended with an error, newest first, at most 20.
    pub failed: Vec<NamedWorkflow>,
    /// The newest entries of the log, at most 15.
    pub activity: Vec<EventRecord>,
    /// How the service is.
    pub health: Vec<HealthCheck>,
}

/// A workflow with the name of the AIP that it is done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedWorkflow {
    /// Name of the AIP.
    pub aip_name: String,
    /// The workflow, without tasks.
    pub workflow: Workflow,
}

/// One thing that was looked at to tell how the service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HealthCheck {
    /// What was looked at, e.g. "Database" or the name of a location.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, for a person, e.g. "80 GB free".
    pub message: String,
}
