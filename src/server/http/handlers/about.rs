//! The service itself.

use crate::{api::About, server::http::Api};
use axum::{Json, extract::State};

/// What this service is.
#[utoipa::path(
    get,
    path = "/api/about",
    tag = "service",
    operation_id = "about",
    responses((status = 200, description = "Version, limits and identity of the process", body = About))
)]
pub async fn show(State(api): State<Api>) -> Json<About> {
    Json(api.services.about())
}
