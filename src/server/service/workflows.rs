//! Workflows and tasks: read by people, written by what works on AIPs.

use super::{ServiceError, Services};
use crate::{
    api::{Workflows, WorkflowsQuery},
    domain::{Task, TaskStatus, Workflow, WorkflowStatus, WorkflowType},
    server::db::{aips, workflows},
};
use uuid::Uuid;

/// A workflow that is about to begin.
#[derive(Debug, Clone)]
pub struct NewWorkflow {
    /// The AIP it is done to.
    pub aip_uuid: Uuid,
    /// What is done.
    pub kind: WorkflowType,
    /// The name under which it runs.
    pub temporal_id: String,
}

/// A step that is about to begin.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// The workflow that it is a step of.
    pub workflow_uuid: Uuid,
    /// What it does.
    pub name: String,
    /// What is happening, for a person.
    pub note: String,
}

impl Services {
    /// What is and was done to an AIP, oldest first.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn workflows(&self, aip: Uuid, query: WorkflowsQuery) -> Result<Workflows, ServiceError> {
        let row = self.aip_row(aip).await?;
        let mut workflows = workflows::of_aip(self.db().read(), row.id, query).await?;
        for task in workflows.iter_mut().flat_map(|workflow| &mut workflow.tasks).filter(|task| task.completed_at.is_none()) {
            task.progress = self.work_in_hand().of(task.uuid);
        }
        Ok(Workflows { workflows })
    }

    /// Records that work on an AIP begins.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn start_workflow(&self, new: NewWorkflow) -> Result<Workflow, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let aip = aips::find(change.tx(), new.aip_uuid).await?.ok_or(ServiceError::AipNotFound(new.aip_uuid))?;
                    let workflow = Workflow {
                        uuid: change.new_id(),
                        temporal_id: new.temporal_id,
                        kind: new.kind,
                        status: WorkflowStatus::InProgress,
                        started_at: Some(change.at()),
                        completed_at: None,
                        aip_uuid: new.aip_uuid,
                        tasks: Vec::new(),
                        version: 1,
                    };
                    workflows::insert(change, &workflow, aip.id).await?;
                    Ok(workflow)
                })
            }))
            .await
    }

    /// Records how a workflow ended.
    ///
    /// # Errors
    /// When there is no such workflow.
    pub async fn finish_workflow(&self, uuid: Uuid, status: WorkflowStatus) -> Result<Workflow, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut workflow = workflows::find(change.tx(), uuid).await?.ok_or_else(|| gone("workflow", uuid))?;
                    workflow.status = status;
                    workflow.completed_at = Some(change.at());
                    workflows::update(change, &mut workflow).await?;
                    Ok(workflow)
                })
            }))
            .await
    }

    /// Records that a step begins.
    ///
    /// # Errors
    /// When there is no such workflow.
    pub async fn start_task(&self, new: NewTask) -> Result<Task, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let workflow =
                        workflows::find(change.tx(), new.workflow_uuid).await?.ok_or_else(|| gone("workflow", new.workflow_uuid))?;
                    let task = Task {
                        uuid: change.new_id(),
                        name: new.name,
                        status: TaskStatus::InProgress,
                        started_at: Some(change.at()),
                        completed_at: None,
                        note: Some(new.note),
                        workflow_uuid: new.workflow_uuid,
                        progress: None,
                        version: 1,
                    };
                    workflows::insert_task(change, &task, workflow.aip_uuid).await?;
                    Ok(task)
                })
            }))
            .await
    }

    /// Records how a step ended.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn finish_task(&self, uuid: Uuid, status: TaskStatus, note: String) -> Result<Task, ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut task = workflows::find_task(change.tx(), uuid).await?.ok_or_else(|| gone("task", uuid))?;
                    let workflow =
                        workflows::find(change.tx(), task.workflow_uuid).await?.ok_or_else(|| gone("workflow", task.workflow_uuid))?;
                    task.status = status;
                    task.completed_at = Some(change.at());
                    task.note = Some(note);
                    workflows::update_task(change, &mut task, workflow.aip_uuid).await?;
                    Ok(task)
                })
            }))
            .await
    }
}

fn gone(what: &str, uuid: Uuid) -> ServiceError {
    ServiceError::NotValid(format!("there is no {what} with the UUID {uuid}"))
}
