//! Moving an AIP to another location (`storage-api.md` sections 0 and 9.1).
//!
//! The source is removed only after the copy was read back from the target, found to be the same, and recorded to be so. Cut off at
//! any instant, the next step to do is in the work's row; every step may be done twice.

use super::{
    engine::aip_and_workflow,
    passing::{passing, read_through},
    record::{begin_task, both, end_task, set_workflow},
    retry::retried,
    step::{Halt, Move, MoveStep, Work},
};
use crate::{
    domain::{AipStatus, TaskStatus, WorkflowStatus},
    server::{
        db::{
            aips::{self, AipRow},
            locations::{self, LocationRow},
            submissions,
            work::{self, WorkRow},
        },
        metrics::Traffic,
        objects::{ObjectStore, StoreError},
        service::Services,
    },
};
use std::sync::Arc;
use uuid::Uuid;

/// Where bytes come from and go to.
struct Route {
    aip: AipRow,
    source: Arc<dyn ObjectStore>,
    target: Arc<dyn ObjectStore>,
    to: LocationRow,
}

pub(super) async fn step(services: &Services, row: &WorkRow<Work>, state: Move) -> Result<(), Halt> {
    let (aip, _) = aip_and_workflow(row)?;
    let route = match route(services, aip, state.target).await {
        Err(Halt::Failed(cause)) if state.step != MoveStep::RemoveSource => return give_up(services, row, &state, cause).await,
        other => other?,
    };
    let done = match state.step {
        MoveStep::Look => look(services, &route).await,
        MoveStep::Copy => copy(services, &route, state.task).await.map(|()| MoveStep::RemoveSource),
        MoveStep::Compare => compare(services, &route, state.task).await.map(|()| MoveStep::RemoveSource),
        MoveStep::RemoveSource => return remove_source(services, row, &state, route).await,
    };
    match done {
        Ok(MoveStep::RemoveSource) => proven(services, row, state).await,
        Ok(next) => {
            let (uuid, state) = (row.uuid, Work::Move(Move { step: next, ..state }));
            services.write_step(move |change| Box::pin(async move { Ok(work::update(change, uuid, false, &state).await?) })).await
        }
        Err(Halt::Failed(cause)) => {
            let left = if state.step == MoveStep::Copy { clear(services, &route).await? } else { "" };
            give_up(services, row, &state, format!("{cause}{left}")).await
        }
        Err(other) => Err(other),
    }
}

async fn route(services: &Services, aip: Uuid, target: Uuid) -> Result<Route, Halt> {
    let db = services.db().read();
    let aip = aips::find(db, aip).await?.ok_or_else(|| Halt::Record("the AIP is gone".into()))?;
    let to = locations::find(db, target).await?.ok_or_else(|| Halt::Failed("the target location is not there any more".into()))?;
    Ok(Route { source: services.store_of(&aip.aip).await?, target: services.object_store(&to.config)?, aip, to })
}

async fn look(services: &Services, route: &Route) -> Result<MoveStep, Halt> {
    let key = route.aip.aip.object_key;
    let there = retried(services, || route.target.size(key)).await?;
    Ok(if there.is_some() { MoveStep::Compare } else { MoveStep::Copy })
}

