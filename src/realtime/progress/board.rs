//! All tasks that are at work or ended lately.
//!
//! Invariants: a task's state only goes forward and its progress does not go back; a report that comes late, again or out of order
//! leaves the task as if it had come in its time (reports of one task lead to the same whatever their order, as long as they agree on
//! how it ended; the first end that is heard of stays); a task belongs to whoever reported it first, whatever they are called; the
//! number of tasks of others is bounded, and our own are never given up for those of others; one of our own that waits, for its turn or
//! for a person, is neither stalled nor given up.
//!
//! `now` is milliseconds of a clock that does not go back, `at` the time of day.

use super::{Report, TaskId, TaskMessage, TaskState, Transfer};
use crate::domain::{Person, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

/// How long things are kept, in milliseconds, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A task that is silent for so long is stalled.
    pub silence: u64,
    /// A finished task stays for so long.
    pub finished: u64,
    /// A task that did not finish and is silent for so long is let go.
    pub given_up: u64,
    /// Tasks at most.
    pub most: usize,
}

impl Default for Limits {
    /// A minute, a quarter of an hour, a day; 1,000.
    fn default() -> Self {
        Self { silence: 60_000, finished: 15 * 60_000, given_up: 24 * 60 * 60_000, most: 1_000 }
    }
}

/// What became of a report that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The task is otherwise than before: tell.
    Changed,
    /// It was known, is late, or says that the task ended otherwise than it did.
    Nothing,
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The task is somebody else's.
    #[error("another system reports this task; it is as it was")]
    NotYours,
    /// There are too many, all of them at work.
    #[error("too many tasks are at work; report this one again later")]
    Full,
}

/// What time brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passed {
    /// These are stalled now: tell.
    pub stalled: Vec<TaskId>,
    /// These were let go.
    pub gone: Vec<TaskId>,
}

/// The newest of what was said, whatever order it came in: by how far the task was, then by time, then by what it says.
type Newest<T> = Option<((u8, i64), T)>;

fn newest<T: PartialOrd>(held: &mut Newest<T>, when: (u8, i64), value: Option<T>) {
    if let Some(value) = value
        && held.as_ref().is_none_or(|(then, old)| (*then, old) < (when, &value))
    {
        *held = Some((when, value));
    }
}

fn value<T: Clone>(held: &Newest<T>) -> Option<T> {
    held.as_ref().map(|(_, value)| value.clone())
}

#[derive(Debug, Clone, PartialEq)]
struct Task {
    /// Who reports it, with the name they had last; none: we do.
    owner: Option<Person>,
    state: TaskState,
    progress: u8,
    /// As text of JSON, which has an order.
    result: Newest<String>,
    message: Newest<String>,
    name: Newest<String>,
    aip_uuid: Option<Uuid>,
    transfer: Option<((u8, i64), Transfer)>,
    latest: i64,
    started: Option<i64>,
    finished: Option<i64>,
    stalled: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    task: Task,
    version: u64,
    /// When something was last heard of it; of a finished task, when it was first heard to be.
    heard: u64,
}

/// The tasks.
#[derive(Debug, Clone)]
pub struct Board {
    limits: Limits,
    tasks: BTreeMap<TaskId, Kept>,
    /// Finished ones that were let go: what still comes of them is late.
    past: VecDeque<TaskId>,
    changes: u64,
}

