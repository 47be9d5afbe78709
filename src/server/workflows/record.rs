//! The rows that people read, written together with the row that work is resumed from.

use super::step::{Halt, Work};
use crate::{
    domain::{AipStatus, Person, Task, TaskStatus, Workflow, WorkflowStatus, WorkflowType},
    server::{
        db::{
            Change, DbErr,
            aips::{self, AipRow},
            work::{self, About},
            workflows,
        },
        service::{ServiceError, Services},
    },
};
use uuid::Uuid;

/// Work that is about to begin at an AIP.
pub(in crate::server) struct NewWork<'a> {
    /// The AIP.
    pub aip: &'a mut AipRow,
    /// What is done.
    pub kind: WorkflowType,
    /// What the name begins with under which it runs; the AIP's UUID follows.
    pub name: &'static str,
    /// What the AIP's status becomes; `None` leaves it.
    pub status: Option<AipStatus>,
    /// The first task: its name, what is happening, and whether it is at work or awaits a decision.
    pub task: (&'static str, String, TaskStatus),
    /// Row id of another location that is needed.
    pub location_id: Option<i64>,
}

/// Begins work: AIP, workflow and first task, in the order that `storage-api.md` section 9 says. `state` makes the work's state from
/// the first task's UUID. Returns the UUIDs of work and workflow.
pub(in crate::server) async fn begin_workflow(
    change: &mut Change,
    new: NewWork<'_>,
    waiting: bool,
    state: impl FnOnce(Uuid) -> Work,
) -> Result<(Uuid, Workflow, Task), ServiceError> {
    let aip_uuid = new.aip.aip.uuid;
    if let Some(status) = new.status {
        aips::set_status(change, new.aip, status).await?;
    }
    let workflow = Workflow {
        uuid: change.new_id(),
        temporal_id: format!("{}{aip_uuid}", new.name),
        kind: new.kind,
        status: WorkflowStatus::InProgress,
        started_at: Some(change.at()),
        completed_at: None,
        aip_uuid,
        tasks: Vec::new(),
        version: 1,
    };
    workflows::insert(change, &workflow, new.aip.id).await?;
    let (name, note, status) = new.task;
    let task = begin_task(change, &workflow, name, note, status).await?;
    let work_uuid = change.new_id();
    let about = About { aip_id: Some(new.aip.id), location_id: new.location_id, workflow_uuid: Some(workflow.uuid) };
    work::insert(change, work_uuid, about, waiting, &state(task.uuid)).await?;
    Ok((work_uuid, workflow, task))
}

/// Records that a step begins.
pub(in crate::server) async fn begin_task(
    change: &mut Change,
    workflow: &Workflow,
    name: &str,
    note: String,
    status: TaskStatus,
) -> Result<Task, DbErr> {
    let task = Task {
        uuid: change.new_id(),
        name: name.into(),
        status,
        started_at: Some(change.at()),
        completed_at: None,
        note: Some(note),
        workflow_uuid: workflow.uuid,
        progress: None,
        version: 1,
    };
    workflows::insert_task(change, &task, workflow.aip_uuid).await?;
    Ok(task)
}

/// Records how a step ended.
pub(in crate::server) async fn end_task(
    change: &mut Change,
    uuid: Uuid,
    status: TaskStatus,
    note: String,
    aip_uuid: Uuid,
) -> Result<(), DbErr> {
    let mut task = workflows::find_task(change.tx(), uuid).await?.ok_or_else(|| DbErr::RecordNotFound(format!("task {uuid}")))?;
    task.status = status;
    task.completed_at = Some(change.at());
    task.note = Some(note);
    workflows::update_task(change, &mut task, aip_uuid).await
}

/// Records how a workflow goes on or ended.
pub(super) async fn set_workflow(change: &mut Change, workflow: &mut Workflow, status: WorkflowStatus) -> Result<(), DbErr> {
    workflow.status = status;
    workflow.completed_at = matches!(status, WorkflowStatus::Done | WorkflowStatus::Error | WorkflowStatus::Canceled).then(|| change.at());
    workflows::update(change, workflow).await
}

/// Reads AIP and workflow inside a change.
pub(super) async fn both(change: &Change, aip: Uuid, workflow: Uuid) -> Result<(AipRow, Workflow), Halt> {
    let row = aips::find(change.tx(), aip).await?.ok_or_else(|| Halt::Record(format!("the AIP {aip} is gone")))?;
    let workflow = workflows::find(change.tx(), workflow).await?.ok_or_else(|| Halt::Record(format!("the workflow {workflow} is gone")))?;
    Ok((row, workflow))
}

/// The note of a deletion's first task (`storage-api.md` section 9.2).
pub(in crate::server) fn request_note(requester: &Person, reason: &str, last_line: &str) -> String {
    format!("An AIP deletion has been requested by {}. Reason:\n\n{reason}\n\n{last_line}", requester.name)
}

impl Services {
    /// A write of a workflow's step.
    pub(super) async fn write_step<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c mut Change) -> futures::future::BoxFuture<'c, Result<T, Halt>> + Send + 'static,
    ) -> Result<T, Halt> {
        self.db().write(Box::new(work)).await
    }
}