/// Copies unless that was done before the last stop, and proves the copy.
async fn copy(services: &Services, route: &Route, task: Uuid) -> Result<(), Halt> {
    let key = route.aip.aip.object_key;
    let size = source_size(services, route).await?;
    let meter = services.work_in_hand().meter(task, services.meters().bytes(Traffic::Moved));
    // Read once to copy and once to prove.
    let total = size * 2;
    let mut expected = None;
    if retried(services, || route.target.size(key)).await?.is_none() {
        let meter = &meter;
        let copied = retried(services, || async move {
            meter.restart(total);
            let (stream, passed) = passing(route.source.read(key, 0..size).await?, meter.count());
            match route.target.put(key, size, stream).await {
                Ok(()) => passed.digests().await.map(Some),
                // There was none before: an attempt whose answer was lost did it.
                Err(StoreError::Exists(_)) => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await?;
        if let Some(copied) = copied {
            is_recorded(route, &copied.sha256)?;
            expected = Some(copied.sha256);
        }
    }
    let expected = match expected {
        Some(digest) => digest,
        None => source_digest(services, route, size).await?,
    };
    prove(services, route, size, &expected, || {
        meter.restart_at(size, total);
        meter.count()
    })
    .await
}

/// The target had an object of this name before anything was copied: it will do if it is the same package.
async fn compare(services: &Services, route: &Route, task: Uuid) -> Result<(), Halt> {
    let size = source_size(services, route).await?;
    let meter = services.work_in_hand().meter(task, services.meters().bytes(Traffic::Moved));
    let expected = source_digest(services, route, size).await?;
    let count = || {
        meter.restart(size);
        meter.count()
    };
    prove(services, route, size, &expected, count).await.map_err(|halt| match halt {
        Halt::Failed(cause) => Halt::Failed(format!("{cause} It was there before this move and was not touched.")),
        other => other,
    })
}

async fn source_size(services: &Services, route: &Route) -> Result<u64, Halt> {
    let key = route.aip.aip.object_key;
    let size = retried(services, || route.source.size(key)).await?;
    let size = size.ok_or_else(|| Halt::Failed("The AIP's file is not in its location, so there is nothing to copy.".into()))?;
    match route.aip.aip.size {
        Some(recorded) if recorded != size => Err(Halt::Failed(format!(
            "The AIP's file has {size} bytes and {recorded} were recorded: it is damaged. It was not copied; restore it from a backup."
        ))),
        _ => Ok(size),
    }
}

/// The digest that was recorded, or, for a package whose bytes were never read here, the one of its bytes now.
async fn source_digest(services: &Services, route: &Route, size: u64) -> Result<String, Halt> {
    if let Some(recorded) = &route.aip.aip.sha256 {
        return Ok(recorded.clone());
    }
    let key = route.aip.aip.object_key;
    Ok(retried(services, || read_through(&route.source, key, size, |_| {})).await?.sha256)
}

fn is_recorded(route: &Route, read: &str) -> Result<(), Halt> {
    match &route.aip.aip.sha256 {
        Some(recorded) if recorded != read => Err(Halt::Failed(
            "The AIP's file is not the one that was recorded: its SHA-256 differs. It was not moved; restore it from a backup.".into(),
        )),
        _ => Ok(()),
    }
}

/// Reads what is in the target and holds it against what should be there.
async fn prove<C: Fn(u64) + Send + Sync + 'static>(
    services: &Services,
    route: &Route,
    size: u64,
    expected: &str,
    count: impl Fn() -> C,
) -> Result<(), Halt> {
    let key = route.aip.aip.object_key;
    let name = &route.to.location.name;
    let there = retried(services, || route.target.size(key)).await?;
    if there != Some(size) {
        return Err(Halt::Failed(format!("What is in \"{name}\" under the AIP's object key has another size than the AIP.")));
    }
    let read = retried(services, || read_through(&route.target, key, size, count())).await?;
    if read.size != size || read.sha256 != expected {
        return Err(Halt::Failed(format!("What was read back from \"{name}\" is not what is in the source: the SHA-256 differs.")));
    }
    Ok(())
}

/// The copy is proven: says so, and goes on to the source.
async fn proven(services: &Services, row: &WorkRow<Work>, state: Move) -> Result<(), Halt> {
    let (aip, workflow) = aip_and_workflow(row)?;
    let uuid = row.uuid;
    services
        .write_step(move |change| {
            Box::pin(async move {
                let (_, workflow) = both(change, aip, workflow).await?;
                end_task(change, state.task, TaskStatus::Done, "AIP copied to target location".into(), aip).await?;
                let note = "Deleting AIP from source location".into();
                let task = begin_task(change, &workflow, "Delete AIP", note, TaskStatus::InProgress).await?;
                let state = Work::Move(Move { step: MoveStep::RemoveSource, task: task.uuid, ..state });
                Ok(work::update(change, uuid, false, &state).await?)
            })
        })
        .await
}

/// Removes the object from the source and records where the AIP is now: in the target, whatever comes of the source.
async fn remove_source(services: &Services, row: &WorkRow<Work>, state: &Move, route: Route) -> Result<(), Halt> {
    let (aip, workflow) = aip_and_workflow(row)?;
    let key = route.aip.aip.object_key;
    let removed = match retried(services, || route.source.remove(key)).await {
        Err(Halt::Failed(cause)) => Err(cause),
        other => Ok(other?),
    };
    let (uuid, task, to) = (row.uuid, state.task, route.to);
    services
        .write_step(move |change| {
            Box::pin(async move {
                let (mut row, mut workflow) = both(change, aip, workflow).await?;
                let (end, status, note) = match removed {
                    Ok(()) => (TaskStatus::Done, WorkflowStatus::Done, "AIP deleted from source location".to_owned()),
                    Err(cause) => (
                        TaskStatus::Error,
                        WorkflowStatus::Error,
                        format!("Failed to delete AIP from source location\n{cause}\nThe AIP is in the target location, read back and compared. What is left of it in the source location may be removed."),
                    ),
                };
                end_task(change, task, end, note, aip).await?;
                if let Some(source) = row.location_id {
                    locations::touch(change, source).await?;
                }
                locations::touch(change, to.id).await?;
                submissions::forget(change, row.id).await?;
                aips::set_location(change, &mut row, (to.id, to.location.uuid, &to.location.name)).await?;
                aips::set_status(change, &mut row, AipStatus::Stored).await?;
                set_workflow(change, &mut workflow, status).await?;
                Ok(work::end(change, uuid).await?)
            })
        })
        .await
}

/// Removes what this move brought into the target. A sentence about what may be left, if it cannot.
async fn clear(services: &Services, route: &Route) -> Result<&'static str, Halt> {
    let key = route.aip.aip.object_key;
    match retried(services, || route.target.remove(key)).await {
        Ok(()) => Ok(""),
        Err(Halt::Failed(_)) => Ok(" A copy that was not proven may be left in the target location."),
        Err(other) => Err(other),
    }
}

/// The move is given up; the AIP is where it was.
async fn give_up(services: &Services, row: &WorkRow<Work>, state: &Move, cause: String) -> Result<(), Halt> {
    let (aip, workflow) = aip_and_workflow(row)?;
    let (uuid, task) = (row.uuid, state.task);
    services
        .write_step(move |change| {
            Box::pin(async move {
                let (mut row, mut workflow) = both(change, aip, workflow).await?;
                let note = format!("Failed to copy AIP to target location\n{cause}\nNothing was removed: the AIP is where it was.");
                end_task(change, task, TaskStatus::Error, note, aip).await?;
                // One that was submitted lies in no location yet, and can be moved again.
                let status = if row.location_id.is_some() { AipStatus::Stored } else { AipStatus::Pending };
                aips::set_status(change, &mut row, status).await?;
                set_workflow(change, &mut workflow, WorkflowStatus::Error).await?;
                Ok(work::end(change, uuid).await?)
            })
        })
        .await
}
