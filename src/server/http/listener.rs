//! The second listener (`storage-api.md` section 0): the same API without the `/api` prefix, for clients that address Enduro's API
//! directly rather than through its dashboard's proxy.

use super::{handlers::metrics, problem::Failure};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Uri, uri::PathAndQuery},
    response::{IntoResponse, Response},
};
use std::convert::Infallible;
use tower::ServiceExt as _;

/// The door that a request came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The first listener: pages, and the API under `/api`.
    Pages,
    /// The second one.
    Api,
}

/// The second listener's answers, from the first one's API.
pub fn without_prefix(api: Router) -> Router {
    Router::new().fallback_service(tower::service_fn(move |request| {
        let api = api.clone();
        async move { Ok::<_, Infallible>(answer(api, request).await) }
    }))
}

async fn answer(api: Router, mut request: Request<Body>) -> Response {
    let mut parts = request.uri().clone().into_parts();
    let rest = parts.path_and_query.as_ref().map_or("/", PathAndQuery::as_str);
    let own = if request.uri().path() == metrics::PATH { "" } else { "/api" };
    let Ok(with_prefix) = format!("{own}{rest}").parse() else { return Failure::unknown_route().into_response() };
    parts.path_and_query = Some(with_prefix);
    let Ok(uri) = Uri::from_parts(parts) else { return Failure::unknown_route().into_response() };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(Door::Api);
    match api.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
