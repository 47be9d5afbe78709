//! The archive at a glance.

use crate::{
    api::{Overview, problem::ErrorObject},
    server::http::{Api, problem::Failure},
};
use axum::{Json, extract::State};

/// What the first page shows, in one answer.
#[utoipa::path(
    get,
    path = "/api/storage/overview",
    tag = "service",
    operation_id = "overview",
    responses(
        (status = 200, description = "Counts, locations, work in progress and the newest changes", body = Overview),
        (status = 500, description = "The server failed", body = ErrorObject),
    )
)]
pub async fn show(State(api): State<Api>) -> Result<Json<Overview>, Failure> {
    Ok(Json(api.services.overview().await?))
}
