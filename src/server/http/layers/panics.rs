//! A bug in one handler ends one request, and the client is told in the API's own words.

use crate::server::http::problem::Failure;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use std::{any::Any, panic::AssertUnwindSafe};

/// Turns a panic into a 500. Nothing that the handler shares is left half-changed: what is shared is behind locks that recover
/// or in the database, whose transaction ends with the handler.
pub(super) async fn catch(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => Failure::fault(&format!("panic: {}", message(panic.as_ref()))).into_response(),
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, middleware, routing};
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_becomes_a_fault_without_its_message() {
        async fn broken() -> &'static str {
            std::panic::panic_any("the secret is 1234")
        }
        let router: Router = Router::new().route("/", routing::get(broken)).layer(middleware::from_fn(catch));
        let response = router.oneshot(Request::new(Body::empty())).await.expect("an answer");
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("a short body");
        let error: crate::api::problem::ErrorObject = serde_json::from_slice(&body).expect("shape A");
        assert_eq!((error.name.as_str(), error.fault), ("fault", true));
        assert!(!error.message.contains("1234"));
    }
}
