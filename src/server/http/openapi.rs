//! The API's description of itself: OpenAPI 3.1 at `GET /api/openapi.json`.

use super::routes;
use crate::{
    api::{
        events::MonitorTicket,
        problem::{ErrorObject, NotFound},
    },
    domain::EventKind,
};
use axum::{http::header, response::IntoResponse};
use std::sync::LazyLock;
use utoipa::{
    OpenApi,
    openapi::{
        Content, Object, PathItem, Ref, RefOr, Required, Response, ResponseBuilder, Type,
        path::{Operation, ParameterBuilder, ParameterIn},
    },
};

/// What the document says about the whole; the operations are added by the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Strongroom",
        description = "Keeps archival packages and tells of every change to them. Compatible with the storage API of Enduro 0.30."
    ),
    components(schemas(ErrorObject, NotFound, MonitorTicket, EventKind)),
    tags(
        (name = "aips", description = "Archival packages"),
        (name = "locations", description = "The places that keep them"),
        (name = "deposits", description = "Taking packages in"),
        (name = "monitor", description = "The live connection"),
        (name = "identity", description = "Who people are"),
        (name = "service", description = "The service itself"),
    )
)]
pub struct OpenApiDocument;

/// Adds the answers that operations give before their handlers are asked: every address and body is read first, and told to be
/// wrong in one way (`storage-api.md` section 1.1).
pub(super) fn complete(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        if operation.parameters.is_some() || operation.request_body.is_some() {
            add(operation, "400", "A parameter or the body is not valid");
        }
        if let Some(RefOr::T(body)) = &operation.request_body {
            let json = body.content.contains_key("application/json");
            add(operation, "413", "The body is too large");
            if json {
                add(operation, "415", "The body is not JSON");
            }
        }
    }
    for operation in document.paths.paths.values_mut().filter_map(|item| item.get.as_mut()) {
        revalidates(operation);
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// Whoever has a JSON answer already may ask whether it still holds.
fn revalidates(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    let json = |response: &RefOr<Response>| matches!(response, RefOr::T(response) if response.content.contains_key("application/json"));
    if !responses.get("200").is_some_and(json) {
        return;
    }
    responses.entry("304".to_owned()).or_insert_with(|| {
        ResponseBuilder::new().description("It is as the client has it: its ETag is one of those in If-None-Match").into()
    });
    let condition = ParameterBuilder::new()
        .name("if-none-match")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Only if it has another ETag than these"))
        .schema(Some(Object::with_type(Type::String)))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(condition));
}

/// Keeps what the operation says itself.
fn add(operation: &mut Operation, status: &str, description: &str) {
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| {
        let error = Content::new(Some(Ref::from_schema_name("ErrorObject")));
        ResponseBuilder::new().description(description).content("application/json", error).into()
    });
}

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
