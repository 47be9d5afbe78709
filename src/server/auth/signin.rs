//! Signing in: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9207).
//!
//! What a sign-in under way needs is kept in memory, bound to the browser that began it by a cookie: a link that somebody else
//! made cannot sign anybody in as that other person. A restart forgets it, and the person begins again.

use super::{
    Auth, AuthError,
    claims::{self, Claims},
    provider::{Provider, Use},
};
use crate::{
    domain::{Person, Timestamp},
    server::{
        config::Secret,
        http::random::{base64url, digest},
    },
};
use openidconnect::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse as _,
    core::{CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Seconds that somebody may take at their provider.
pub const PENDING_SECONDS: i64 = 600;
/// Sign-ins that may be under way at one time.
const MOST: usize = 10_000;

/// The sign-ins that are under way, by the digest of their state.
#[derive(Default)]
pub struct SignIns(Mutex<HashMap<[u8; 32], Pending>>);

/// One sign-in that is under way.
pub struct Pending {
    browser: [u8; 32],
    provider: Arc<Provider>,
    nonce: String,
    verifier: PkceCodeVerifier,
    redirect: RedirectUrl,
    expires: Timestamp,
    /// The page that was wanted.
    pub return_to: String,
}

/// Somebody who signed in.
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The secret of their new session.
    pub secret: Secret,
}

impl SignIns {
    fn insert(&self, state: &str, pending: Pending, now: Timestamp) -> Result<(), AuthError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, pending| pending.expires > now);
        }
        if all.len() >= MOST {
            return Err(AuthError::Unreachable("too many people are signing in at this moment".into()));
        }
        all.insert(digest(state), pending);
        Ok(())
    }

    /// Takes the sign-in with this state, if it was begun by the browser with this secret and not too long ago.
    #[must_use]
    pub fn take(&self, state: &str, browser: &str, now: Timestamp) -> Option<Pending> {
        let pending = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(state))?;
        (pending.browser == digest(browser) && pending.expires > now).then_some(pending)
    }
}

impl Pending {
    /// The provider's address, as its answers name it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.provider.config.issuer
    }
}

impl Auth {
    /// Begins a sign-in. Yields where the browser has to go; it comes back to `redirect`.
    ///
    /// # Errors
    /// When the provider cannot be asked where that is.
    pub async fn begin_sign_in(
        &self,
        provider: &Arc<Provider>,
        redirect: String,
        return_to: String,
        browser: &str,
    ) -> Result<String, AuthError> {
        let metadata = provider.metadata().await?;
        let redirect = RedirectUrl::new(redirect).map_err(|error| AuthError::Unreachable(error.to_string()))?;
        let (state, nonce) = (base64url::<32>(), base64url::<32>());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let client = CoreClient::from_provider_metadata((*metadata).clone(), ClientId::new(provider.config.client_id.clone()), None)
            .set_redirect_uri(redirect.clone());
        let (told_state, told_nonce) = (CsrfToken::new(state.clone()), Nonce::new(nonce.clone()));
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || told_state, move || told_nonce)
            .set_pkce_challenge(challenge)
            .add_scopes(provider.config.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new));
        let (url, _, _) = request.url();
        let now = self.0.clock.now();
        let expires = Timestamp::from_micros(now.micros().saturating_add(PENDING_SECONDS * 1_000_000));
        let pending = Pending { browser: digest(browser), provider: Arc::clone(provider), nonce, verifier, redirect, expires, return_to };
        self.0.sign_ins.insert(&state, pending, now)?;
        Ok(url.into())
    }

    /// Ends a sign-in: exchanges the code, proves the token, and begins a session.
    ///
    /// # Errors
    /// When the code or the token is not good, the person is not let in, or the provider or the database fails.
    pub async fn finish_sign_in(&self, pending: Pending, code: String) -> Result<SignedIn, AuthError> {
        let Pending { provider, nonce, verifier, redirect, .. } = pending;
        let metadata = provider.metadata().await?;
        let secret = provider.config.client_secret.reveal();
        let secret = (!secret.is_empty()).then(|| ClientSecret::new(secret.to_owned()));
        let client = CoreClient::from_provider_metadata((*metadata).clone(), ClientId::new(provider.config.client_id.clone()), secret)
            .set_redirect_uri(redirect)
            .set_auth_type(auth_type(&metadata));
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| AuthError::Unreachable(error.to_string()))?;
        let tokens = exchange.set_pkce_verifier(verifier).request_async(provider.http()).await.map_err(|error| match error {
            openidconnect::RequestTokenError::ServerResponse(_) => AuthError::Refused("the provider does not take the code"),
            other => AuthError::Unreachable(format!("the code could not be exchanged: {other}")),
        })?;
        let id_token = tokens.id_token().ok_or(AuthError::Refused("the provider sent no ID token"))?.to_string();
        let mut claims = provider.verify(&id_token, Use::SignIn { nonce: &nonce }).await?.claims;
        if let Some(url) = metadata.userinfo_endpoint()
            && claims::lacks(&provider.config, &claims)
        {
            add_user_info(&mut claims, &provider, url.as_str(), tokens.access_token().secret()).await?;
        }
        let identity = claims::identify(&provider.config, &claims)?;
        let begun = self.0.sessions.begin(&provider, &identity, &claims, Secret::new(id_token)).await;
        let secret = begun.map_err(|error| AuthError::Database(error.to_string()))?;
        Ok(SignedIn { person: identity.person, secret })
    }

    /// Where a browser ends the provider's own session, and comes back to `back`; nowhere when the provider has no such place or
    /// does not answer (OpenID Connect RP-Initiated Logout 1.0).
    pub async fn end_session_url(&self, provider: &Provider, id_token: Option<&Secret>, back: String) -> Option<String> {
        let metadata = match provider.metadata().await {
            Ok(metadata) => metadata,
            Err(error) => {
                tracing::warn!(%error, provider = provider.config.id, "somebody signed out here, and not at the provider");
                return None;
            }
        };
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone()?;
        let mut request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(provider.config.client_id.clone()))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(back).ok()?);
        if let Some(token) = id_token.and_then(|token| token.reveal().parse::<CoreIdToken>().ok()) {
            request = request.set_id_token_hint(&token);
        }
        Some(request.http_get_url().into())
    }
}

/// As the provider wants it: basic authentication unless it takes only the other.
fn auth_type(metadata: &ProviderMetadataWithLogout) -> AuthType {
    let methods = metadata.token_endpoint_auth_methods_supported();
    let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
    if !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost) {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    }
}

/// Adds what the ID token does not say (OpenID Connect Core 1.0 section 5.3). What it says wins.
async fn add_user_info(claims: &mut Claims, provider: &Provider, url: &str, access_token: &str) -> Result<(), AuthError> {
    let unreachable = |error: reqwest::Error| AuthError::Unreachable(format!("its user info cannot be read: {error}"));
    let answer = provider.http().get(url).bearer_auth(access_token).send().await.and_then(reqwest::Response::error_for_status);
    let bytes = answer.map_err(unreachable)?.bytes().await.map_err(unreachable)?;
    // A signed answer is no JSON object; the ID token has to say everything then.
    let Ok(info) = serde_json::from_slice::<Claims>(&bytes) else { return Ok(()) };
    if info.get("sub").and_then(Value::as_str) != claims.get("sub").and_then(Value::as_str) {
        return Err(AuthError::Refused("the user info is about somebody else"));
    }
    for (name, value) in info {
        claims.entry(name).or_insert(value);
    }
    Ok(())
}
