//! Deletions: asked for, decided by somebody else, called off (`storage-api.md` sections 4.6 and 9.2).

use super::{ServiceError, Services, moves::at_rest};
use crate::{
    api::DeletionRequests,
    domain::{AipStatus, DeletionRequest, DeletionStatus, Person, TaskStatus, Workflow, WorkflowStatus, WorkflowType, deletion::REASON},
    server::{
        db::{
            Change, aips,
            aips::AipRow,
            audit::{self, AuditEntry},
            deletion_requests,
            deletion_requests::RequestRow,
            work::{self, WorkRow},
            workflows,
        },
        workflows::{Deletion, NewWork, Work, begin_task, begin_workflow, end_task, request_note, step::DeleteStep},
    },
};
use uuid::Uuid;

/// What the name begins with under which a deletion runs (`storage-api.md` section 9.2).
const NAME: &str = "storage-delete-workflow-";
const TASK: &str = "AIP deletion request";

impl Services {
    /// Everything that was asked about the deletion of an AIP, newest first, as this person sees it.
    ///
    /// # Errors
    /// When there is no such AIP.
    pub async fn deletion_requests(&self, aip: Uuid, reader: &Person) -> Result<DeletionRequests, ServiceError> {
        let row = self.aip_row(aip).await?;
        let rows = deletion_requests::of_aip(self.db().read(), row.id).await?;
        let requests = rows.into_iter().map(|row| DeletionRequest { mine: row.requester.is(reader), ..row.request }).collect();
        Ok(DeletionRequests { requests })
    }

    /// Asks for the deletion of an AIP. Nothing is removed before somebody else agreed.
    ///
    /// # Errors
    /// When the reason is none, there is no such AIP, or it is not stored.
    pub async fn request_deletion(&self, uuid: Uuid, reason: &str, requester: &Person) -> Result<(), ServiceError> {
        let (reason, requester) = (checked_reason(reason)?, requester.clone());
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut aip = to_delete(change, uuid).await?;
                    let note = request_note(&requester, &reason, "Awaiting user review.");
                    let (request, asker) = (change.new_id(), requester.clone());
                    let new = NewWork {
                        aip: &mut aip,
                        kind: WorkflowType::DeleteAip,
                        name: NAME,
                        status: Some(AipStatus::Processing),
                        task: (TASK, note, TaskStatus::Pending),
                        location_id: None,
                    };
                    let state = |task| Work::Delete(Deletion { step: DeleteStep::AwaitReview, request, task, skip_report: false });
                    let (_, mut workflow, _) = begin_workflow(change, new, true, state).await?;
                    insert_request(change, request, workflow.uuid, &aip, reason, requester).await?;
                    workflow.status = WorkflowStatus::Pending;
                    workflows::update(change, &mut workflow).await?;
                    written_down(change, "AIP.deletion.request", &asker, uuid).await?;
                    Ok(aips::set_status(change, &mut aip, AipStatus::Pending).await?)
                })
            }))
            .await
    }

    /// Deletes an AIP without a review.
    ///
    /// # Errors
    /// As [`Self::request_deletion`].
    pub async fn delete_without_review(&self, uuid: Uuid, reason: &str, skip_report: bool, person: &Person) -> Result<(), ServiceError> {
        let (reason, person) = (checked_reason(reason)?, person.clone());
        let work = self
            .db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut aip = to_delete(change, uuid).await?;
                    let request = change.new_id();
                    let new = NewWork {
                        aip: &mut aip,
                        kind: WorkflowType::DeleteAip,
                        name: NAME,
                        status: Some(AipStatus::Processing),
                        task: (TASK, request_note(&person, &reason, "Auto-approving deletion request."), TaskStatus::Pending),
                        location_id: None,
                    };
                    let state = |task| Work::Delete(Deletion { step: DeleteStep::RemoveObject, request, task, skip_report });
                    let (work, workflow, task) = begin_workflow(change, new, false, state).await?;
                    insert_request(change, request, workflow.uuid, &aip, reason.clone(), person.clone()).await?;
                    deletion_requests::decide(change, request, DeletionStatus::Approved, &person).await?;
                    written_down(change, "AIP.deletion.auto", &person, uuid).await?;
                    let note = request_note(&person, &reason, "Auto-approved deletion request.");
                    end_task(change, task.uuid, TaskStatus::Done, note, uuid).await?;
                    begin_removal(
                        change,
                        work,
                        &workflow,
                        Deletion { step: DeleteStep::RemoveObject, request, task: task.uuid, skip_report },
                    )
                    .await?;
                    Ok::<_, ServiceError>(work)
                })
            }))
            .await?;
        self.carry_on_later(work).await;
        Ok(())
    }

    /// Decides about a deletion that somebody else asked for.
    ///
    /// # Errors
    /// When there is no such AIP, nothing awaits a decision, or the reviewer asked for it.
    pub async fn review_deletion(&self, uuid: Uuid, approved: bool, reviewer: &Person) -> Result<(), ServiceError> {
        let reviewer = reviewer.clone();
        let work = self
            .db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let aip = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                    if aip.aip.status != AipStatus::Pending {
                        return Err(ServiceError::NotValid("AIP is not awaiting user review".into()));
                    }
                    let request = deletion_requests::pending(change.tx(), aip.id).await?;
                    let request = request.ok_or_else(|| ServiceError::NotValid("AIP is not awaiting user review".into()))?;
                    if request.requester.is(&reviewer) {
                        return Err(ServiceError::NotValid("requester cannot review their own request".into()));
                    }
                    let status = if approved { DeletionStatus::Approved } else { DeletionStatus::Rejected };
                    decide(change, aip, request, status, &reviewer).await
                })
            }))
            .await?;
        if let Some(work) = work {
            self.carry_on_later(work).await;
        }
        Ok(())
    }

    /// Calls one's own request off, or, with `only_check`, says whether one could.
    ///
    /// # Errors
    /// When there is no such AIP, nothing awaits a decision, or somebody else asked for it.
    pub async fn cancel_deletion(&self, uuid: Uuid, only_check: bool, person: &Person) -> Result<(), ServiceError> {
        let person = person.clone();
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let aip = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
                    let request = deletion_requests::pending(change.tx(), aip.id).await?;
                    let request = request.ok_or_else(|| ServiceError::NotValid("no valid deletion requests".into()))?;
                    if !request.requester.is(&person) {
                        return Err(ServiceError::NotPermitted);
                    }
                    if !only_check {
                        decide(change, aip, request, DeletionStatus::Canceled, &person).await?;
                    }
                    Ok(())
                })
            }))
            .await
    }
}

