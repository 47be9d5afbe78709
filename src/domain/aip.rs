//! The Archival Information Package (OAIS): the unit that is kept.

use super::wire_enum::wire_enum;
use crate::domain::{PackageFormat, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

wire_enum! {
    /// Where an AIP stands (`storage-api.md` section 2). The words are Enduro's, and no other may be added.
    AipStatus {
        /// Kept, and nothing is being done to it.
        Stored = "stored",
        /// Awaits a person's decision.
        Pending = "pending",
        /// Something is being done to it.
        Processing = "processing",
        /// Waits for its turn.
        Queued = "queued",
        /// Its bytes were removed; its record stays.
        Deleted = "deleted",
        /// Announced, not yet kept.
        Unspecified = "unspecified",
    }
}

/// One AIP as everybody sees it: in the database, on the wire, in events and on the page.
///
/// `size`, `format` and `sha256`/`sha512` are absent for packages that were announced by another system and whose bytes this
/// service has not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "name": "fonds-12.zip",
    "uuid": "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01",
    "status": "stored",
    "object_key": "2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77",
    "location_uuid": "5d2f6f2e-6a1e-4f0e-9a56-0f0b7b3a1c11",
    "created_at": "2026-06-01T10:05:00Z",
    "size": 1_048_576,
    "format": "zip",
    "version": 3
}))]
pub struct Aip {
    /// The name that people know it by.
    pub name: String,
    /// Its identity, for good.
    pub uuid: Uuid,
    /// Where it stands.
    pub status: AipStatus,
    /// The name of its object in the location.
    pub object_key: Uuid,
    /// The location that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_uuid: Option<Uuid>,
    /// The object key of its deletion report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_report_key: Option<String>,
    /// When it was recorded here.
    pub created_at: Timestamp,
    /// Bytes of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The container that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "tar.gz")]
    pub format: Option<PackageFormat>,
    /// SHA-256 of the package, lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-512 of the package, lower-case hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha512: Option<String>,
    /// Rises by one with every change (`realtime.md` section 1).
    #[serde(default)]
    pub version: u64,
}