impl Board {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, tasks: BTreeMap::new(), past: VecDeque::new(), changes: 0 }
    }

    /// Its versions are above this one.
    #[must_use]
    pub fn counting_from(self, version: u64) -> Self {
        Self { changes: version, ..self }
    }

    /// Somebody reports; `owner` is who, by the server's knowledge, none for our own work.
    ///
    /// # Errors
    /// When the task is somebody else's, or there is no room for another one. Nothing was changed.
    pub fn report(&mut self, id: &TaskId, owner: Option<&Person>, report: Report, at: Timestamp, now: u64) -> Result<Heard, NotTaken> {
        if !self.tasks.contains_key(id) {
            if self.past.contains(id) {
                return Ok(Heard::Nothing);
            }
            self.make_room(owner.is_none())?;
        }
        self.changes += 1;
        let version = self.changes;
        let kept = self.tasks.entry(id.clone()).or_insert_with(|| Kept { task: Task::new(owner), version: 0, heard: now });
        if !kept.task.is_of(owner) {
            return Err(NotTaken::NotYours);
        }
        let before = kept.task.clone();
        kept.task.owner = owner.cloned();
        kept.task.hear(report, at);
        if !before.state.is_final() {
            kept.heard = now;
        }
        if kept.version > 0 && kept.task == before {
            return Ok(Heard::Nothing);
        }
        kept.version = version;
        Ok(Heard::Changed)
    }

    /// Time passed. Call at [`next_due`](Self::next_due).
    pub fn tick(&mut self, now: u64) -> Passed {
        let mut passed = Passed::default();
        for (id, kept) in self.tasks.iter_mut().filter(|(_, kept)| !kept.task.rests()) {
            let silent = now.saturating_sub(kept.heard);
            let finished = kept.task.state.is_final();
            if silent >= if finished { self.limits.finished } else { self.limits.given_up } {
                passed.gone.push(id.clone());
            } else if !finished && !kept.task.stalled && silent >= self.limits.silence {
                kept.task.stalled = true;
                self.changes += 1;
                kept.version = self.changes;
                passed.stalled.push(id.clone());
            }
        }
        for id in &passed.gone {
            self.let_go(id);
        }
        passed
    }

    /// When [`tick`](Self::tick) is worth calling.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        let due = |kept: &Kept| {
            let patience = match kept.task {
                Task { state, .. } if state.is_final() => self.limits.finished,
                Task { stalled: true, .. } => self.limits.given_up,
                _ => self.limits.silence.min(self.limits.given_up),
            };
            kept.heard.saturating_add(patience)
        };
        self.tasks.values().filter(|kept| !kept.task.rests()).map(due).min()
    }

    /// How a task stands.
    #[must_use]
    pub fn message(&self, id: &TaskId) -> Option<TaskMessage> {
        self.tasks.get(id).map(|kept| kept.message(id))
    }

    /// How all stand, those that changed last first.
    #[must_use]
    pub fn messages(&self) -> Vec<TaskMessage> {
        let mut all: Vec<_> = self.tasks.iter().map(|(id, kept)| kept.message(id)).collect();
        all.sort_unstable_by_key(|message| std::cmp::Reverse(message.version));
        all
    }

    fn let_go(&mut self, id: &TaskId) {
        let Some(kept) = self.tasks.remove(id) else { return };
        if kept.task.state.is_final() {
            self.past.push_back(id.clone());
        }
        if self.past.len() > self.limits.most {
            self.past.pop_front();
        }
    }

    /// Lets one go where there are too many: a finished one, else a stalled one, else, for our own work, one of somebody else's; of those,
    /// the one that was not heard of for longest.
    fn make_room(&mut self, for_us: bool) -> Result<(), NotTaken> {
        if self.tasks.len() < self.limits.most {
            return Ok(());
        }
        let class = |task: &Task| match task {
            Task { state, .. } if state.is_final() => Some(0),
            Task { owner: None, .. } => None,
            Task { stalled: true, .. } => Some(1),
            _ => for_us.then_some(2),
        };
        let candidates = self.tasks.iter().filter_map(|(id, kept)| class(&kept.task).map(|class| (class, kept.heard, id)));
        match candidates.min().map(|(.., id)| id.clone()) {
            Some(id) => self.let_go(&id),
            // Our own work is bounded elsewhere: there is one at most for each AIP.
            None if for_us => {}
            None => return Err(NotTaken::Full),
        }
        Ok(())
    }
}

impl Task {
    fn new(owner: Option<&Person>) -> Self {
        Self {
            owner: owner.cloned(),
            state: TaskState::Pending,
            progress: 0,
            result: None,
            message: None,
            name: None,
            aip_uuid: None,
            transfer: None,
            latest: i64::MIN,
            started: None,
            finished: None,
            stalled: false,
        }
    }

    /// Whether it is this reporter's.
    fn is_of(&self, reporter: Option<&Person>) -> bool {
        match (&self.owner, reporter) {
            (None, None) => true,
            (Some(owner), Some(reporter)) => owner.is(reporter),
            _ => false,
        }
    }

    /// Whether it is silent because there is nothing to say: our own work, which waits for its turn or for a person.
    fn rests(&self) -> bool {
        self.owner.is_none() && self.state == TaskState::Pending
    }

    fn hear(&mut self, report: Report, at: Timestamp) {
        let Report { state, progress, message, result, timestamp, name, aip_uuid, transfer } = report;
        if self.state.is_final() && state.is_final() && state != self.state {
            return;
        }
        // A clock that is ahead does not make what it says newer than what follows.
        let micros = timestamp.map_or(at, |timestamp| timestamp.min(at)).micros();
        let when = (state.rank(), micros);
        let earliest = |held: Option<i64>, is: bool| if is { Some(held.map_or(micros, |held| held.min(micros))) } else { held };
        self.started = earliest(self.started, state.rank() > 0);
        self.finished = earliest(self.finished, state.is_final());
        self.latest = self.latest.max(micros);
        if state.rank() > self.state.rank() {
            self.state = state;
        }
        let said = if state == TaskState::Success { Some(100) } else { progress.or(transfer.map(Transfer::percent)) };
        self.progress = self.progress.max(said.unwrap_or(0));
        newest(&mut self.message, when, message);
        newest(&mut self.name, when, name);
        newest(&mut self.result, when, result.as_ref().map(Value::to_string));
        self.aip_uuid = self.aip_uuid.or(aip_uuid);
        if let Some(transfer) = transfer.filter(|_| self.transfer.is_none_or(|(then, _)| then <= when)) {
            self.transfer = Some((when, transfer));
        }
        self.stalled = false;
    }
}

impl Kept {
    fn message(&self, id: &TaskId) -> TaskMessage {
        let task = &self.task;
        TaskMessage {
            task_id: id.clone(),
            state: task.state,
            progress: task.progress,
            message: value(&task.message),
            // It was written by us.
            result: value(&task.result).and_then(|text| serde_json::from_str(&text).ok()),
            timestamp: Timestamp::from_micros(task.latest),
            version: self.version,
            name: value(&task.name),
            source: task.owner.as_ref().map(|owner| owner.name.clone()),
            started_at: task.started.map(Timestamp::from_micros),
            finished_at: task.finished.map(Timestamp::from_micros),
            stalled: task.stalled,
            aip_uuid: task.aip_uuid,
            transfer: task.transfer.map(|(_, transfer)| transfer),
        }
    }
}

#[cfg(test)]
mod tests;
