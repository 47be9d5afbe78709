//! Our own workflows report like everybody else: their steps as the log tells them, their bytes as they are counted.
//!
//! Work that goes on after a start may tell nothing before its step ends, so what is at work is looked up first, and again where the log
//! was lost. The place in the log is taken before that: what changes meanwhile is told twice rather than not at all.

use super::Tasks;
use crate::{
    api::EventFrame,
    domain::{StorageEvent, Task, TaskProgress, TaskStatus},
    realtime::{
        progress::{Report, TaskId, TaskState, Transfer},
        rate::Rate,
        topic::Topic,
    },
    server::{
        db::{DbErr, workflows},
        hub::{Cursor, HubError, HubEvent},
        service::Services,
    },
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events that are read at a time.
const BATCH: usize = 64;
/// Between two looks at how many bytes are through.
const LOOK: Duration = Duration::from_millis(250);
/// How long to wait before a database that could not be read is read again.
const AGAIN: Duration = Duration::from_secs(1);

/// A step at work.
#[derive(Debug)]
struct Moving {
    /// Told with the bytes: of a step that hung for so long that it was let go, nothing else is known when it moves again.
    name: String,
    aip: Option<Uuid>,
    rate: Rate,
    /// The bytes that were reported last. The same again are silence: a step that hangs shows as one that does.
    told: Option<TaskProgress>,
}

type AtWork = HashMap<Uuid, Moving>;

/// Reports until the service stops. `cursor` stands where the log ended before any work was begun.
pub(in crate::server) async fn report(services: Services, mut cursor: Cursor) {
    let stopping = services.stopping().clone();
    let tasks = services.tasks().clone();
    let began = Instant::now();
    let mut moving = AtWork::new();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut complete = false;
    loop {
        if !complete {
            match look_up(&services, &mut moving).await {
                Ok(()) => complete = true,
                Err(error) => {
                    tracing::warn!(%error, "what is at work cannot be read; it is tried again");
                    if !pause(&stopping).await {
                        return;
                    }
                    continue;
                }
            }
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            batch = cursor.next_batch(BATCH) => match batch {
                Ok(batch) => for event in &batch {
                    if let Some((task, aip)) = step(event) {
                        take(&tasks, &mut moving, &task, aip);
                    }
                },
                Err(error @ HubError::Lost(_)) => {
                    tracing::warn!(%error, "some progress of our own work was not told; how it stands now is looked up");
                    moving.clear();
                    cursor = services.hub().subscribe();
                    complete = false;
                }
                Err(HubError::Database(error)) => {
                    tracing::warn!(%error, "the progress of our own work cannot be read; it is tried again");
                    if !pause(&stopping).await {
                        return;
                    }
                }
            },
            _ = looks.tick(), if !moving.is_empty() => {
                let now = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                for (task, Moving { name, aip, rate, told }) in &mut moving {
                    let Some(bytes) = services.work_in_hand().of(*task) else { continue };
                    rate.sample(now, bytes.done);
                    if told.replace(bytes) != Some(bytes) {
                        let transfer = Some(Transfer::new(bytes, rate.per_second()));
                        let name = Some(name.clone());
                        tell(&tasks, *task, Report { transfer, name, aip_uuid: *aip, ..Report::new(TaskState::Progress) });
                    }
                }
            }
        }
    }
}

/// Tells how our own steps stand: those that have not ended, and those that ended without that having been told.
async fn look_up(services: &Services, moving: &mut AtWork) -> Result<(), DbErr> {
    let (db, tasks) = (services.db().read(), services.tasks());
    let mut unfinished = HashSet::new();
    for (task, aip) in workflows::unfinished_tasks(db).await? {
        take(tasks, moving, &task, Some(aip));
        unfinished.insert(task.uuid);
    }
    let ours = tasks.all().into_iter().filter(|message| message.source.is_none() && !message.state.is_final());
    let ours: Vec<_> = ours.filter_map(|message| Some((Uuid::parse_str(message.task_id.as_str()).ok()?, message.aip_uuid))).collect();
    for (uuid, aip) in ours {
        if !unfinished.contains(&uuid)
            && let Some(task) = workflows::find_task(db, uuid).await?
        {
            take(tasks, moving, &task, aip);
        }
    }
    Ok(())
}

/// Waits before something is tried again. Whether the service goes on.
async fn pause(stopping: &CancellationToken) -> bool {
    tokio::select! {
        () = stopping.cancelled() => false,
        () = tokio::time::sleep(AGAIN) => true,
    }
}

/// Tells of a step. As long as it is at work, its bytes are looked at.
fn take(tasks: &Tasks, moving: &mut AtWork, task: &Task, aip: Option<Uuid>) {
    if task.status == TaskStatus::InProgress {
        moving.entry(task.uuid).or_insert_with(|| Moving { name: task.name.clone(), aip, rate: Rate::default(), told: None });
    } else {
        moving.remove(&task.uuid);
    }
    tell(tasks, task.uuid, of(task, aip));
}

fn tell(tasks: &Tasks, task: Uuid, report: Report) {
    if let Err(error) = tasks.report(&TaskId::from(task), None, report) {
        tracing::debug!(%task, %error, "a step of our own is not among the tasks");
    }
}

/// The step that an event tells of, and its AIP.
fn step(event: &HubEvent) -> Option<(Task, Option<Uuid>)> {
    // Few events are of steps; the others are not read.
    event.topics.contains(&Topic::Tasks).then_some(())?;
    let frame: EventFrame = serde_json::from_str(event.json()).ok()?;
    let (StorageEvent::AipTaskCreated { item, .. } | StorageEvent::AipTaskUpdated { item, .. }) = frame.value else { return None };
    let aip = event.topics.iter().find_map(|topic| if let Topic::Aip(uuid) = topic { Some(*uuid) } else { None });
    Some((item, aip))
}

fn of(task: &Task, aip_uuid: Option<Uuid>) -> Report {
    let state = match task.status {
        TaskStatus::Unspecified | TaskStatus::Queued | TaskStatus::Pending => TaskState::Pending,
        TaskStatus::InProgress => TaskState::Started,
        TaskStatus::Done => TaskState::Success,
        TaskStatus::Error => TaskState::Failure,
    };
    let timestamp = task.completed_at.or(task.started_at);
    Report { message: task.note.clone(), name: Some(task.name.clone()), timestamp, aip_uuid, ..Report::new(state) }
}
