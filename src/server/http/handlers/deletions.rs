//! Deletions (`storage-api.md` sections 4.2, 4.6 and 9.2).

use crate::{
    api::{
        AutoDeletion, CancelDeletion, DeletionRequests, RequestDeletion, ReviewDeletion,
        problem::{ErrorObject, NotFound},
    },
    domain::{Person, attribute},
    server::http::{
        Api,
        caller::{Access, Caller},
        extract::{JsonBody, Params},
        problem::Failure,
    },
};
use axum::{Json, extract::State, http::StatusCode};
use uuid::Uuid;

/// Two people are needed, so it has to be known who they are.
fn somebody(access: &Access) -> Result<&Person, Failure> {
    if access.authenticated { by_name(access) } else { Err(Failure::not_valid("authentication is required")) }
}

/// The record and the report say who it was, to people who read them in years.
fn by_name(access: &Access) -> Result<&Person, Failure> {
    if access.named {
        return Ok(&access.person);
    }
    Err(Failure::not_valid("the sign-in says nobody's name: one of the claims email, preferred_username and name is needed"))
}

/// Everything that was asked about the deletion of an AIP, newest first.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/deletion-requests",
    tag = "deletion",
    operation_id = "list_aip_deletion_requests",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The requests", body = DeletionRequests),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn list(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Json<DeletionRequests>, Failure> {
    let access = caller.may(attribute::AIPS_READ)?;
    Ok(Json(api.services.deletion_requests(uuid, &access.person).await?))
}

/// Asks for the deletion of an AIP. Nothing is removed before somebody else agreed.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/deletion-request",
    tag = "deletion",
    operation_id = "request_aip_deletion",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    request_body(content = RequestDeletion, example = json!({ "reason": "A duplicate of another AIP, see the register." })),
    responses(
        (status = 202, description = "Somebody else has to agree now"),
        (status = 400, description = "The AIP is not stored, the reason is none, or nobody has to sign in here", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn request(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    JsonBody(body): JsonBody<RequestDeletion>,
) -> Result<StatusCode, Failure> {
    let access = caller.may(attribute::AIPS_DELETION_REQUEST)?;
    api.services.request_deletion(uuid, &body.reason, somebody(access)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Decides about a deletion that somebody else asked for. Once approved, the bytes are removed for good.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/deletion-review",
    tag = "deletion",
    operation_id = "review_aip_deletion",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    request_body(content = ReviewDeletion, example = json!({ "approved": true })),
    responses(
        (status = 202, description = "Decided"),
        (status = 400, description = "Nothing awaits a decision, or whoever decides asked for it", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn review(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    JsonBody(body): JsonBody<ReviewDeletion>,
) -> Result<StatusCode, Failure> {
    let access = caller.may(attribute::AIPS_DELETION_REVIEW)?;
    api.services.review_deletion(uuid, body.approved, somebody(access)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Calls one's own deletion request off, or, with `check`, says whether one could.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/deletion-cancel",
    tag = "deletion",
    operation_id = "cancel_aip_deletion",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    request_body(content = CancelDeletion, example = json!({})),
    responses(
        (status = 202, description = "Called off, or with check: it could be"),
        (status = 400, description = "Nothing awaits a decision", body = ErrorObject),
        (status = 403, description = "Somebody else asked for it", body = String),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    JsonBody(body): JsonBody<CancelDeletion>,
) -> Result<StatusCode, Failure> {
    let access = caller.may(attribute::AIPS_DELETION_REQUEST)?;
    api.services.cancel_deletion(uuid, body.check == Some(true), somebody(access)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Deletes an AIP without a review: for programs that were given this right.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/deletion-auto",
    tag = "deletion",
    operation_id = "delete_aip_automatically",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    request_body(content = AutoDeletion, example = json!({ "reason": "The retention period ended in 2025." })),
    responses(
        (status = 202, description = "The deletion has begun"),
        (status = 400, description = "The AIP is not stored, or the reason is none", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn auto(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    JsonBody(body): JsonBody<AutoDeletion>,
) -> Result<StatusCode, Failure> {
    let access = caller.may(attribute::AIPS_DELETION_AUTO)?;
    api.services.delete_without_review(uuid, &body.reason, body.skip_report == Some(true), by_name(access)?).await?;
    Ok(StatusCode::ACCEPTED)
}
