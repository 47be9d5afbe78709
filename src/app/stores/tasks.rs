//! The progress of tasks, each a row that changes in place.
//!
//! Of a task the message with the highest version counts, whether it came by itself or in an answer. A row changes at most four times a
//! second ([`Throttle`]). Rows stand in the order in which they began, those that ended after them, the last first; while somebody points
//! at them or has the focus there none moves.

use super::ConnectionStore;
use crate::{
    api::Tasks,
    app::browser,
    realtime::{
        client::throttle::Throttle,
        progress::{TaskId, TaskMessage},
    },
};
use leptos::prelude::*;

/// A task that was told of so lately, in milliseconds, is known though an answer does not have it: that may be older.
const LATELY: u64 = 10_000;

/// While somebody points at the rows none goes, up to so many: a pointer may lie there for days.
const HELD: usize = 1_000;

/// Rows that have to wait change together at multiples of this, in milliseconds: however few change, the page is drawn once for it.
const BEAT: u64 = 100;

/// A task on screen.
#[derive(Debug, Clone)]
pub struct TaskRow {
    /// Which.
    pub id: TaskId,
    /// How it stands.
    pub told: ArcRwSignal<TaskMessage>,
    /// It stands among those that ended.
    pub ended: bool,
    /// When a message last told of it.
    heard: Option<u64>,
}

impl TaskRow {
    fn new(message: TaskMessage, heard: Option<u64>) -> Self {
        Self { id: message.task_id.clone(), ended: message.state.is_final(), told: ArcRwSignal::new(message), heard }
    }
}

/// The store of tasks.
#[derive(Debug, Clone, Copy)]
pub struct TasksStore {
    rows: RwSignal<Vec<TaskRow>>,
    pace: StoredValue<Throttle<TaskId, TaskMessage>>,
    /// When the timer is due that shows what waits; none: there is no timer.
    timer: StoredValue<Option<u64>>,
    /// Rows stay where they are.
    held: StoredValue<bool>,
    connection: ConnectionStore,
}

