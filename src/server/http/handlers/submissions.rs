//! Uploads as Enduro's clients make them (`storage-api.md` sections 4.2 and 4.6).

use crate::{
    api::{SubmitAip, Submitted, problem::ErrorObject},
    domain::attribute,
    server::http::{
        Api,
        caller::Caller,
        extract::{JsonBody, PackageBody, Params},
        handlers::deposits::PackageBytes,
        listener::Door,
        problem::Failure,
        random::{base64url, digest},
    },
};
use axum::{
    Extension, Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
};
use uuid::Uuid;

/// Announces an AIP and returns the address that its package is to be put to: once, within 15 minutes.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/submit",
    tag = "submission",
    operation_id = "submit_aip",
    params(("uuid" = Uuid, Path, description = "The AIP's future UUID")),
    request_body(content = SubmitAip, example = json!({ "name": "fonds-12.7z" })),
    responses(
        (status = 202, description = "Where to put the package", body = Submitted),
        (status = 400, description = "The name is none, or the UUID is taken", body = ErrorObject),
    )
)]
pub async fn submit(
    State(api): State<Api>,
    caller: Caller,
    door: Option<Extension<Door>>,
    Params(uuid): Params<Uuid>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SubmitAip>,
) -> Result<(StatusCode, Json<Submitted>), Failure> {
    caller.may(attribute::AIPS_SUBMIT)?;
    let secret = base64url::<32>();
    api.services.submit(uuid, &body.name, digest(&secret)).await?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let base = match (door.map_or(Door::Pages, |Extension(door)| door), &api.services.config().public_url) {
        (Door::Pages, Some(url)) => format!("{}/api", url.trim_end_matches('/')),
        (Door::Pages, None) => format!("http://{host}/api"),
        (Door::Api, _) => format!("http://{host}"),
    };
    Ok((StatusCode::ACCEPTED, Json(Submitted { url: format!("{base}/storage/submissions/{secret}") })))
}

/// Takes a submitted package. Whoever knows the address may: it is secret, and good once.
#[utoipa::path(
    put,
    path = "/api/storage/submissions/{secret}",
    tag = "submission",
    operation_id = "put_submission",
    params(("secret" = String, Path, description = "What makes the address")),
    request_body(content = PackageBytes, content_type = "application/octet-stream", description = "The package"),
    responses(
        (status = 200, description = "It is here, and sound"),
        (status = 400, description = "The package is refused; nothing of it was kept", body = ErrorObject),
        (status = 404, description = "The address is not good, or not any more", body = ErrorObject),
        (status = 409, description = "The connection broke, or the package is on its way already", body = ErrorObject),
        (status = 503, description = "The service has no room for it just now", body = ErrorObject),
    )
)]
pub async fn put(State(api): State<Api>, Path(secret): Path<String>, body: PackageBody) -> Result<StatusCode, Failure> {
    body.taken_by(|bytes| api.services.receive_submission(digest(&secret), bytes)).await?;
    Ok(StatusCode::OK)
}

/// Notes that a submitted package is complete: the AIP is `pending` until it is moved to a location.
#[utoipa::path(
    post,
    path = "/api/storage/aips/{uuid}/submit-complete",
    tag = "submission",
    operation_id = "complete_aip_submission",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 202, description = "It is pending"),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 409, description = "No package of it was received", body = ErrorObject),
    )
)]
pub async fn complete(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<StatusCode, Failure> {
    caller.may(attribute::AIPS_SUBMIT)?;
    api.services.complete_submission(uuid).await?;
    Ok(StatusCode::ACCEPTED)
}
