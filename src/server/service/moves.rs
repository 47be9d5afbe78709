//! Moving AIPs: what may be moved where, and how the last move went (`storage-api.md` sections 0, 4.2 and 4.6).

use super::{ServiceError, Services};
use crate::{
    api::{MoveStatus, WorkflowsQuery},
    domain::{AipStatus, LocationPurpose, TaskStatus, WorkflowStatus, WorkflowType},
    server::{
        db::{Change, aips, aips::AipRow, locations, submissions, submissions::SubmissionState, work, workflows},
        workflows::{Move, NewWork, Work, begin_workflow, step::MoveStep},
    },
};
use uuid::Uuid;

/// What the name begins with under which a move runs (`storage-api.md` section 9.1).
const NAME: &str = "storage-move-workflow-";

impl Services {
    /// Sends an AIP to another location. The move goes on by itself; nothing is removed before the copy was proven.
    ///
    /// # Errors
    /// When there is no such AIP, it is not stored, or the target is none that it can go to.
    pub async fn move_aip(&self, uuid: Uuid, target: Uuid) -> Result<(), ServiceError> {
        let work = self
            .db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut aip = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                    if !is_submitted(change, &aip).await? {
                        at_rest(change, &aip).await?;
                    }
                    let to = locations::find(change.tx(), target).await?;
                    let to = to.ok_or_else(|| ServiceError::NotValid("location_uuid: there is no location with this UUID".into()))?;
                    if to.location.purpose != LocationPurpose::AipStore {
                        let name = to.location.name;
                        return Err(ServiceError::NotValid(format!("location_uuid: \"{name}\" is not a store for AIPs")));
                    }
                    if aip.location_id == Some(to.id) {
                        let name = to.location.name;
                        return Err(ServiceError::NotValid(format!("location_uuid: the AIP is in \"{name}\" already")));
                    }
                    let new = NewWork {
                        aip: &mut aip,
                        kind: WorkflowType::MoveAip,
                        name: NAME,
                        status: Some(AipStatus::Processing),
                        task: ("Copy AIP", "Copying AIP to target location".into(), TaskStatus::InProgress),
                        location_id: Some(to.id),
                    };
                    let state = |task| Work::Move(Move { step: MoveStep::Look, target, task });
                    begin_workflow(change, new, false, state).await.map(|(work, ..)| work)
                })
            }))
            .await?;
        self.carry_on_later(work).await;
        Ok(())
    }

    /// How the last move of an AIP went.
    ///
    /// # Errors
    /// When there is no such AIP, it was never moved, or its last move failed.
    pub async fn move_status(&self, uuid: Uuid) -> Result<MoveStatus, ServiceError> {
        let row = self.aip_row(uuid).await?;
        let query = WorkflowsQuery { kind: Some(WorkflowType::MoveAip), status: None };
        let last = workflows::of_aip(self.db().read(), row.id, query).await?.pop();
        match last.map(|workflow| workflow.status) {
            Some(WorkflowStatus::Done) => Ok(MoveStatus { done: true }),
            Some(WorkflowStatus::InProgress | WorkflowStatus::Queued | WorkflowStatus::Pending) => Ok(MoveStatus { done: false }),
            Some(_) => Err(ServiceError::FailedDependency("the last move of the AIP failed".into())),
            None => Err(ServiceError::FailedDependency("the AIP was never moved".into())),
        }
    }

    /// Rejects an AIP in a review of what was ingested: its status becomes `deleted`. No byte is removed.
    ///
    /// # Errors
    /// When there is no such AIP, or something is being done to it.
    pub async fn reject_aip(&self, uuid: Uuid) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut aip = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                    if work::is_at_aip(change.tx(), aip.id).await? {
                        return Err(ServiceError::NotAvailable("something is being done to the AIP; try again when it is over".into()));
                    }
                    Ok(aips::set_status(change, &mut aip, AipStatus::Deleted).await?)
                })
            }))
            .await
    }

    /// Has work carried on. When the queue cannot be told, the work is carried on after the next start; it was recorded.
    pub(crate) async fn carry_on_later(&self, work: Uuid) {
        if let Err(error) = self.queue().push(work).await {
            tracing::error!(%work, %error, "work was recorded and could not be queued; it is carried on after the next start");
        }
    }

    /// Goes on with what a process that is no more had begun. Called once, before anything is asked for.
    ///
    /// # Errors
    /// When the database or the queue cannot be used.
    pub async fn take_over_work(&self) -> Result<(), ServiceError> {
        let internal = |error: crate::server::workflows::queue::QueueError| ServiceError::Internal(error.to_string());
        self.queue().take_over().await.map_err(internal)?;
        for work in work::runnable(self.db().read()).await? {
            self.queue().push(work).await.map_err(internal)?;
        }
        Ok(())
    }
}

/// An AIP is at rest when it is stored and nothing is being done to it.
pub(super) async fn at_rest(change: &Change, aip: &AipRow) -> Result<(), ServiceError> {
    if aip.aip.status != AipStatus::Stored || aip.location_id.is_none() {
        return Err(ServiceError::NotValid("AIP is not stored".into()));
    }
    if work::is_at_aip(change.tx(), aip.id).await? {
        return Err(ServiceError::NotValid("the AIP is being checked; try again when that is over".into()));
    }
    Ok(())
}

/// Whether an AIP was submitted and lies in no location yet: a move brings it to one (`storage-api.md` section 9.3).
async fn is_submitted(change: &Change, aip: &AipRow) -> Result<bool, ServiceError> {
    Ok(aip.aip.status == AipStatus::Pending
        && aip.location_id.is_none()
        && submissions::state_of(change.tx(), aip.id).await? == Some(SubmissionState::Complete)
        && !work::is_at_aip(change.tx(), aip.id).await?)
}
