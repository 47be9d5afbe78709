//! Signing in and out: a browser goes from here to its person's identity provider, and comes back.

use crate::{
    api::{
        problem::ErrorObject,
        user::{SignInProblem, SignedOut},
    },
    server::{
        auth::{AuthError, SessionKey},
        db::audit::{AuditEntry, Outcome},
        http::{
            Api,
            address::ClientAddress,
            caller::Caller,
            cookies,
            extract::{Params, RawParams, ReadParams},
            problem::Failure,
            random::base64url,
        },
    },
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Serialize;

/// Where the provider sends people back to. It has to be registered with the provider.
pub const CALLBACK: &str = "/api/auth/callback";
/// The page that offers to sign in. It has to be registered with the provider as a place to come back to after signing out.
pub const SIGN_IN_PAGE: &str = "/user/signin";
/// Longest path that is come back to.
const LONGEST: usize = 2_000;

/// Which provider, and what then.
#[derive(Debug, Clone)]
pub struct SignIn {
    provider: Option<String>,
    return_to: String,
}

impl ReadParams for SignIn {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        let return_to = raw.text("return").unwrap_or_else(|| "/".into());
        if !is_local_path(&return_to) {
            return Err(Failure::not_valid("return: must be the path of a page of this service, such as /storage/aips"));
        }
        Ok(Some(Self { provider: raw.text("provider"), return_to }))
    }
}

/// Whether a browser that is sent there stays with us. Browsers read `//host` and `/\host` as other sites, and skip control
/// characters before they look.
fn is_local_path(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && path.len() <= LONGEST
        && !path.contains(|c: char| c.is_control() || c == '\\')
}

/// Begins a sign-in: sends the browser to the provider.
#[utoipa::path(
    get,
    path = "/api/auth/signin",
    tag = "identity",
    operation_id = "sign_in",
    params(
        ("provider" = Option<String>, Query, description = "Which one; needed where there are several"),
        ("return" = Option<String>, Query, description = "The page that is wanted, e.g. /storage/aips"),
    ),
    responses(
        (status = 303, description = "To the provider; or back to the sign-in page, which tells what is wrong"),
        (status = 400, description = "There is no such provider, or nobody has to sign in", body = ErrorObject),
        (status = 429, description = "Too many sign-ins from this address", body = ErrorObject),
    )
)]
pub async fn sign_in(
    State(api): State<Api>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Params(SignIn { provider, return_to }): Params<SignIn>,
) -> Result<Response, Failure> {
    required(&api)?;
    api.sign_in_rate.check(address, api.services.clock().now())?;
    let provider = api.auth.provider(provider.as_deref()).ok_or_else(|| {
        let ids: Vec<_> = api.auth.providers().iter().map(|provider| provider.config.id.as_str()).collect();
        Failure::not_valid(format!("provider: must be one of {}", ids.join(", ")))
    })?;
    // Kept when it is there: two windows of one browser may be signing in at the same time.
    let browser = cookies::find(&headers, &api.cookie(cookies::SIGN_IN)).filter(|value| value.len() == 43).map(str::to_owned);
    let browser = browser.unwrap_or_else(base64url::<32>);
    let redirect = format!("{}{CALLBACK}", base(&api, &headers)?);
    match api.auth.begin_sign_in(provider, redirect, return_to.clone(), &browser).await {
        Ok(url) => {
            let cookie = api.set_cookie(cookies::SIGN_IN, &browser, crate::server::auth::signin::PENDING_SECONDS);
            Ok(redirect_to(&url, [cookie]))
        }
        Err(error) => {
            tracing::warn!(%error, provider = provider.config.id, "nobody can sign in");
            Ok(redirect_to(&sign_in_page(Some(SignInProblem::Unreachable), Some(&return_to)), []))
        }
    }
}

/// What the provider sends back.
#[derive(Debug, Clone)]
pub struct Returned {
    code: Option<String>,
    state: Option<String>,
    issuer: Option<String>,
}

impl ReadParams for Returned {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        Ok(Some(Self { code: raw.text("code"), state: raw.text("state"), issuer: raw.text("iss") }))
    }
}

/// Ends a sign-in: the provider sends the browser here.
#[utoipa::path(
    get,
    path = "/api/auth/callback",
    tag = "identity",
    operation_id = "finish_sign_in",
    params(
        ("code" = Option<String>, Query, description = "What the provider proves the sign-in with"),
        ("state" = Option<String>, Query, description = "Which sign-in"),
        ("iss" = Option<String>, Query, description = "The provider (RFC 9207)"),
        ("error" = Option<String>, Query, description = "Why it did not succeed there"),
    ),
    responses(
        (status = 303, description = "To the page that was wanted, with a session; or back to the sign-in page, which tells what is wrong"),
        (status = 400, description = "Nobody has to sign in", body = ErrorObject),
        (status = 429, description = "Too many sign-ins from this address", body = ErrorObject),
    )
)]
pub async fn callback(
    State(api): State<Api>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Params(returned): Params<Returned>,
) -> Result<Response, Failure> {
    required(&api)?;
    let now = api.services.clock().now();
    api.sign_in_rate.check(address, now)?;
    let browser = cookies::find(&headers, &api.cookie(cookies::SIGN_IN)).unwrap_or_default();
    let pending = api.auth.sign_ins().take(returned.state.as_deref().unwrap_or_default(), browser, now);
    let Some(pending) = pending else {
        return Ok(redirect_to(&sign_in_page(Some(SignInProblem::Expired), None), []));
    };
    let return_to = pending.return_to.clone();
    let signed_in = match (returned.code, returned.issuer) {
        // An answer of another provider that was slipped in (RFC 9207 section 2.4).
        (_, Some(issuer)) if issuer != pending.issuer() => Err(AuthError::Refused("another provider answers")),
        (Some(code), _) => api.auth.finish_sign_in(pending, code).await,
        (None, _) => Err(AuthError::Refused("the provider does not confirm it")),
    };
    match signed_in {
        Ok(signed_in) => {
            end_session_before(&api, &headers).await?;
            api.services.audit(AuditEntry { address, ..AuditEntry::done("sign-in", &signed_in.person) }).await?;
            let session = api.set_cookie(cookies::SESSION, signed_in.secret.reveal(), api.auth.sessions().max_seconds());
            Ok(redirect_to(&return_to, [session]))
        }
        Err(error) => {
            tracing::warn!(%error, "a sign-in did not succeed");
            let (problem, outcome) = match &error {
                AuthError::Refused(_) => (SignInProblem::Refused, Outcome::Refused),
                AuthError::NotLetIn(_) => (SignInProblem::NotLetIn, Outcome::Refused),
                AuthError::Unreachable(_) | AuthError::Database(_) => (SignInProblem::Unreachable, Outcome::Failed),
            };
            let detail = Some(problem.as_str().to_owned());
            api.services.audit(AuditEntry { action: "sign-in", outcome, person: None, aip_uuid: None, address, detail }).await?;
            Ok(redirect_to(&sign_in_page(Some(problem), Some(&return_to)), []))
        }
    }
}

