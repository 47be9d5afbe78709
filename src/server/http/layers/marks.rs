//! The headers that every answer carries.

use crate::{api::POSITION_HEADER, server::http::Api};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Version of the software, under the name that Enduro's clients know (`storage-api.md` section 1).
const VERSION_HEADER: HeaderName = HeaderName::from_static("x-enduro-version");

/// Adds version and position. The position is read before the handler runs: the data may be newer than it says, never older
/// (`realtime.md` section 4).
pub(super) async fn apply(State(api): State<Api>, request: Request, next: Next) -> Response {
    let position = HeaderValue::try_from(api.services.position().to_string());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(VERSION_HEADER, HeaderValue::from_static(env!("CARGO_PKG_VERSION")));
    if let Ok(position) = position {
        headers.insert(HeaderName::from_static(POSITION_HEADER), position);
    }
    // What the API answers is no page, whatever a browser takes it for.
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(nothing);
    // A stale answer from a cache would be a screen that is wrong. What may be asked again with its tag says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
