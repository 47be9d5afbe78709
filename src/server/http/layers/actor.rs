//! Who changes something is told to whatever records the change: see [`actor`](crate::server::actor).

use crate::server::{
    actor,
    http::{Api, caller::Caller},
};
use axum::{
    extract::{FromRequestParts as _, Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use std::sync::Arc;

/// Finds out who it is before the handler does, which then need not.
pub(super) async fn apply(State(api): State<Api>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(caller) = Caller::from_request_parts(&mut parts, &api).await;
    let person = caller.access().filter(|access| access.authenticated).map(|access| Arc::new(access.person.clone()));
    parts.extensions.insert(caller);
    actor::by(person, next.run(Request::from_parts(parts, body))).await
}
