//! The log of everything that changed.

use crate::{
    api::{EventRecords, EventsQuery, problem::ErrorObject},
    domain::{
        EventKind, Timestamp,
        announcement::{Announced, Announcement, NotAnnounced},
        attribute,
    },
    server::http::{
        Api,
        caller::Caller,
        extract::{JsonBytes, Params},
        problem::Failure,
    },
};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};

/// Entries of the log, newest first.
#[utoipa::path(
    get,
    path = "/api/events",
    tag = "service",
    operation_id = "list_events",
    params(
        ("kind" = Option<EventKind>, Query, description = "Only those of this kind"),
        ("aip_uuid" = Option<Uuid>, Query, description = "Only those that concern this AIP"),
        ("person" = Option<String>, Query, description = "Only what was done by, or in the name of, whoever is called exactly so"),
        ("earliest_time" = Option<Timestamp>, Query, description = "Only those that happened then or later"),
        ("latest_time" = Option<Timestamp>, Query, description = "Only those that happened before"),
        ("before" = Option<u64>, Query, description = "Only those older than this place in the log"),
        ("after" = Option<u64>, Query, description = "Only those newer than this place in the log"),
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

/// Announces what happened in another system: `structure.changed`, `git.commit`, `git.push` or `git.pull`, each with the fields that it
/// has. Recorded, and told to everybody who may see the log.
#[utoipa::path(
    post,
    path = "/api/events",
    tag = "service",
    operation_id = "announce_event",
    request_body(content = Object, example = json!({ "type": "git.push", "data": { "repository": "finding-aids", "branch": "main", "commits": 3 } })),
    responses(
        (status = 201, description = "The announcement, as it is told", body = Announced),
        (status = 400, description = "It is not valid", body = ErrorObject),
        (status = 413, description = "It is too long", body = ErrorObject),
    )
)]
pub async fn announce(State(api): State<Api>, caller: Caller, JsonBytes(body): JsonBytes) -> Result<impl IntoResponse, Failure> {
    let announcement = Announcement::read(&body).map_err(|refused| match refused {
        NotAnnounced::TooLong => Failure::too_large(format!("{refused}. Nothing was announced.")),
        NotAnnounced::Unreadable(_) => Failure::decode_payload(refused.to_string()),
        refused => Failure::not_valid(refused.to_string()),
    })?;
    let access = caller.may(attribute::EVENTS_PUBLISH)?;
    let announced = api.services.announce(announcement, access.person.name.clone()).await?;
    Ok((StatusCode::CREATED, Json(announced)))
}

/// All entries that match, newest first, as CSV (RFC 4180) in UTF-8; `limit` does not apply.
#[utoipa::path(
    get,
    path = "/api/events.csv",
    tag = "service",
    operation_id = "export_events",
    params(
        ("kind" = Option<EventKind>, Query, description = "As in the list"),
        ("aip_uuid" = Option<Uuid>, Query, description = "As in the list"),
        ("person" = Option<String>, Query, description = "As in the list"),
        ("earliest_time" = Option<Timestamp>, Query, description = "As in the list"),
        ("latest_time" = Option<Timestamp>, Query, description = "As in the list"),
        ("before" = Option<u64>, Query, description = "As in the list"),
        ("after" = Option<u64>, Query, description = "As in the list"),
    ),
    responses(
        (status = 200, description = "One line per entry, after a line with the names of the columns", body = String, content_type = "text/csv"),
        (status = 400, description = "A parameter is not valid", body = ErrorObject),
    )
)]
pub async fn export(State(api): State<Api>, caller: Caller, Params(query): Params<EventsQuery>) -> Result<impl IntoResponse, Failure> {
    caller.may_any(&[attribute::AIPS_WORKFLOWS_LIST, attribute::AIPS_LIST])?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"activity.csv\""),
    ];
    Ok((headers, Body::from_stream(api.services.export_events(query).await?)))
}
