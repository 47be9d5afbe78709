//! The places that keep AIPs (`storage-api.md` section 4.4). Their configuration goes in and never comes out.

use crate::{
    api::{
        AcknowledgeChanges, CreateLocation, Created, LocationChanges, UpdateLocation,
        problem::{ErrorObject, NotFound},
    },
    domain::{Aip, Location, attribute},
    server::{
        http::{
            Api,
            caller::Caller,
            conditional::{Conditional, Tagged},
            extract::{JsonBody, Params},
            problem::Failure,
        },
        service::shown_as,
    },
};
use axum::{Json, extract::State, http::StatusCode};
use uuid::Uuid;

/// All locations, by name.
#[utoipa::path(
    get,
    path = "/api/storage/locations",
    tag = "locations",
    operation_id = "list_locations",
    responses((status = 200, description = "The locations", body = Vec<Location>))
)]
pub async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Vec<Location>>, Failure> {
    caller.may(attribute::LOCATIONS_LIST)?;
    Ok(Json(api.services.locations().await?))
}

/// Records a new location.
#[utoipa::path(
    post,
    path = "/api/storage/locations",
    tag = "locations",
    operation_id = "create_location",
    request_body(content = CreateLocation, example = json!({
        "name": "second-store",
        "description": "The other building",
        "source": "filesystem",
        "purpose": "aip_store",
        "config": { "type": "filesystem", "value": { "path": "second-store" } }
    })),
    responses(
        (status = 201, description = "Its UUID", body = Created),
        (status = 400, description = "The body is not valid, or the location cannot be used", body = ErrorObject),
    )
)]
pub async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(body): JsonBody<CreateLocation>,
) -> Result<(StatusCode, Json<Created>), Failure> {
    caller.may(attribute::LOCATIONS_CREATE)?;
    Ok((StatusCode::CREATED, Json(api.services.create_location(body).await?)))
}

/// One location.
#[utoipa::path(
    get,
    path = "/api/storage/locations/{uuid}",
    tag = "locations",
    operation_id = "show_location",
    params(("uuid" = Uuid, Path, description = "The location")),
    responses(
        (status = 200, description = "The location", body = Location),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such location", body = NotFound),
    )
)]
pub async fn show(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Tagged<Location>, Failure> {
    caller.may(attribute::LOCATIONS_READ)?;
    let location = api.services.location(uuid).await?;
    Ok(Tagged(shown_as(&location), location))
}

/// Changes a location's name or description; what is absent stays as it is. With `If-Match`, only if nobody changed it meanwhile.
#[utoipa::path(
    patch,
    path = "/api/storage/locations/{uuid}",
    tag = "locations",
    operation_id = "update_location",
    params(
        ("uuid" = Uuid, Path, description = "The location"),
        ("if-match" = Option<String>, Header, description = "The ETag that it was read with. How much it holds may be another by now"),
    ),
    request_body(content = UpdateLocation, example = json!({ "description": "The other building, second floor" })),
    responses(
        (status = 200, description = "The location as it is now", body = Location),
        (status = 400, description = "The body is not valid, or the name is taken", body = ErrorObject),
        (status = 404, description = "There is no such location", body = NotFound),
        (status = 412, description = "Somebody changed it meanwhile, and nothing was changed now; ETag tells how it is", body = ErrorObject),
    )
)]
pub async fn update(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    Conditional(seen): Conditional,
    JsonBody(body): JsonBody<UpdateLocation>,
) -> Result<Tagged<Location>, Failure> {
    caller.may(attribute::LOCATIONS_UPDATE)?;
    let location = api.services.update_location(uuid, body, seen).await?;
    Ok(Tagged(shown_as(&location), location))
}

/// What changed under a location without the service having done it, and that nobody took note of yet.
#[utoipa::path(
    get,
    path = "/api/storage/locations/{uuid}/changes",
    tag = "locations",
    operation_id = "list_location_changes",
    params(("uuid" = Uuid, Path, description = "The location")),
    responses(
        (status = 200, description = "The entries of the log, newest first", body = LocationChanges),
        (status = 400, description = "The path holds no UUID", body = ErrorObject),
        (status = 404, description = "There is no such location", body = NotFound),
    )
)]
pub async fn changes(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Json<LocationChanges>, Failure> {
    caller.may(attribute::LOCATIONS_READ)?;
    Ok(Json(api.services.location_changes(uuid).await?))
}

/// Somebody took note of what changed under a location, up to a place in the log.
#[utoipa::path(
    post,
    path = "/api/storage/locations/{uuid}/changes/acknowledge",
    tag = "locations",
    operation_id = "acknowledge_location_changes",
    params(("uuid" = Uuid, Path, description = "The location")),
    request_body(content = AcknowledgeChanges, example = json!({ "up_to": 41 })),
    responses(
        (status = 202, description = "It is recorded"),
        (status = 400, description = "The body is not valid", body = ErrorObject),
        (status = 404, description = "There is no such location", body = NotFound),
    )
)]
pub async fn acknowledge(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    JsonBody(body): JsonBody<AcknowledgeChanges>,
) -> Result<StatusCode, Failure> {
    caller.may(attribute::LOCATIONS_UPDATE)?;
    api.services.acknowledge_changes(uuid, body.up_to).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Removes an empty location.
#[utoipa::path(
    delete,
    path = "/api/storage/locations/{uuid}",
    tag = "locations",
    operation_id = "delete_location",
    params(
        ("uuid" = Uuid, Path, description = "The location"),
        ("if-match" = Option<String>, Header, description = "The ETag that it was read with"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "It is not empty", body = ErrorObject),
        (status = 404, description = "There is no such location", body = NotFound),
        (status = 412, description = "Somebody changed it meanwhile, and it is still there; ETag tells how it is", body = ErrorObject),
    )
)]
pub async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Params(uuid): Params<Uuid>,
    Conditional(seen): Conditional,
) -> Result<StatusCode, Failure> {
    caller.may(attribute::LOCATIONS_DELETE)?;
    api.services.delete_location(uuid, seen).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The AIPs that a location keeps, all of them.
#[utoipa::path(
    get,
    path = "/api/storage/locations/{uuid}/aips",
    tag = "locations",
    operation_id = "list_location_aips",
    params(("uuid" = Uuid, Path, description = "The location")),
    responses(
        (status = 200, description = "The AIPs", body = Vec<Aip>),
        (status = 404, description = "There is no such location", body = NotFound),
    )
)]
pub async fn aips(State(api): State<Api>, caller: Caller, Params(uuid): Params<Uuid>) -> Result<Json<Vec<Aip>>, Failure> {
    caller.may(attribute::LOCATIONS_AIPS_LIST)?;
    Ok(Json(api.services.location_aips(uuid).await?))
}
