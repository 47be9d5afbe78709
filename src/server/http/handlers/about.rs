//! The service itself.

use crate::{
    api::About,
    server::http::{Api, caller::Caller, problem::Failure},
};
use axum::{Json, extract::State};

/// What this service is.
#[utoipa::path(
    get,
    path = "/api/about",
    tag = "service",
    operation_id = "about",
    responses(
        (status = 200, description = "Version, limits and identity of the process", body = About),
        (status = 401, description = "Nobody is signed in", body = String),
    )
)]
pub async fn show(State(api): State<Api>, caller: Caller) -> Result<Json<About>, Failure> {
    caller.known()?;
    Ok(Json(api.services.about()))
}
