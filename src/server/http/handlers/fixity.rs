//! Fixity checks. Ours.

use crate::{
    api::{
        FixityChecks, FixityStarted,
        problem::{ErrorObject, NotFound},
    },
    domain::attribute,
    server::http::{Api, caller::Caller, extract::Params, problem::Failure},
};
use axum::{Json, extract::State, http::StatusCode};
use uuid::Uuid;

/// Begins a fixity check of an AIP: every byte is read and compared with what was recorded, a bag's with its manifests too.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/fixity",
    tag = "aips",
    operation_id = "check_aip_fixity",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 202, description = "The check has begun"),
        (status = 400, description = "The AIP is not stored, or something is being done to it", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn begin(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<StatusCode, Failure> {
    caller.may(attribute::AIPS_FIXITY)?;
    api.services.check_fixity(uuid).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What the newest fixity checks of an AIP came to.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/fixity",
    tag = "aips",
    operation_id = "list_aip_fixity_checks",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The newest first, at most 20", body = FixityChecks),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn list(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Json<FixityChecks>, Failure> {
    caller.may(attribute::AIPS_READ)?;
    Ok(Json(api.services.fixity_checks(uuid).await?))
}

/// Begins a fixity check of everything that a location keeps, one AIP after the other.
#[utoipa::path(
    post,
    path = "/api/storage/locations/{uuid}/fixity",
    tag = "locations",
    operation_id = "check_location_fixity",
    params(("uuid" = Uuid, Path, description = "The location")),
    responses(
        (status = 202, description = "How many AIPs will be checked", body = FixityStarted),
        (status = 400, description = "The location is being checked already", body = ErrorObject),
        (status = 404, description = "There is no such location", body = NotFound),
    )
)]
pub async fn begin_location(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
) -> Result<(StatusCode, Json<FixityStarted>), Failure> {
    let access = caller.may(attribute::AIPS_FIXITY)?;
    Ok((StatusCode::ACCEPTED, Json(api.services.check_location_fixity(uuid, access.person.clone()).await?)))
}
