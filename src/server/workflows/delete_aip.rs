//! Deleting an AIP (`storage-api.md` section 9.2): somebody asks, somebody else agrees, and only then, and last of all, the bytes go.

use super::{
    engine::aip_and_workflow,
    record::{both, end_task, set_workflow},
    retry::retried,
    step::{DeleteStep, Deletion, Halt, Work},
};
use crate::{
    domain::{AipStatus, TaskStatus, Timestamp, WorkflowStatus},
    server::{
        db::{
            aips, deletion_requests, locations,
            work::{self, WorkRow},
        },
        service::Services,
    },
};
use uuid::Uuid;

pub(super) async fn step(services: &Services, row: &WorkRow<Work>, state: Deletion) -> Result<(), Halt> {
    match state.step {
        // Only a person goes on from here; the row says that it waits, so this is not reached.
        DeleteStep::AwaitReview => Ok(()),
        DeleteStep::RemoveObject => remove_object(services, row, state).await,
        DeleteStep::Report { deleted_at } => report(services, row, &state, deleted_at).await,
    }
}

async fn remove_object(services: &Services, row: &WorkRow<Work>, state: Deletion) -> Result<(), Halt> {
    let (aip_uuid, workflow) = aip_and_workflow(row)?;
    let aip = services.aip(aip_uuid).await?;
    let removed = match services.store_of(&aip).await {
        Ok(store) => retried(services, || store.remove(aip.object_key)).await.map_err(|halt| (halt, "Failed to delete AIP:")),
        Err(error) => Err((error.into(), "Failed to get location information:")),
    };
    let failure = match removed {
        Ok(()) => None,
        Err((Halt::Failed(cause), what)) => Some(format!("{what}\n{cause}")),
        Err((other, _)) => return Err(other),
    };
    let source = match aip.location_uuid {
        Some(location) => locations::find(services.db().read(), location).await?.map(|row| row.location.source.as_str().to_uppercase()),
        None => None,
    };
    let uuid = row.uuid;
    services
        .write_step(move |change| {
            Box::pin(async move {
                let (mut aip, mut workflow) = both(change, aip_uuid, workflow).await?;
                if let Some(note) = failure {
                    end_task(change, state.task, TaskStatus::Error, note, aip_uuid).await?;
                    aips::set_status(change, &mut aip, AipStatus::Stored).await?;
                    set_workflow(change, &mut workflow, WorkflowStatus::Error).await?;
                    return Ok(work::end(change, uuid).await?);
                }
                let note = format!("AIP deleted from {} source location", source.unwrap_or_default());
                end_task(change, state.task, TaskStatus::Done, note, aip_uuid).await?;
                if let Some(location) = aip.location_id {
                    locations::touch(change, location).await?;
                }
                aips::set_status(change, &mut aip, AipStatus::Deleted).await?;
                if state.skip_report {
                    set_workflow(change, &mut workflow, WorkflowStatus::Done).await?;
                    return Ok(work::end(change, uuid).await?);
                }
                let state = Work::Delete(Deletion { step: DeleteStep::Report { deleted_at: change.at() }, ..state });
                Ok(work::update(change, uuid, false, &state).await?)
            })
        })
        .await
}

/// Writes the report. The AIP is deleted, whatever comes of it.
async fn report(services: &Services, row: &WorkRow<Work>, state: &Deletion, deleted_at: Timestamp) -> Result<(), Halt> {
    let (aip_uuid, workflow) = aip_and_workflow(row)?;
    let written = write_report(services, aip_uuid, state.request, deleted_at).await;
    let key = match written {
        Ok(key) => Some(key),
        Err(Halt::Failed(cause)) => {
            tracing::error!(aip = %aip_uuid, cause, "the report of a deletion could not be written");
            None
        }
        Err(other) => return Err(other),
    };
    let uuid = row.uuid;
    services
        .write_step(move |change| {
            Box::pin(async move {
                let (mut aip, mut workflow) = both(change, aip_uuid, workflow).await?;
                let status = if key.is_some() { WorkflowStatus::Done } else { WorkflowStatus::Error };
                if let Some(key) = key {
                    aips::set_deletion_report(change, &mut aip, key).await?;
                }
                set_workflow(change, &mut workflow, status).await?;
                Ok(work::end(change, uuid).await?)
            })
        })
        .await
}

async fn write_report(services: &Services, aip: Uuid, request: Uuid, deleted_at: Timestamp) -> Result<String, Halt> {
    let request = deletion_requests::find(services.db().read(), request).await?;
    let request = request.ok_or_else(|| Halt::Record("a deletion without its request".into()))?;
    Ok(services.write_deletion_report(aip, &request, deleted_at).await?)
}
