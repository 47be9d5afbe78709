//! One line in the log per request, and an id that ties everything logged for it together.

use crate::server::{http::random::base64url, telemetry::origin};
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Instant};
use tracing::{Instrument, error_span, field::Empty, info};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header in which an answer tells its request's id.
const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// What stands in the pattern of a route whose address opens something to whoever knows it.
const SECRET: &str = "{secret}";

/// Runs the request in a span of its own. The span holds the method and the path: neither the query string, which may name
/// people, nor any header, which may hold a credential, nor an address that is one. It is of the highest level, so that a line of any
/// level tells its request; nothing is said by it.
pub(super) async fn apply(request: Request, next: Next) -> Response {
    let id: Arc<str> = base64url::<9>().into();
    let (method, route) = (request.method(), request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str));
    let path = if route.contains(SECRET) { route } else { request.uri().path() };
    let name = format!("{method} {route}");
    let span = error_span!("request", request_id = %id, %method, path, otel.name = name, otel.kind = "server", otel.status_code = Empty);
    let began = Instant::now();
    let answered = async {
        let response = next.run(request).await;
        let status = response.status();
        info!(status = status.as_u16(), ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX), "answered");
        (response, status)
    };
    let (mut response, status) = origin::within(Arc::clone(&id), &span, answered).instrument(span.clone()).await;
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Ok(id) = HeaderValue::try_from(&*id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, id);
    }
    response
}
