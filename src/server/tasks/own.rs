//! Our own workflows report like everybody else: their steps as the log tells them, their bytes as they are counted.

use super::Tasks;
use crate::{
    api::EventFrame,
    domain::{StorageEvent, Task, TaskStatus},
    realtime::{
        progress::{Report, TaskId, TaskState, Transfer},
        rate::Rate,
        topic::Topic,
    },
    server::{
        hub::{Cursor, HubEvent},
        service::Services,
    },
};
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, MissedTickBehavior};
use uuid::Uuid;

/// Events that are read at a time.
const BATCH: usize = 64;
/// Between two looks at how many bytes are through.
const LOOK: Duration = Duration::from_millis(250);

/// Reports until the service stops. `cursor` stands where the log ended before any work was begun.
pub(in crate::server) async fn report(services: Services, mut cursor: Cursor) {
    let stopping = services.stopping().clone();
    let tasks = services.tasks().clone();
    let began = Instant::now();
    let mut moving: HashMap<Uuid, Rate> = HashMap::new();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            batch = cursor.next_batch(BATCH) => match batch {
                Ok(batch) => for event in &batch {
                    if let Some((task, aip)) = step(event) {
                        if task.status == TaskStatus::InProgress {
                            moving.entry(task.uuid).or_default();
                        } else {
                            moving.remove(&task.uuid);
                        }
                        tell(&tasks, task.uuid, of(&task, aip));
                    }
                },
                Err(error) => {
                    // Far behind, or the table cannot be read: what is at work now is told by what follows.
                    tracing::warn!(%error, "some progress of our own work was not told");
                    cursor = services.hub().subscribe();
                }
            },
            _ = looks.tick(), if !moving.is_empty() => {
                let now = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                for (task, rate) in &mut moving {
                    if let Some(bytes) = services.work_in_hand().of(*task) {
                        rate.sample(now, bytes.done);
                        let transfer = Some(Transfer::new(bytes, rate.per_second()));
                        tell(&tasks, *task, Report { transfer, ..Report::new(TaskState::Progress) });
                    }
                }
            }
        }
    }
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
