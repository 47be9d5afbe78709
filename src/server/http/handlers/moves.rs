//! Moving and rejecting AIPs (`storage-api.md` sections 4.2 and 4.6).

use crate::{
    api::{
        MoveAip, MoveStatus,
        problem::{ErrorObject, NotFound},
    },
    domain::attribute,
    server::http::{
        Api,
        caller::Caller,
        extract::{JsonBody, Params},
        problem::Failure,
    },
};
use axum::{Json, extract::State, http::StatusCode};
use uuid::Uuid;

/// Sends an AIP to another location. The move goes on by itself: copy, read back and compare, record, and only then remove at the source.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/store",
    tag = "aips",
    operation_id = "move_aip",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    request_body(content = MoveAip, example = json!({ "location_uuid": "5d2f6f2e-6a1e-4f0e-9a56-0f0b7b3a1c11" })),
    responses(
        (status = 202, description = "The move has begun"),
        (status = 400, description = "The AIP is not stored, or the target is none that it can go to", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
        (status = 409, description = "It cannot be moved at this moment", body = ErrorObject),
    )
)]
pub async fn begin(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    JsonBody(body): JsonBody<MoveAip>,
) -> Result<StatusCode, Failure> {
    caller.may(attribute::AIPS_MOVE)?;
    api.services.move_aip(uuid, body.location_uuid).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether the last move of an AIP is over.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/store",
    tag = "aips",
    operation_id = "show_aip_move",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "Whether it is over", body = MoveStatus),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
        (status = 424, description = "The last move failed, or there was none", body = ErrorObject),
    )
)]
pub async fn status(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Json<MoveStatus>, Failure> {
    caller.may(attribute::AIPS_MOVE)?;
    Ok(Json(api.services.move_status(uuid).await?))
}

/// Rejects an AIP in a review of what was ingested: its status becomes `deleted`; no byte is removed.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/reject",
    tag = "aips",
    operation_id = "reject_aip",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 202, description = "It is rejected"),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
        (status = 409, description = "Something is being done to the AIP", body = ErrorObject),
    )
)]
pub async fn reject(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<StatusCode, Failure> {
    caller.may(attribute::AIPS_REVIEW)?;
    api.services.reject_aip(uuid).await?;
    Ok(StatusCode::ACCEPTED)
}
