//! The service's figures, for Prometheus. No operation of the API: programs that read it know its address and its form.

use crate::{
    domain::attribute,
    server::http::{Api, caller::Caller, problem::Failure},
};
use axum::{extract::State, http::header, response::IntoResponse};

/// Where they are, on either listener.
pub const PATH: &str = "/metrics";

/// All figures, in Prometheus' text exposition format.
pub async fn show(State(api): State<Api>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    caller.may(attribute::SYSTEM_METRICS_READ)?;
    let text = api.services.exposition().await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}
