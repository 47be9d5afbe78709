//! One identity provider: what it says of itself (OpenID Connect Discovery 1.0), and whether a token is really its own.

use super::{
    AuthError,
    claims::Claims,
    keys::{ALGORITHMS, Keys},
};
use crate::{
    domain::{Clock, Timestamp},
    server::config::ProviderConfig,
};
use jsonwebtoken::{Header, TokenData, Validation, errors::ErrorKind};
use openidconnect::{IssuerUrl, ProviderMetadataWithLogout};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Mutex;

/// What it says of itself is asked for again after this many seconds.
const FRESH: i64 = 3_600;
/// Clocks may differ by so many seconds.
pub(super) const LEEWAY: i64 = 30;
/// Tokens that are longer are not looked at.
const LONGEST: usize = 16 * 1024;

/// What a token is presented for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use<'a> {
    /// By a program, as its proof.
    Bearer,
    /// By the provider itself at the end of a sign-in that began with this nonce.
    SignIn {
        /// What ties the token to the sign-in.
        nonce: &'a str,
    },
}

/// A token that is good.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What it says.
    pub claims: Claims,
    /// Until when it holds.
    pub expires: Timestamp,
}

/// An identity provider.
pub struct Provider {
    /// Its settings.
    pub config: ProviderConfig,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    metadata: Mutex<Option<(Timestamp, Arc<ProviderMetadataWithLogout>)>>,
    keys: Keys,
}

impl Provider {
    /// A provider that has not been asked anything yet: it may be started later than this service.
    #[must_use]
    pub fn new(config: ProviderConfig, http: reqwest::Client, clock: Arc<dyn Clock>) -> Self {
        Self { config, http, clock, metadata: Mutex::default(), keys: Keys::default() }
    }

    /// The client for requests to it, which follows no redirects.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// What it says of itself.
    ///
    /// # Errors
    /// When it cannot be asked and has not been before.
    pub async fn metadata(&self) -> Result<Arc<ProviderMetadataWithLogout>, AuthError> {
        let mut known = self.metadata.lock().await;
        let now = self.clock.now();
        if let Some((at, metadata)) = known.as_ref()
            && now.micros() - at.micros() < FRESH * 1_000_000
        {
            return Ok(Arc::clone(metadata));
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|error| AuthError::Unreachable(error.to_string()))?;
        match ProviderMetadataWithLogout::discover_async(issuer, &self.http).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Some((now, Arc::clone(&metadata)));
                Ok(metadata)
            }
            Err(error) => match known.as_ref() {
                Some((_, metadata)) => {
                    tracing::warn!(%error, provider = self.config.id, "a provider does not answer; what it said before is used on");
                    Ok(Arc::clone(metadata))
                }
                None => Err(AuthError::Unreachable(format!("{} does not answer: {error}", self.config.issuer))),
            },
        }
    }

    /// Whether a token says that it is from this provider. Nothing is proven by that.
    #[must_use]
    pub fn is_named_by(&self, token: &str) -> bool {
        if token.len() > LONGEST {
            return false;
        }
        let claims = jsonwebtoken::dangerous::insecure_decode_claims::<Claims>(token);
        claims.is_ok_and(|claims| claims.get("iss").and_then(Value::as_str) == Some(self.config.issuer.as_str()))
    }

    /// Proves that a token is from this provider, meant for us, and holds at this moment.
    ///
    /// # Errors
    /// When it does not, or the provider's keys cannot be had.
    pub async fn verify(&self, token: &str, purpose: Use<'_>) -> Result<Verified, AuthError> {
        if token.len() > LONGEST {
            return Err(AuthError::Refused("it is too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_unreadable| AuthError::Refused("it is no token"))?;
        check_header(&header)?;
        let metadata = self.metadata().await?;
        let keys =
            self.keys.candidates(&self.http, metadata.jwks_uri().as_str(), self.clock.as_ref(), header.kid.as_deref(), header.alg).await?;
        let audience = match purpose {
            Use::Bearer => self.config.audience(),
            Use::SignIn { .. } => &self.config.client_id,
        };
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Against our own clock, below.
        validation.validate_exp = false;
        let mut outcome = Err(AuthError::Refused("its signature is not the provider's"));
        for key in keys {
            match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
                Ok(TokenData { claims, .. }) => {
                    outcome = Ok(claims);
                    break;
                }
                Err(error) if *error.kind() == ErrorKind::InvalidSignature => {}
                Err(error) => outcome = Err(AuthError::Refused(told(error.kind()))),
            }
        }
        let claims = outcome?;
        let expires = check_times(&claims, self.clock.now())?;
        if let Use::SignIn { nonce } = purpose {
            check_sign_in(&claims, nonce, &self.config.client_id)?;
        }
        Ok(Verified { claims, expires })
    }
}

fn check_header(header: &Header) -> Result<(), AuthError> {
    if !ALGORITHMS.contains(&header.alg) {
        return Err(AuthError::Refused("it is signed in a way that is not trusted"));
    }
    // Other kinds, such as the provider's notices of a sign-out, name people too, and prove nothing of who presents them.
    match header.typ.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("jwt" | "at+jwt" | "application/at+jwt") => Ok(()),
        Some(_) => Err(AuthError::Refused("it is another kind of token")),
    }
}

