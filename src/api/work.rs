//! What can be asked to be done to an AIP: move, fixity check, deletion (`storage-api.md` section 4.2; fixity is ours).

use crate::domain::{DeletionRequest, FixityCheck};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The body of `POST …/store`: where the AIP is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoveAip {
    /// The location.
    pub location_uuid: Uuid,
}

/// The answer to `GET …/store`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MoveStatus {
    /// Whether the last move is over, and went well.
    pub done: bool,
}

/// The body of `POST …/deletion-request`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RequestDeletion {
    /// Why, in 10 to 500 characters.
    pub reason: String,
}

/// The body of `POST …/deletion-review`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReviewDeletion {
    /// Whether it may be deleted.
    pub approved: bool,
}

/// The body of `POST …/deletion-cancel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CancelDeletion {
    /// Only say whether it could be called off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<bool>,
}

/// The body of `POST …/deletion-auto`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AutoDeletion {
    /// Why, in 10 to 500 characters.
    pub reason: String,
    /// Make no report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_report: Option<bool>,
}

/// The body of `POST …/submit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubmitAip {
    /// The name of the AIP.
    pub name: String,
}

/// The answer to `POST …/submit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Submitted {
    /// Where to `PUT` the package, once, within 15 minutes.
    pub url: String,
}

/// The answer to `GET …/fixity`. Ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FixityChecks {
    /// The newest first, at most 20.
    pub checks: Vec<FixityCheck>,
}

/// The answer to `POST /api/storage/locations/{uuid}/fixity`. Ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FixityStarted {
    /// AIPs that are going to be checked.
    pub started: u64,
    /// AIPs that are not, since something is being done to them.
    pub skipped: u64,
}

/// The answer to `GET …/aips/{uuid}/deletion-requests`, the newest first. Ours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeletionRequests {
    /// The requests.
    pub requests: Vec<DeletionRequest>,
}

/// A request that awaits a decision, with the name of its AIP; of the overview. Ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AwaitingReview {
    /// Name of the AIP.
    pub aip_name: String,
    /// The request.
    pub request: DeletionRequest,
}