impl TasksStore {
    pub(super) fn new(connection: ConnectionStore) -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            pace: StoredValue::new(Throttle::default()),
            timer: StoredValue::new(None),
            held: StoredValue::new(false),
            connection,
        }
    }

    /// Those that run, or those that ended, in their order; reactive.
    #[must_use]
    pub fn rows(&self, ended: bool) -> Vec<TaskRow> {
        self.rows.with(|rows| rows.iter().filter(|row| row.ended == ended).cloned().collect())
    }

    /// Takes an answer. What is not in it is forgotten, and so is not shown any more; while somebody points at the rows it stays.
    pub fn show(&self, answer: Tasks) {
        let now = browser::monotonic();
        let mut items = answer.items;
        // They come with the last one first; times are told in seconds, in which many may begin.
        items.reverse();
        items.sort_by_key(|item| item.started_at.unwrap_or(item.timestamp));
        let mut rows = self.rows.get_untracked();
        let held = self.held.get_value() && rows.len() <= HELD;
        rows.retain(|row| {
            let stays = held || row.heard.is_some_and(|heard| now < heard + LATELY) || items.iter().any(|item| item.task_id == row.id);
            if !stays {
                self.pace.update_value(|pace| pace.forget(&row.id));
            }
            stays
        });
        for item in items {
            match rows.iter().find(|row| row.id == item.task_id) {
                Some(row) if item.version >= row.told.with_untracked(|held| held.version) => {
                    if row.told.with_untracked(|held| *held != item) {
                        row.told.set(item);
                    }
                }
                Some(_) => {}
                None => rows.push(TaskRow::new(item, None)),
            }
        }
        self.place(rows);
    }

    /// A message came: it is shown now, or in a moment if the row has just changed.
    pub fn hear(&self, message: TaskMessage) {
        let (id, now) = (message.task_id.clone(), browser::monotonic());
        match self.pace.try_update_value(|pace| pace.offer(id, message, now)).flatten() {
            Some(message) => self.put(message),
            None => self.wait(now),
        }
    }

    /// Sees to it that what waits is shown when its time has come, all of it: of many rows each has a time of its own.
    fn wait(&self, now: u64) {
        let Some(due) = self.pace.with_value(Throttle::next_due).map(|due| due.next_multiple_of(BEAT)) else { return };
        // One timer is enough, unless it is a later one.
        if self.timer.get_value().is_some_and(|set| set <= due) {
            return;
        }
        self.timer.set_value(Some(due));
        let this = *self;
        browser::after(due.saturating_sub(now), move || {
            let now = browser::monotonic();
            for (_, message) in this.pace.try_update_value(|pace| pace.take(now)).unwrap_or_default() {
                this.put(message);
            }
            if this.timer.get_value() == Some(due) {
                this.timer.set_value(None);
            }
            this.wait(now);
        });
    }

    fn put(&self, message: TaskMessage) {
        let now = Some(browser::monotonic());
        let known = self.rows.try_update_untracked(|rows| {
            let row = rows.iter_mut().find(|row| row.id == message.task_id)?;
            row.heard = now;
            Some(row.told.clone())
        });
        let mut rows = self.rows.get_untracked();
        match known.flatten() {
            Some(told) => {
                let (version, state) = told.with_untracked(|held| (held.version, held.state));
                if message.version <= version {
                    return;
                }
                let same = state == message.state;
                told.set(message);
                if same {
                    return;
                }
            }
            None => rows.push(TaskRow::new(message, now)),
        }
        self.connection.note(|seen| seen.unannounced += 1);
        self.place(rows);
    }

    /// The service was started again: what its answers do not have is gone, though it was told of just now.
    pub fn restarted(&self) {
        self.pace.set_value(Throttle::default());
        self.rows.update_untracked(|rows| rows.iter_mut().for_each(|row| row.heard = None));
    }

    /// While `held` no row moves; afterwards each goes to its place.
    pub fn hold(&self, held: bool) {
        self.held.set_value(held);
        if !held {
            self.place(self.rows.get_untracked());
        }
    }

    fn place(&self, mut rows: Vec<TaskRow>) {
        if !self.held.get_value() {
            for row in &mut rows {
                row.ended = row.told.with_untracked(|held| held.state.is_final());
            }
            // Those that run stay in the order in which they came.
            rows.sort_by_key(|row| {
                let end = row.told.with_untracked(|held| held.finished_at.unwrap_or(held.timestamp).micros());
                (row.ended, if row.ended { -end } else { 0 })
            });
        }
        let places = |rows: &[TaskRow]| rows.iter().map(|row| (row.id.clone(), row.ended)).collect::<Vec<_>>();
        if self.rows.with_untracked(|held| places(held) == places(&rows)) {
            self.rows.update_untracked(|held| *held = rows);
        } else {
            self.rows.set(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::stores::Stores, domain::Timestamp, realtime::progress::TaskState};

    fn task(id: &str, version: u64, state: TaskState) -> TaskMessage {
        TaskMessage {
            task_id: TaskId::new(id).expect("an id"),
            state,
            progress: 0,
            message: None,
            result: None,
            timestamp: Timestamp::from_micros(version.cast_signed()),
            version,
            name: None,
            source: Some("preservation".into()),
            started_at: None,
            finished_at: None,
            stalled: false,
            aip_uuid: None,
            transfer: None,
        }
    }

    fn with_tasks(test: impl FnOnce(TasksStore)) {
        Owner::new().with(|| test(Stores::provide().tasks));
    }

    fn shown(tasks: TasksStore, ended: bool) -> Vec<(String, u64)> {
        untrack(|| tasks.rows(ended)).iter().map(|row| (row.id.to_string(), row.told.with_untracked(|held| held.version))).collect()
    }

    fn told(all: &[(&str, u64)]) -> Vec<(String, u64)> {
        all.iter().map(|(id, version)| ((*id).to_owned(), *version)).collect()
    }

    const AT_WORK: TaskState = TaskState::Progress;
    const DONE: TaskState = TaskState::Success;

    #[test]
    fn the_highest_version_counts() {
        with_tasks(|tasks| {
            tasks.show(Tasks { items: vec![task("a", 5, AT_WORK)] });
            tasks.put(task("a", 4, DONE));
            tasks.show(Tasks { items: vec![task("a", 3, DONE)] });
            assert_eq!(shown(tasks, false), told(&[("a", 5)]));
            tasks.put(task("a", 6, AT_WORK));
            assert_eq!(shown(tasks, false), told(&[("a", 6)]));
        });
    }

    #[test]
    fn running_ones_stay_in_their_order_and_the_last_to_end_is_the_first_of_those_that_did() {
        with_tasks(|tasks| {
            tasks.show(Tasks { items: vec![task("c", 3, AT_WORK), task("b", 2, AT_WORK), task("a", 1, AT_WORK)] });
            tasks.put(task("a", 9, AT_WORK));
            assert_eq!(shown(tasks, false), told(&[("a", 9), ("b", 2), ("c", 3)]));
            tasks.put(task("b", 10, DONE));
            tasks.put(task("a", 11, DONE));
            assert_eq!((shown(tasks, false), shown(tasks, true)), (told(&[("c", 3)]), told(&[("a", 11), ("b", 10)])));
        });
    }

    #[test]
    fn nothing_moves_while_somebody_points_at_it() {
        with_tasks(|tasks| {
            tasks.show(Tasks { items: vec![task("a", 1, AT_WORK), task("b", 2, AT_WORK)] });
            tasks.hold(true);
            tasks.put(task("a", 3, DONE));
            tasks.put(task("c", 4, AT_WORK));
            assert_eq!(shown(tasks, false), told(&[("a", 3), ("b", 2), ("c", 4)]));
            tasks.hold(false);
            assert_eq!((shown(tasks, false), shown(tasks, true)), (told(&[("b", 2), ("c", 4)]), told(&[("a", 3)])));
        });
    }

    #[test]
    fn what_an_answer_does_not_have_is_gone_unless_it_was_told_of_just_now() {
        with_tasks(|tasks| {
            tasks.show(Tasks { items: vec![task("a", 1, AT_WORK)] });
            tasks.put(task("b", 2, AT_WORK));
            tasks.hold(true);
            tasks.show(Tasks::default());
            assert_eq!(shown(tasks, false), told(&[("a", 1), ("b", 2)]), "not from under the pointer");
            tasks.hold(false);
            tasks.show(Tasks::default());
            assert_eq!(shown(tasks, false), told(&[("b", 2)]));
            tasks.restarted();
            tasks.show(Tasks::default());
            assert_eq!(shown(tasks, false), told(&[]));
        });
    }

    #[test]
    fn under_a_pointer_that_was_forgotten_there_rows_do_not_grow_in_number_for_ever() {
        with_tasks(|tasks| {
            tasks.hold(true);
            tasks.show(Tasks { items: (0..=HELD).map(|number| task(&number.to_string(), 1, AT_WORK)).collect() });
            tasks.show(Tasks::default());
            assert_eq!(shown(tasks, false), told(&[]));
        });
    }
}
