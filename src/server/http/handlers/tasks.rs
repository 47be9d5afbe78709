//! The progress of tasks, ours and those of other systems.

use crate::{
    api::{Tasks, problem::ErrorObject},
    domain::attribute,
    realtime::progress::{Report, TaskId, TaskMessage, board::NotTaken, report::NotAReport},
    server::{
        http::{Api, caller::Caller, extract::JsonBytes, problem::Failure},
        tasks,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};

/// All tasks that are at work or ended lately.
#[utoipa::path(
    get,
    path = "/api/tasks",
    tag = "service",
    operation_id = "list_tasks",
    responses((status = 200, description = "The tasks, those that changed last first", body = Tasks))
)]
pub async fn list(State(api): State<Api>, caller: Caller) -> Result<Json<Tasks>, Failure> {
    caller.may_any(tasks::SEEN_WITH)?;
    Ok(Json(Tasks { items: api.services.tasks().all() }))
}

/// Takes a report of how far a task of another system is. Late and repeated reports change nothing.
#[utoipa::path(
    post,
    path = "/api/tasks/{id}/progress",
    tag = "service",
    operation_id = "report_progress",
    params(("id" = String, Path, description = "The task, by whatever its system calls it: letters, digits and . _ : -")),
    request_body(content = Object, example = json!({ "state": "PROGRESS", "progress": 42, "message": "Page 42 of 100" })),
    responses(
        (status = 200, description = "How the task stands now", body = TaskMessage),
        (status = 204, description = "The task ended and is not shown any more: the report came late, and changes nothing"),
        (status = 400, description = "The report is not valid", body = ErrorObject),
        (status = 403, description = "Another system reports this task", body = String, content_type = "application/json"),
        (status = 413, description = "The report is too long", body = ErrorObject),
        (status = 503, description = "Too many tasks are at work", body = ErrorObject),
    )
)]
pub async fn report(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Failure> {
    let read = TaskId::new(id).and_then(|id| Report::read(&id, &body).map(|report| (id, report)));
    let (id, report) = read.map_err(|refused| match refused {
        NotAReport::TooLong => Failure::too_large(format!("{refused}. Nothing was changed.")),
        NotAReport::Unreadable(_) => Failure::decode_payload(refused.to_string()),
        refused => Failure::not_valid(refused.to_string()),
    })?;
    let access = caller.may(attribute::TASKS_REPORT)?;
    let stands = api.services.tasks().report(&id, Some(&access.person), report).map_err(|refused| match refused {
        NotTaken::NotYours => Failure::forbidden("Another system reports this task. It is as it was."),
        NotTaken::Full => Failure::busy("Too many tasks are at work. Report this one again later; it is not known yet."),
    })?;
    Ok(stands.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |stands| Json(stands).into_response()))
}
