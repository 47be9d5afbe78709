//! Keeps foreign web pages out: see [`origin`](crate::server::http::origin).

use crate::server::{
    config::Config,
    http::{origin::Ours, problem::Failure},
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Which requests may pass.
#[derive(Debug, Clone)]
pub(super) struct Guard(Arc<Ours>);

impl Guard {
    pub(super) fn new(config: &Config) -> Self {
        Self(Arc::new(Ours {
            public_url: config.public_url.clone(),
            allowed_origins: config.allowed_origins.clone(),
            beyond_loopback: !config.listen.ip().is_loopback(),
        }))
    }
}

/// Lets a request pass, or answers 403 with what to do about it.
pub(super) async fn check(State(Guard(ours)): State<Guard>, request: Request, next: Next) -> Response {
    if !ours.is_addressed(request.headers(), request.uri()) {
        return Failure::forbidden(
            "This service answers without sign-in, so only under names of its own machine. Use localhost, or have the operator set the public URL to the name in the address bar.",
        )
        .into_response();
    }
    if changes_or_stays(&request) && !ours.is_origin(request.headers(), request.uri()) {
        return Failure::forbidden(
            "The request comes from a page of another site, so nothing was done. If that site is meant to use this service, have the operator allow its origin.",
        )
        .into_response();
    }
    let allowed =
        request.headers().get(header::ORIGIN).filter(|origin| origin.to_str().is_ok_and(|origin| ours.is_allowed(origin))).cloned();
    let preflight = request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&allowed, preflight) {
        (Some(_), true) => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    if let Some(origin) = allowed {
        permit(&mut response, origin, preflight);
    }
    response
}

/// Whether the request changes something or opens a connection that stays.
fn changes_or_stays(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) || request.headers().contains_key(header::UPGRADE)
}

/// Tells the browser that the page of an allowed origin may read the answer (`storage-api.md` section 8).
fn permit(response: &mut Response, origin: HeaderValue, preflight: bool) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type, Upload-Offset"));
    }
}
