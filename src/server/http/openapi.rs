//! The API's description of itself: OpenAPI 3.1 at `GET /api/openapi.json`.

use super::routes;
use crate::api::problem::{ErrorObject, NotFound};
use axum::{http::header, response::IntoResponse};
use std::sync::LazyLock;
use utoipa::OpenApi;

/// What the document says about the whole; the operations are added by the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Strongroom",
        description = "Keeps archival packages and tells of every change to them. Compatible with the storage API of Enduro 0.30."
    ),
    components(schemas(ErrorObject, NotFound)),
    tags(
        (name = "aips", description = "Archival packages"),
        (name = "locations", description = "The places that keep them"),
        (name = "deposits", description = "Taking packages in"),
        (name = "monitor", description = "The live connection"),
        (name = "service", description = "The service itself"),
    )
)]
pub struct OpenApiDocument;

/// The document never changes while the process runs.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| routes::document().to_json().unwrap_or_default());

/// This document.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "service",
    operation_id = "openapi",
    responses((status = 200, description = "The OpenAPI document", content_type = "application/json"))
)]
pub async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}
