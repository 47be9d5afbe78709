//! A provider's public keys, kept for a while and fetched again when a token was signed with one that is not among them.

use crate::{
    domain::{Clock, Timestamp},
    server::auth::AuthError,
};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, JwkSet, PublicKeyUse},
};
use tokio::sync::Mutex;

/// Keys are fetched anew after this many seconds, so that one that was withdrawn is not trusted for ever.
const FRESH: i64 = 3_600;
/// Unknown keys do not make us fetch more often than this many seconds: anybody can invent a key's name.
const PAUSE: i64 = 10;
/// The longest set of keys that is read, in bytes.
const MOST: usize = 512 * 1024;

/// What tokens may be signed with: only what has a public key. With a shared secret, or none, anybody who can read our
/// configuration, or nobody at all, could vouch for people (RFC 8725 section 3.1).
pub(super) const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The keys of one provider.
#[derive(Debug, Default)]
pub struct Keys(Mutex<Option<Fetched>>);

#[derive(Debug)]
struct Fetched {
    at: Timestamp,
    set: JwkSet,
}

impl Keys {
    /// The keys that may have signed a token with this key id: one, or for a token that does not say, all that fit its algorithm.
    ///
    /// # Errors
    /// When the provider has no such key, or its keys cannot be fetched.
    pub async fn candidates(
        &self,
        http: &reqwest::Client,
        url: &str,
        clock: &dyn Clock,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Vec<DecodingKey>, AuthError> {
        let mut fetched = self.0.lock().await;
        let now = clock.now();
        let age = |fetched: &Fetched| (now.micros() - fetched.at.micros()) / 1_000_000;
        let known = fetched.as_ref().map(|fetched| matching(&fetched.set, kid, algorithm)).unwrap_or_default();
        let due = match fetched.as_ref().map(age) {
            None => true,
            Some(age) => age >= FRESH || (known.is_empty() && age >= PAUSE),
        };
        if !due {
            return if known.is_empty() {
                Err(AuthError::Refused("it is signed with a key that the provider does not have"))
            } else {
                Ok(known)
            };
        }
        match fetch(http, url).await {
            Ok(set) => {
                let found = matching(&set, kid, algorithm);
                *fetched = Some(Fetched { at: now, set });
                if found.is_empty() {
                    Err(AuthError::Refused("it is signed with a key that the provider does not have"))
                } else {
                    Ok(found)
                }
            }
            // The keys of an hour ago are better than locking everybody out while the provider is away.
            Err(error) if !known.is_empty() => {
                tracing::warn!(%error, url, "a provider's keys could not be fetched anew; those that are known are used on");
                Ok(known)
            }
            Err(error) => Err(error),
        }
    }
}

fn matching(set: &JwkSet, kid: Option<&str>, algorithm: Algorithm) -> Vec<DecodingKey> {
    let fits = |key: &&Jwk| {
        let signs = !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
        let named = kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid));
        let meant = key.common.key_algorithm.is_none_or(|meant| meant == algorithm.into());
        signs && named && meant
    };
    let keys = set.keys.iter().filter(fits).filter_map(|key| DecodingKey::from_jwk(key).ok());
    keys.filter(|key| key.family() == algorithm.family()).collect()
}

async fn fetch(http: &reqwest::Client, url: &str) -> Result<JwkSet, AuthError> {
    let unreachable = |error: reqwest::Error| AuthError::Unreachable(format!("its keys cannot be fetched: {error}"));
    let mut response = http.get(url).send().await.and_then(reqwest::Response::error_for_status).map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            return Err(AuthError::Unreachable("its keys are longer than any real ones".into()));
        }
    }
    // One by one: a key of a kind that is new to us must not hide the others.
    #[derive(serde::Deserialize)]
    struct Set {
        keys: Vec<serde_json::Value>,
    }
    let set: Set = serde_json::from_slice(&body).map_err(|error| AuthError::Unreachable(format!("its keys are not readable: {error}")))?;
    Ok(JwkSet { keys: set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(keys: serde_json::Value) -> JwkSet {
        serde_json::from_value(json!({ "keys": keys })).expect("a set")
    }

    fn rsa(more: serde_json::Value) -> serde_json::Value {
        let mut key = json!({ "kty": "RSA", "n": "sXch", "e": "AQAB" });
        key.as_object_mut().expect("a key").extend(more.as_object().expect("fields").clone());
        key
    }

    #[test]
    fn only_the_right_keys_are_tried() {
        let set = set(json!([
            rsa(json!({ "kid": "a", "use": "sig", "alg": "RS256" })),
            rsa(json!({ "kid": "b" })),
            rsa(json!({ "kid": "c", "use": "enc" })),
            { "kty": "oct", "kid": "d", "k": "c2VjcmV0" },
        ]));
        let count = |kid, algorithm| matching(&set, kid, algorithm).len();
        assert_eq!(count(Some("a"), Algorithm::RS256), 1);
        assert_eq!(count(Some("a"), Algorithm::PS256), 0, "the key is for another algorithm");
        assert_eq!(count(Some("a"), Algorithm::ES256), 0);
        assert_eq!(count(Some("c"), Algorithm::RS256), 0, "it is for encryption");
        assert_eq!(count(Some("x"), Algorithm::RS256), 0);
        assert_eq!(count(None, Algorithm::RS256), 2, "a token without a key id may be of any");
    }

    #[test]
    fn nothing_is_verified_with_a_shared_secret() {
        assert!(ALGORITHMS.iter().all(|algorithm| algorithm.family() != jsonwebtoken::AlgorithmFamily::Hmac));
    }
}
