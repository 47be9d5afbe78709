//! Random texts that travel: occurrence ids, request ids, tickets; and what is kept of those that are secret.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// `N` bytes from the process's cryptographic generator, as base64url without padding.
#[must_use]
pub fn base64url<const N: usize>() -> String {
    let mut bytes = [0_u8; N];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What a secret is known by here: whoever reads it, or a dump of it, cannot use it.
#[must_use]
pub fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_wire() {
        assert_eq!(base64url::<6>().len(), 8, "storage-api.md section 1.1");
        assert_eq!(base64url::<32>().len(), 43, "storage-api.md section 5.5");
        assert_ne!(base64url::<32>(), base64url::<32>());
    }
}
