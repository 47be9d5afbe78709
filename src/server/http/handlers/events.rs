//! The log of everything that changed.

use crate::{
    api::{EventRecords, EventsQuery, problem::ErrorObject},
    domain::attribute,
    server::http::{Api, caller::Caller, extract::Params, problem::Failure},
};
use axum::{Json, extract::State};

/// Entries of the log, newest first.
#[utoipa::path(
    get,
    path = "/api/events",
    tag = "service",
    operation_id = "list_events",
    params(
        ("aip_uuid" = Option<Uuid>, Query, description = "Only those that concern this AIP"),
        ("before" = Option<u64>, Query, description = "Only those older than this place in the log"),
        ("limit" = Option<i64>, Query, description = "At most so many; 50 when absent or 0, 500 at most"),
    ),
    responses(
        (status = 200, description = "A piece of the log", body = EventRecords),
        (status = 400, description = "A parameter is not valid", body = ErrorObject),
    )
)]
pub async fn list(State(api): State<Api>, caller: Caller, Params(query): Params<EventsQuery>) -> Result<Json<EventRecords>, Failure> {
    caller.may_any(&[attribute::AIPS_WORKFLOWS_LIST, attribute::AIPS_LIST])?;
    Ok(Json(api.services.events(&query).await?))
}
