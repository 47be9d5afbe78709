//! Fixity: evidence that bytes are unchanged.

use serde::{Deserialize, Serialize};

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
