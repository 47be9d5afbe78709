//! Deletion requests: asked by one person, reviewed by another (`storage-api.md` section 9.2).

use super::wire_enum::wire_enum;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

wire_enum! {
    /// Where a request stands (`storage-api.md` section 2).
    DeletionStatus {
        /// Awaits a decision.
        Pending = "pending",
        /// Somebody else agreed, or it was approved without a review.
        Approved = "approved",
        /// Somebody else refused.
        Rejected = "rejected",
        /// Called off by whoever asked.
        Canceled = "canceled",
    }
}

/// Characters of a reason: at least, at most.
pub const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// One request, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeletionRequest {
    /// Its identity.
    pub uuid: Uuid,
    /// The AIP that is to be deleted.
    pub aip_uuid: Uuid,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub status: DeletionStatus,
    /// Who asked.
    pub requester: String,
    /// When.
    pub requested_at: Timestamp,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_at: Option<Timestamp>,
    /// Whether whoever reads this asked for it.
    #[serde(default)]
    pub mine: bool,
}
