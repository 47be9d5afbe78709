//! The archive at a glance.

use crate::{
    api::{Overview, problem::ErrorObject},
    domain::attribute,
    server::http::{Api, caller::Caller, problem::Failure},
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
pub async fn show(State(api): State<Api>, caller: Caller) -> Result<Json<Overview>, Failure> {
    let access = caller.may(attribute::AIPS_LIST)?;
    let decides = access.authenticated && access.permissions.allow(attribute::AIPS_DELETION_REVIEW);
    Ok(Json(api.services.overview(decides.then_some(&access.person)).await?))
}
