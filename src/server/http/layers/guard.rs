//! Keeps foreign web pages out: see [`origin`](crate::server::http::origin).

use crate::server::http::{Api, problem::Failure};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Lets a request pass, or answers 403 with what to do about it.
pub(super) async fn check(State(api): State<Api>, request: Request, next: Next) -> Response {
    let ours = &api.ours;
    // Where people sign in under a public name, a foreign page under a foreign name is nobody: their cookie is not sent to it.
    let any_name = api.auth.is_required() && ours.public_url.is_some();
    if !any_name && !ours.is_addressed(request.headers(), request.uri()) {
        return Failure::forbidden(
            "This service answers only under names of its own machine. Use localhost, or have the operator set the public URL to the name in the address bar.",
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
    let asks = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    // There is something at this address, and what may be done with it is in `Allow` (section 8: OPTIONS exists everywhere).
    if asks && response.status() == StatusCode::METHOD_NOT_ALLOWED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
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
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Authorization, Content-Type, If-Match, If-None-Match, Upload-Offset"),
        );
    }
}
