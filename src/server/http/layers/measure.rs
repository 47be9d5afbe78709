//! Counts requests and how long they take (`/metrics`).

use crate::server::http::Api;
use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use std::{net::SocketAddr, time::Instant};

/// What is no route: files, and pages that there are not.
const NO_ROUTE: &str = "other";

/// Counts what came over the wire: what a page asks while it is rendered is part of the page. Of the address only the route's pattern
/// is told.
pub async fn apply(State(api): State<Api>, request: Request, next: Next) -> Response {
    if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
        return next.run(request).await;
    }
    let method = word(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let began = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    api.services.meters().answered(method, route, response.status().as_u16(), began.elapsed());
    response
}

/// A client may invent methods.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