/// The reason in the words of whoever asks, without what surrounds it.
fn checked_reason(reason: &str) -> Result<String, ServiceError> {
    let reason = reason.trim();
    let count = reason.chars().count();
    if !REASON.contains(&count) {
        let (least, most) = (REASON.start(), REASON.end());
        return Err(ServiceError::NotValid(format!("invalid reason: it must have {least} to {most} characters and has {count}")));
    }
    if reason.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ServiceError::NotValid("invalid reason: it must not contain control characters".into()));
    }
    Ok(reason.to_owned())
}

async fn to_delete(change: &Change, uuid: Uuid) -> Result<AipRow, ServiceError> {
    let aip = aips::find(change.tx(), uuid).await?.ok_or(ServiceError::AipNotFound(uuid))?;
    at_rest(change, &aip).await?;
    Ok(aip)
}

async fn insert_request(
    change: &mut Change,
    uuid: Uuid,
    workflow_uuid: Uuid,
    aip: &AipRow,
    reason: String,
    requester: Person,
) -> Result<(), ServiceError> {
    let request = DeletionRequest {
        uuid,
        aip_uuid: aip.aip.uuid,
        reason,
        status: DeletionStatus::Pending,
        requester: requester.name.clone(),
        requested_at: change.at(),
        reviewer: None,
        reviewed_at: None,
        mine: false,
    };
    Ok(deletion_requests::insert(change, &RequestRow { request, requester, workflow_uuid }, aip.id).await?)
}

/// Records a decision, in the order of `storage-api.md` section 9.2, steps 7 to 10. The work that is to be carried on, if any.
async fn decide(
    change: &mut Change,
    mut aip: AipRow,
    request: RequestRow,
    status: DeletionStatus,
    by: &Person,
) -> Result<Option<Uuid>, ServiceError> {
    let broken = || ServiceError::Internal("a deletion request that nothing works on".into());
    let uuid = aip.aip.uuid;
    let work: WorkRow<Work> = work::at_aip(change.tx(), aip.id).await?.ok_or_else(broken)?;
    let Work::Delete(state) = work.state else { return Err(broken()) };
    let mut workflow = workflows::find(change.tx(), request.workflow_uuid).await?.ok_or_else(broken)?;
    deletion_requests::decide(change, request.request.uuid, status, by).await?;
    let action = match status {
        DeletionStatus::Approved => "AIP.deletion.approve",
        DeletionStatus::Rejected => "AIP.deletion.reject",
        DeletionStatus::Canceled | DeletionStatus::Pending => "AIP.deletion.cancel",
    };
    written_down(change, action, by, uuid).await?;
    aips::set_status(change, &mut aip, AipStatus::Processing).await?;
    workflow.status = WorkflowStatus::InProgress;
    workflows::update(change, &mut workflow).await?;
    let last_line = format!("AIP deletion request {status} by {}.", by.name);
    let note = request_note(&request.requester, &request.request.reason, &last_line);
    end_task(change, state.task, TaskStatus::Done, note, uuid).await?;
    if status == DeletionStatus::Approved {
        begin_removal(change, work.uuid, &workflow, state).await?;
        return Ok(Some(work.uuid));
    }
    aips::set_status(change, &mut aip, AipStatus::Stored).await?;
    workflow.status = WorkflowStatus::Canceled;
    workflow.completed_at = Some(change.at());
    workflows::update(change, &mut workflow).await?;
    work::end(change, work.uuid).await?;
    Ok(None)
}

/// The record of who did what, in the same transaction as what was done.
async fn written_down(change: &Change, action: &'static str, person: &Person, aip: Uuid) -> Result<(), ServiceError> {
    Ok(audit::insert(change, &AuditEntry { aip_uuid: Some(aip), ..AuditEntry::done(action, person) }).await?)
}

/// From here on the work goes on without a person.
async fn begin_removal(change: &mut Change, work: Uuid, workflow: &Workflow, state: Deletion) -> Result<(), ServiceError> {
    let task = begin_task(change, workflow, "Delete AIP", "Deleting AIP".into(), TaskStatus::InProgress).await?;
    let state = Work::Delete(Deletion { step: DeleteStep::RemoveObject, task: task.uuid, ..state });
    Ok(work::update(change, work, false, &state).await?)
}

#[cfg(test)]
mod tests {
    use super::checked_reason;

    #[test]
    fn a_reason_says_something_and_not_too_much() {
        for good in ["ten chars!", &"x".repeat(500), "  Duplicate of another AIP.\nSee the register.  ", "ä".repeat(10).as_str()] {
            assert!(checked_reason(good).is_ok(), "{good}");
        }
        for bad in ["", "too short", "         x         ", &"x".repeat(501), "control \u{7} characters"] {
            assert!(checked_reason(bad).is_err(), "{bad}");
        }
    }
}
