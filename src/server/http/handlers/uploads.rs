//! Taking a package in, in parts that go on where the connection broke.

use crate::{
    api::{
        CreateUpload, Upload,
        problem::{ErrorObject, NotFound},
        uploads::OFFSET_HEADER,
    },
    domain::attribute,
    server::http::{
        Api,
        caller::Caller,
        extract::{JsonBody, PackageBody, Params},
        handlers::deposits::PackageBytes,
        problem::Failure,
    },
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{AppendHeaders, IntoResponse},
};
use uuid::Uuid;

/// Announces a package that will come in parts.
#[utoipa::path(
    post,
    path = "/api/storage/uploads",
    tag = "deposits",
    operation_id = "create_upload",
    request_body(content = CreateUpload, example = json!({ "name": "fonds-12", "size": 1_048_576 })),
    responses(
        (status = 201, description = "The upload, which awaits its first byte", body = Upload),
        (status = 400, description = "The body is not valid, or there is no such location", body = ErrorObject),
        (status = 409, description = "There is no room for it", body = ErrorObject),
        (status = 413, description = "The package is larger than this service takes in", body = ErrorObject),
    )
)]
pub async fn create(State(api): State<Api>, caller: Caller, JsonBody(body): JsonBody<CreateUpload>) -> Result<impl IntoResponse, Failure> {
    caller.may(attribute::AIPS_CREATE)?;
    Ok((StatusCode::CREATED, standing(api.services.create_upload(body).await?)))
}

/// How far an upload is.
#[utoipa::path(
    get,
    path = "/api/storage/uploads/{uuid}",
    tag = "deposits",
    operation_id = "show_upload",
    params(("uuid" = Uuid, Path, description = "The upload")),
    responses(
        (status = 200, description = "The upload", body = Upload),
        (status = 404, description = "There is no such upload", body = NotFound),
    )
)]
pub async fn show(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<impl IntoResponse, Failure> {
    caller.may(attribute::AIPS_CREATE)?;
    Ok(standing(api.services.upload(uuid).await?))
}

/// Takes the next part: the body is its bytes, and the header says at which byte of the package it begins.
#[utoipa::path(
    patch,
    path = "/api/storage/uploads/{uuid}",
    tag = "deposits",
    operation_id = "append_upload",
    params(
        ("uuid" = Uuid, Path, description = "The upload"),
        ("upload-offset" = u64, Header, description = "The byte at which the part begins"),
    ),
    request_body(content = Option<PackageBytes>, content_type = "application/octet-stream", description = "The part"),
    responses(
        (status = 200, description = "The upload as it is now; after the last part it is being verified", body = Upload),
        (status = 404, description = "There is no such upload", body = NotFound),
        (status = 409, description = "The part begins elsewhere; the header upload-offset tells where to go on", body = ErrorObject),
    )
)]
pub async fn append(
    State(api): State<Api>,
    caller: Caller,
    Params((uuid, offset)): Params<(Uuid, u64)>,
    part: PackageBody,
) -> Result<impl IntoResponse, Failure> {
    caller.may(attribute::AIPS_CREATE)?;
    Ok(standing(part.taken_by(|bytes| api.services.append_upload(uuid, offset, bytes)).await?))
}

/// Calls an upload off; what came of it is removed.
#[utoipa::path(
    delete,
    path = "/api/storage/uploads/{uuid}",
    tag = "deposits",
    operation_id = "cancel_upload",
    params(("uuid" = Uuid, Path, description = "The upload")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "There is no such upload", body = NotFound),
        (status = 400, description = "It is kept already", body = ErrorObject),
    )
)]
pub async fn cancel(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<StatusCode, Failure> {
    caller.may(attribute::AIPS_CREATE)?;
    api.services.cancel_upload(uuid).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An upload, with the byte at which to go on in the header as well.
fn standing(upload: Upload) -> impl IntoResponse {
    (AppendHeaders([(OFFSET_HEADER, upload.offset.to_string())]), Json(upload))
}
