//! Fixity: evidence that bytes are unchanged.

use super::wire_enum::wire_enum;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was computed over every byte of a package while it was read once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Digests {
    /// Number of bytes read.
    pub size: u64,
    /// SHA-256 (FIPS 180-4), lower-case hexadecimal.
    pub sha256: String,
    /// SHA-512 (FIPS 180-4), lower-case hexadecimal.
    pub sha512: String,
}

wire_enum! {
    /// What a fixity check came to. A check that did not read every byte is never `ok`.
    FixityOutcome {
        /// Every byte was read, and they are the ones that were recorded.
        Ok = "ok",
        /// Every byte was read, and they are others than were recorded; or there are none.
        Damaged = "damaged",
        /// Not every byte could be read: nothing can be said.
        Unknown = "unknown",
    }
}

/// One fixity check of one AIP, kept for good (PREMIS: an event of type "fixity check" and its outcome).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FixityCheck {
    /// When the last byte was read, or reading was given up.
    pub checked_at: Timestamp,
    /// What it came to.
    pub outcome: FixityOutcome,
    /// A sentence for a person: what was compared, or what is wrong.
    pub message: String,
    /// Bytes read.
    pub size: u64,
    /// SHA-256 of what was read; absent where not every byte was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The workflow that did it.
    pub workflow_uuid: Uuid,
}
