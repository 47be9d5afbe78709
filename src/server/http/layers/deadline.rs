//! A request that is not a stream is answered within half a minute, or told that it was not.

use crate::server::http::problem::Failure;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// Seconds for reading the request, carrying it out and answering.
const SECONDS: u64 = 30;

/// Answers 504 when the handler does not in time.
pub async fn apply(request: Request, next: Next) -> Response {
    match tokio::time::timeout(Duration::from_secs(SECONDS), next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::timeout(SECONDS).into_response(),
    }
}
