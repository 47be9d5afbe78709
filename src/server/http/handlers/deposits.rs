//! Taking a package in, in one stream.

use crate::{
    api::{DepositQuery, Deposited, problem::ErrorObject},
    domain::attribute,
    server::http::{
        Api,
        caller::Caller,
        extract::{PackageBody, Params},
        problem::Failure,
    },
};
use axum::{Json, extract::State, http::StatusCode};

/// The bytes of a package, or of a part of one: for the document only, as no handler holds them.
#[derive(Debug, utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it names a schema and is never made")]
pub struct PackageBytes(Vec<u8>);

/// Takes a package in: the body is its bytes. It is verified while it is read, and kept only as a whole.
#[utoipa::path(
    post,
    path = "/api/storage/deposits",
    tag = "deposits",
    operation_id = "deposit",
    params(
        ("name" = String, Query, description = "Name of the AIP"),
        ("location" = Option<String>, Query, description = "UUID or name of the location; the first AIP store when absent"),
    ),
    request_body(content = PackageBytes, content_type = "application/octet-stream", description = "The package: 7z, zip, tar or tar.gz"),
    responses(
        (status = 201, description = "The AIP, and what its verification found", body = Deposited),
        (status = 400, description = "The package was refused: the verdict says why", body = ErrorObject),
        (status = 409, description = "The connection broke before the package was whole; nothing of it was kept", body = ErrorObject),
        (status = 413, description = "The package is larger than this service takes in", body = ErrorObject),
        (status = 503, description = "Too many packages are coming in", body = ErrorObject),
    )
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    Params(query): Params<DepositQuery>,
    package: PackageBody,
) -> Result<(StatusCode, Json<Deposited>), Failure> {
    caller.may(attribute::AIPS_CREATE)?;
    Ok((StatusCode::CREATED, Json(package.taken_by(|bytes| api.services.deposit(query, bytes)).await?)))
}