/// A browser has one session: the one before ends.
async fn end_session_before(api: &Api, headers: &HeaderMap) -> Result<(), Failure> {
    let Some(secret) = cookies::find(headers, &api.cookie(cookies::SESSION)) else { return Ok(()) };
    api.auth.sessions().end(SessionKey::of(secret)).await.map_err(|error| Failure::fault(&error.to_string()))?;
    Ok(())
}

/// Signs out: ends the session and its live connections, and tells where the provider's own session is ended.
#[utoipa::path(
    post,
    path = "/api/auth/signout",
    tag = "identity",
    operation_id = "sign_out",
    responses(
        (status = 200, description = "Signed out here; go there to sign out at the provider as well", body = SignedOut),
        (status = 403, description = "The request does not come from a page of ours", body = String),
    )
)]
pub async fn sign_out(
    State(api): State<Api>,
    caller: Caller,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Failure> {
    let mut location = None;
    if let Some(access) = caller.if_known()?
        && let Some(session) = access.session()
    {
        let ended = api.auth.sessions().end(session).await.map_err(|error| Failure::fault(&error.to_string()))?;
        api.services.audit(AuditEntry { address, ..AuditEntry::done("sign-out", &access.person) }).await?;
        if let Some(ended) = ended
            && let Some(provider) = api.auth.provider(Some(&ended.provider))
        {
            let back = format!("{}{SIGN_IN_PAGE}", base(&api, &headers)?);
            location = api.auth.end_session_url(provider, ended.id_token.as_ref(), back).await;
        }
    }
    let location = location.unwrap_or_else(|| if api.auth.is_required() { SIGN_IN_PAGE.into() } else { "/".into() });
    Ok((AppendHeaders([(header::SET_COOKIE, api.set_cookie(cookies::SESSION, "", 0))]), Json(SignedOut { location })))
}

fn required(api: &Api) -> Result<(), Failure> {
    if api.auth.is_required() { Ok(()) } else { Err(Failure::not_valid("Nobody has to sign in here: no identity provider is set up.")) }
}

/// Where people reach this service. Without a public address it is on their own machine, under the name that they use, which was
/// checked to be one of this machine's.
fn base(api: &Api, headers: &HeaderMap) -> Result<String, Failure> {
    if let Some(url) = &api.services.config().public_url {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    host.map(|host| format!("http://{host}")).ok_or_else(|| Failure::not_valid("The request has no Host header."))
}

/// The address of the sign-in page.
#[must_use]
pub fn sign_in_page(problem: Option<SignInProblem>, return_to: Option<&str>) -> String {
    #[derive(Serialize)]
    struct Query<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'static str>,
        #[serde(rename = "return", skip_serializing_if = "Option::is_none")]
        return_to: Option<&'a str>,
    }
    let return_to = return_to.filter(|path| *path != "/" && is_local_path(path));
    let query = serde_urlencoded::to_string(Query { error: problem.map(SignInProblem::as_str), return_to }).unwrap_or_default();
    if query.is_empty() { SIGN_IN_PAGE.to_owned() } else { format!("{SIGN_IN_PAGE}?{query}") }
}

fn redirect_to<const N: usize>(url: &str, cookies: [String; N]) -> Response {
    let cookies = cookies.map(|cookie| (header::SET_COOKIE, cookie));
    (StatusCode::SEE_OTHER, AppendHeaders(cookies), [(header::LOCATION, url)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_our_own_are_come_back_to() {
        for path in ["/", "/storage/aips?status=stored&query=a%20b#top", "/a//b"] {
            assert!(is_local_path(path), "{path}");
        }
        for path in [
            "",
            "storage",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=y",
        ] {
            assert!(!is_local_path(path), "{path:?}");
        }
        assert!(!is_local_path(&format!("/{}", "a".repeat(LONGEST))));
    }

    #[test]
    fn the_sign_in_page_is_told_what_is_wrong_and_what_was_wanted() {
        assert_eq!(sign_in_page(None, Some("/")), "/user/signin");
        assert_eq!(
            sign_in_page(Some(SignInProblem::NotLetIn), Some("/storage/aips?query=a&b")),
            "/user/signin?error=not-let-in&return=%2Fstorage%2Faips%3Fquery%3Da%26b"
        );
        assert_eq!(sign_in_page(None, Some("//evil.example")), "/user/signin");
    }
}
