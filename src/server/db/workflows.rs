//! Workflows and their tasks.

use super::{
    Change, Concerns, DbErr,
    rows::{all, one, run, signed, unsigned, word},
};
use crate::{
    api::WorkflowsQuery,
    domain::{StorageEvent, Task, TaskStatus, Timestamp, Workflow, WorkflowStatus},
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use std::collections::HashMap;
use uuid::Uuid;

const WORKFLOW: &str = "SELECT w.id, w.uuid, w.temporal_id, w.type, w.status, w.started_at, w.completed_at, w.version, a.uuid AS aip_uuid,
    a.name AS aip_name FROM workflow w JOIN aip a ON a.id = w.aip_id";

fn instant(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, DbErr> {
    Ok(row.try_get::<Option<i64>>("", column)?.map(Timestamp::from_micros))
}

fn read_workflow(row: &QueryResult) -> Result<Workflow, DbErr> {
    Ok(Workflow {
        uuid: row.try_get("", "uuid")?,
        temporal_id: row.try_get("", "temporal_id")?,
        kind: word(row, "type")?,
        status: word(row, "status")?,
        started_at: instant(row, "started_at")?,
        completed_at: instant(row, "completed_at")?,
        aip_uuid: row.try_get("", "aip_uuid")?,
        tasks: Vec::new(),
        version: unsigned(row.try_get("", "version")?)?,
    })
}

fn read_task(row: &QueryResult) -> Result<Task, DbErr> {
    Ok(Task {
        uuid: row.try_get("", "uuid")?,
        name: row.try_get("", "name")?,
        status: word(row, "status")?,
        started_at: instant(row, "started_at")?,
        completed_at: instant(row, "completed_at")?,
        note: row.try_get("", "note")?,
        workflow_uuid: row.try_get("", "workflow_uuid")?,
        progress: None,
        version: unsigned(row.try_get("", "version")?)?,
    })
}

/// The workflows of an AIP with their tasks, oldest first.
pub async fn of_aip<C: ConnectionTrait>(db: &C, aip_id: i64, query: WorkflowsQuery) -> Result<Vec<Workflow>, DbErr> {
    let mut sql = format!("{WORKFLOW} WHERE w.aip_id = $1");
    let mut values: Vec<Value> = vec![aip_id.into()];
    if let Some(status) = query.status {
        values.push(status.as_str().into());
        sql.push_str(&format!(" AND w.status = ${}", values.len()));
    }
    if let Some(kind) = query.kind {
        values.push(kind.as_str().into());
        sql.push_str(&format!(" AND w.type = ${}", values.len()));
    }
    sql.push_str(" ORDER BY w.id");
    let mut workflows = all(db, &sql, values).await?.iter().map(read_workflow).collect::<Result<Vec<_>, _>>()?;
    let tasks = "SELECT t.*, w.uuid AS workflow_uuid FROM task t JOIN workflow w ON w.id = t.workflow_id WHERE w.aip_id = $1 ORDER BY t.id";
    let mut by_workflow: HashMap<Uuid, Vec<Task>> = HashMap::new();
    for row in all(db, tasks, vec![aip_id.into()]).await? {
        let task = read_task(&row)?;
        by_workflow.entry(task.workflow_uuid).or_default().push(task);
    }
    for workflow in &mut workflows {
        workflow.tasks = by_workflow.remove(&workflow.uuid).unwrap_or_default();
    }
    Ok(workflows)
}

/// The newest workflows of a status since an instant, each with the name of its AIP.
pub async fn newest<C: ConnectionTrait>(
    db: &C,
    status: WorkflowStatus,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<(String, Workflow)>, DbErr> {
    let sql = format!("{WORKFLOW} WHERE w.status = $1 AND coalesce(w.completed_at, w.started_at, 0) >= $2 ORDER BY w.id DESC LIMIT $3");
    let values = vec![status.as_str().into(), since.micros().into(), signed(limit)?.into()];
    all(db, &sql, values).await?.iter().map(|row| Ok((row.try_get("", "aip_name")?, read_workflow(row)?))).collect()
}

/// Reads one workflow without its tasks.
pub async fn find<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<Workflow>, DbErr> {
    one(db, &format!("{WORKFLOW} WHERE w.uuid = $1"), vec![uuid.into()]).await?.as_ref().map(read_workflow).transpose()
}

/// Reads one task.
pub async fn find_task<C: ConnectionTrait>(db: &C, uuid: Uuid) -> Result<Option<Task>, DbErr> {
    let sql = "SELECT t.*, w.uuid AS workflow_uuid FROM task t JOIN workflow w ON w.id = t.workflow_id WHERE t.uuid = $1";
    one(db, sql, vec![uuid.into()]).await?.as_ref().map(read_task).transpose()
}

/// The tasks that have not ended, of workflows that have not, each with the AIP that it is done to; oldest first.
pub async fn unfinished_tasks<C: ConnectionTrait>(db: &C) -> Result<Vec<(Task, Uuid)>, DbErr> {
    // By the index of workflows: there are few of these, and ever more that ended.
    let sql = "SELECT t.*, w.uuid AS workflow_uuid, a.uuid AS aip_uuid FROM workflow w JOIN task t ON t.workflow_id = w.id
        JOIN aip a ON a.id = w.aip_id WHERE w.status IN ($1, $2, $3) AND t.status IN ($4, $5, $6) ORDER BY t.id";
    let workflows = [WorkflowStatus::InProgress, WorkflowStatus::Queued, WorkflowStatus::Pending].map(WorkflowStatus::as_str);
    let tasks = [TaskStatus::InProgress, TaskStatus::Queued, TaskStatus::Pending].map(TaskStatus::as_str);
    let values = workflows.into_iter().chain(tasks).map(Value::from).collect();
    all(db, sql, values).await?.iter().map(|row| Ok((read_task(row)?, row.try_get("", "aip_uuid")?))).collect()
}

/// Records a workflow, without tasks, and tells of it.
pub async fn insert(change: &mut Change, workflow: &Workflow, aip_id: i64) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO workflow (uuid, temporal_id, type, status, started_at, completed_at, aip_id, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            workflow.uuid.into(),
            workflow.temporal_id.clone().into(),
            workflow.kind.as_str().into(),
            workflow.status.as_str().into(),
            workflow.started_at.map(Timestamp::micros).into(),
            workflow.completed_at.map(Timestamp::micros).into(),
            aip_id.into(),
            signed(workflow.version)?.into(),
        ],
    )
    .await?;
    let event = StorageEvent::AipWorkflowCreated { uuid: workflow.uuid, item: workflow.clone() };
    change.tell(event, workflow.version, Concerns::work_on(workflow.aip_uuid));
    Ok(())
}

/// Writes a workflow's status and end and tells of it.
pub async fn update(change: &mut Change, workflow: &mut Workflow) -> Result<(), DbErr> {
    workflow.version += 1;
    run(
        change.tx(),
        "UPDATE workflow SET status = $1, completed_at = $2, version = $3 WHERE uuid = $4",
        vec![
            workflow.status.as_str().into(),
            workflow.completed_at.map(Timestamp::micros).into(),
            signed(workflow.version)?.into(),
            workflow.uuid.into(),
        ],
    )
    .await?;
    let event = StorageEvent::AipWorkflowUpdated { uuid: workflow.uuid, item: Workflow { tasks: Vec::new(), ..workflow.clone() } };
    change.tell(event, workflow.version, Concerns::work_on(workflow.aip_uuid));
    Ok(())
}

/// Records a task of a workflow of an AIP and tells of it.
pub async fn insert_task(change: &mut Change, task: &Task, aip_uuid: Uuid) -> Result<(), DbErr> {
    run(
        change.tx(),
        "INSERT INTO task (uuid, name, status, started_at, completed_at, note, workflow_id, version)
         SELECT $1, $2, $3, $4, $5, $6, id, $7 FROM workflow WHERE uuid = $8",
        vec![
            task.uuid.into(),
            task.name.clone().into(),
            task.status.as_str().into(),
            task.started_at.map(Timestamp::micros).into(),
            task.completed_at.map(Timestamp::micros).into(),
            task.note.clone().into(),
            signed(task.version)?.into(),
            task.workflow_uuid.into(),
        ],
    )
    .await?;
    change.tell(StorageEvent::AipTaskCreated { uuid: task.uuid, item: task.clone() }, task.version, Concerns::work_on(aip_uuid));
    Ok(())
}

/// Writes a task's status, end and note and tells of it.
pub async fn update_task(change: &mut Change, task: &mut Task, aip_uuid: Uuid) -> Result<(), DbErr> {
    task.version += 1;
    run(
        change.tx(),
        "UPDATE task SET status = $1, completed_at = $2, note = $3, version = $4 WHERE uuid = $5",
        vec![
            task.status.as_str().into(),
            task.completed_at.map(Timestamp::micros).into(),
            task.note.clone().into(),
            signed(task.version)?.into(),
            task.uuid.into(),
        ],
    )
    .await?;
    change.tell(StorageEvent::AipTaskUpdated { uuid: task.uuid, item: task.clone() }, task.version, Concerns::work_on(aip_uuid));
    Ok(())
}
