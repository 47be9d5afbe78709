//! A place where AIPs are kept.

use super::wire_enum::wire_enum;
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

wire_enum! {
    /// What kind of store a location is (`storage-api.md` section 2; `filesystem` as from Enduro 0.31).
    LocationSource {
        /// Not said.
        Unspecified = "unspecified",
        /// A folder of this machine.
        Filesystem = "filesystem",
        /// An S3-compatible store.
        Minio = "minio",
        /// A server reached over SFTP.
        Sftp = "sftp",
        /// An Archivematica Storage Service.
        Amss = "amss",
    }
}

wire_enum! {
    /// What a location is for.
    LocationPurpose {
        /// Not said.
        Unspecified = "unspecified",
        /// It keeps AIPs.
        AipStore = "aip_store",
    }
}

/// One location, without its configuration: that holds secrets and never leaves the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "name": "second-store",
    "description": "The other building",
    "source": "filesystem",
    "purpose": "aip_store",
    "uuid": "5d2f6f2e-6a1e-4f0e-9a56-0f0b7b3a1c11",
    "created_at": "2026-06-01T10:00:00Z",
    "aip_count": 12,
    "total_size": 12_582_912,
    "version": 1
}))]
pub struct Location {
    /// The name that people know it by; unique.
    pub name: String,
    /// What it is for, in a person's words; empty when unset.
    #[serde(default)]
    pub description: String,
    /// What kind of store it is.
    pub source: LocationSource,
    /// What it is for.
    pub purpose: LocationPurpose,
    /// Its identity.
    pub uuid: Uuid,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it, or what it holds, was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    /// AIPs that it keeps now (deleted ones not counted).
    #[serde(default)]
    pub aip_count: u64,
    /// Bytes of those AIPs.
    #[serde(default)]
    pub total_size: u64,
    /// Rises by one with every change of the location itself.
    #[serde(default)]
    pub version: u64,
}

/// How a location's store is reached (`storage-api.md` section 3). Holds credentials, so it has no `Debug` that shows them and
/// is serialised only into the database.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub enum LocationConfig {
    /// A folder under one of the configured roots.
    Filesystem {
        /// Absolute, or relative to the first root.
        path: String,
    },
    /// A store named by a URL; `file://` under the same rule as `filesystem`.
    Url {
        /// The URL.
        url: String,
    },
    /// An S3-compatible store.
    S3 {
        /// The bucket.
        bucket: String,
        /// Its region.
        region: String,
        /// Another endpoint than the provider's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        endpoint: Option<String>,
        /// Bucket in the path rather than in the host name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path_style: Option<bool>,
        /// A named profile of credentials.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<String>,
        /// Access key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// Secret key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret: Option<String>,
        /// Session token.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// A server reached over SFTP.
    Sftp {
        /// Host and port.
        address: String,
        /// Who signs in.
        username: String,
        /// With which password.
        password: String,
        /// Where the packages lie.
        directory: String,
    },
    /// An Archivematica Storage Service.
    Amss {
        /// Its key.
        api_key: String,
        /// Its address.
        url: String,
        /// Who signs in.
        username: String,
    },
}

impl LocationConfig {
    /// The wire word of the variant.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Filesystem { .. } => "filesystem",
            Self::Url { .. } => "url",
            Self::S3 { .. } => "s3",
            Self::Sftp { .. } => "sftp",
            Self::Amss { .. } => "amss",
        }
    }
}

impl std::fmt::Debug for LocationConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocationConfig({}, not shown)", self.kind())
    }
}
