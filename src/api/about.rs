//! `GET /api/about`.

use serde::{Deserialize, Serialize};

/// What this service is (`storage-api.md` section 4.1), with additions of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct About {
    /// Version of the software.
    pub version: String,
    /// What makes the packages: `a3m`, `Archivematica` or `Unknown`.
    pub preservation_system: String,
    /// The largest package that is taken in, in bytes.
    pub upload_max_size: u64,
    /// Random identity of the running process: another value means that the service was started anew.
    #[serde(default)]
    pub instance_id: String,
    /// Whether people have to sign in. Without it the service answers on this machine only.
    #[serde(default)]
    pub authentication: bool,
}