fn told(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidIssuer => "it is from another issuer",
        ErrorKind::InvalidAudience => "it is meant for another audience",
        ErrorKind::MissingRequiredClaim(_) => "it lacks one of exp, iss, aud and sub",
        _ => "it is not valid",
    }
}

/// Seconds of a claim as an instant.
fn instant(claims: &Claims, name: &str) -> Option<Timestamp> {
    let value = claims.get(name)?;
    let seconds = value.as_i64().or_else(|| value.as_f64().filter(|seconds| seconds.abs() < 1e15).map(|seconds| seconds as i64))?;
    Some(Timestamp::from_micros(seconds.checked_mul(1_000_000)?))
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<Timestamp, AuthError> {
    let leeway = LEEWAY * 1_000_000;
    let expires = instant(claims, "exp").ok_or(AuthError::Refused("it does not say until when it holds"))?;
    let holds = Timestamp::from_micros(expires.micros().saturating_add(leeway));
    if holds <= now {
        return Err(AuthError::Refused("it has expired"));
    }
    if instant(claims, "nbf").is_some_and(|from| from.micros() > now.micros().saturating_add(leeway)) {
        return Err(AuthError::Refused("it does not hold yet"));
    }
    Ok(holds)
}

/// OpenID Connect Core 1.0 section 3.1.3.7, steps 4, 5 and 11.
fn check_sign_in(claims: &Claims, nonce: &str, client_id: &str) -> Result<(), AuthError> {
    if claims.get("nonce").and_then(Value::as_str) != Some(nonce) {
        return Err(AuthError::Refused("it belongs to another sign-in"));
    }
    let several = claims.get("aud").and_then(Value::as_array).is_some_and(|audiences| audiences.len() > 1);
    match claims.get("azp") {
        Some(party) if party.as_str() == Some(client_id) => Ok(()),
        None if !several => Ok(()),
        _ => Err(AuthError::Refused("it was issued to another client")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::Algorithm;
    use serde_json::json;

    fn claims(json: Value) -> Claims {
        json.as_object().expect("claims").clone()
    }

    #[test]
    fn a_token_holds_until_it_expires_give_or_take_the_difference_of_clocks() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        for (json, now, holds) in [
            (json!({ "exp": 100 }), 99, true),
            (json!({ "exp": 100 }), 129, true),
            (json!({ "exp": 100 }), 130, false),
            (json!({ "exp": 100.5 }), 99, true),
            (json!({ "exp": "100" }), 99, false),
            (json!({}), 99, false),
            (json!({ "exp": i64::MAX }), 99, false),
            (json!({ "exp": 100, "nbf": 80 }), 49, false),
            (json!({ "exp": 100, "nbf": 80 }), 50, true),
        ] {
            assert_eq!(check_times(&claims(json.clone()), at(now)).is_ok(), holds, "{json} at {now}");
        }
    }

    #[test]
    fn a_sign_in_takes_only_its_own_token() {
        for (json, good) in [
            (json!({ "nonce": "n", "aud": "us" }), true),
            (json!({ "nonce": "m", "aud": "us" }), false),
            (json!({ "aud": "us" }), false),
            (json!({ "nonce": "n", "aud": ["us", "them"] }), false),
            (json!({ "nonce": "n", "aud": ["us", "them"], "azp": "us" }), true),
            (json!({ "nonce": "n", "aud": "us", "azp": "them" }), false),
        ] {
            assert_eq!(check_sign_in(&claims(json.clone()), "n", "us").is_ok(), good, "{json}");
        }
    }

    #[test]
    fn other_kinds_of_tokens_and_shared_secrets_prove_nothing() {
        for (algorithm, kind, good) in [
            (Algorithm::RS256, None, true),
            (Algorithm::ES256, Some("JWT"), true),
            (Algorithm::EdDSA, Some("at+jwt"), true),
            (Algorithm::RS256, Some("logout+jwt"), false),
            (Algorithm::HS256, Some("JWT"), false),
        ] {
            let header = Header { typ: kind.map(str::to_owned), ..Header::new(algorithm) };
            assert_eq!(check_header(&header).is_ok(), good, "{algorithm:?} {kind:?}");
        }
    }
}
