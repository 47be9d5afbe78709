//! Archival packages (`storage-api.md` sections 4.2 and 4.3).

use crate::{
    api::{
        Aips, AipsQuery, CreateAip, Workflows, WorkflowsQuery,
        problem::{ErrorObject, NotFound},
    },
    bag::Verdict,
    domain::{Aip, AipStatus, Timestamp, WorkflowStatus, WorkflowType, attribute},
    realtime::etag::EntityTag,
    server::http::{
        Api,
        caller::Caller,
        conditional::Tagged,
        extract::{JsonBody, Params},
        problem::Failure,
    },
};
use axum::{Json, body::Body, extract::State, http::header, response::IntoResponse};
use uuid::Uuid;

/// A page of AIPs, newest first unless sorted otherwise.
#[utoipa::path(
    get,
    path = "/api/storage/aips",
    tag = "aips",
    operation_id = "list_aips",
    params(
        ("query" = Option<String>, Query, description = "Part of the name, the UUID or the object key; letters in either case"),
        ("status" = Option<AipStatus>, Query, description = "Only this status"),
        ("location_uuid" = Option<Uuid>, Query, description = "Only in this location"),
        ("earliest_created_time" = Option<Timestamp>, Query, description = "Recorded at or after; alone, up to now"),
        ("latest_created_time" = Option<Timestamp>, Query, description = "Recorded before; equal to the other bound, exactly then"),
        ("sort" = Option<String>, Query, description = "name, created_at, size, status or location; highest first with a leading -"),
        ("limit" = Option<i64>, Query, description = "Rows of the page; 20 when absent or 0, 1000 when negative or more"),
        ("offset" = Option<i64>, Query, description = "Rows before the page"),
    ),
    responses(
        (status = 200, description = "A page", body = Aips),
        (status = 400, description = "A parameter is not valid", body = ErrorObject),
    )
)]
pub async fn list(State(api): State<Api>, caller: Caller, Params(query): Params<AipsQuery>) -> Result<Json<Aips>, Failure> {
    caller.may(attribute::AIPS_LIST)?;
    Ok(Json(api.services.list_aips(&query).await?))
}

/// All AIPs that match, as CSV (RFC 4180) in UTF-8; `limit` and `offset` do not apply.
#[utoipa::path(
    get,
    path = "/api/storage/aips.csv",
    tag = "aips",
    operation_id = "export_aips",
    params(
        ("query" = Option<String>, Query, description = "As in the list"),
        ("status" = Option<AipStatus>, Query, description = "As in the list"),
        ("location_uuid" = Option<Uuid>, Query, description = "As in the list"),
        ("earliest_created_time" = Option<Timestamp>, Query, description = "As in the list"),
        ("latest_created_time" = Option<Timestamp>, Query, description = "As in the list"),
        ("sort" = Option<String>, Query, description = "As in the list"),
    ),
    responses(
        (status = 200, description = "One line per AIP, after a line with the names of the columns", body = String, content_type = "text/csv"),
        (status = 400, description = "A parameter is not valid", body = ErrorObject),
    )
)]
pub async fn export(State(api): State<Api>, caller: Caller, Params(query): Params<AipsQuery>) -> Result<impl IntoResponse, Failure> {
    caller.may(attribute::AIPS_LIST)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"aips.csv\""),
    ];
    Ok((headers, Body::from_stream(api.services.export_aips(query).await?)))
}

/// Announces an AIP whose bytes another system keeps or will bring.
#[utoipa::path(
    post,
    path = "/api/storage/aips",
    tag = "aips",
    operation_id = "create_aip",
    request_body(content = CreateAip, example = json!({
        "uuid": "9a7c2f6e-1c2d-4b3a-8f10-7d9f2a6b5e01",
        "name": "fonds-12.zip",
        "object_key": "2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77",
        "status": "stored",
        "location_uuid": "5d2f6f2e-6a1e-4f0e-9a56-0f0b7b3a1c11"
    })),
    responses(
        (status = 200, description = "The AIP as recorded", body = Aip),
        (status = 400, description = "The body is not valid, a UUID or object key is taken, or there is no such location", body = ErrorObject),
    )
)]
pub async fn create(State(api): State<Api>, caller: Caller, JsonBody(body): JsonBody<CreateAip>) -> Result<Json<Aip>, Failure> {
    caller.may(attribute::AIPS_CREATE)?;
    Ok(Json(api.services.create_aip(body).await?))
}

/// One AIP.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}",
    tag = "aips",
    operation_id = "show_aip",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The AIP", body = Aip),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn show(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Tagged<Aip>, Failure> {
    caller.may(attribute::AIPS_READ)?;
    let aip = api.services.aip(uuid).await?;
    Ok(Tagged(EntityTag::of(aip.uuid, aip.version), aip))
}

/// What is and was done to an AIP, oldest first, each with its tasks in the order in which they began.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/workflows",
    tag = "aips",
    operation_id = "list_aip_workflows",
    params(
        ("uuid" = Uuid, Path, description = "The AIP"),
        ("status" = Option<WorkflowStatus>, Query, description = "Only this status"),
        ("type" = Option<WorkflowType>, Query, description = "Only this type"),
    ),
    responses(
        (status = 200, description = "The workflows", body = Workflows),
        (status = 400, description = "A parameter is not valid", body = ErrorObject),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn workflows(
    State(api): State<Api>,
    caller: Caller,
    Params((uuid, query)): Params<(Uuid, WorkflowsQuery)>,
) -> Result<Json<Workflows>, Failure> {
    caller.may(attribute::AIPS_WORKFLOWS_LIST)?;
    Ok(Json(api.services.workflows(uuid, query).await?))
}

/// What the verification of an AIP found when it was taken in; `null` for one whose bytes were never read here.
#[utoipa::path(
    get,
    path = "/api/storage/aips/{uuid}/verification",
    tag = "aips",
    operation_id = "show_aip_verification",
    params(("uuid" = Uuid, Path, description = "The AIP")),
    responses(
        (status = 200, description = "The verdict, or null", body = Option<serde_json::Value>),
        (status = 404, description = "There is no such AIP", body = NotFound),
    )
)]
pub async fn verification(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Json<Option<Verdict>>, Failure> {
    caller.may(attribute::AIPS_READ)?;
    Ok(Json(api.services.verification(uuid).await?))
}
