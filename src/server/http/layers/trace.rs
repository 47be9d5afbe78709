//! One line in the log per request, and an id that ties everything logged for it together.

use crate::server::http::random::base64url;
use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::time::Instant;
use tracing::{Instrument, info, info_span};

/// The header in which an answer tells its request's id.
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the request in a span of its own. The span holds the method and the path: neither the query string, which may name
/// people, nor any header, which may hold a credential.
pub(super) async fn apply(request: Request, next: Next) -> Response {
    let id = base64url::<9>();
    let span = info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let began = Instant::now();
    let mut response = async {
        let response = next.run(request).await;
        info!(status = response.status().as_u16(), ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), "answered");
        response
    }
    .instrument(span)
    .await;
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    response
}
