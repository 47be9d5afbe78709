//! What is known of work only while this process does it: that it is in hand, and how many bytes are through.

use crate::domain::TaskProgress;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use uuid::Uuid;

/// The work in hand.
#[derive(Debug, Default)]
pub(in crate::server) struct Progress {
    in_hand: Mutex<HashSet<Uuid>>,
    tasks: Mutex<HashMap<Uuid, Arc<Counter>>>,
}

/// Bytes of one task.
#[derive(Debug, Default)]
struct Counter {
    done: AtomicU64,
    total: AtomicU64,
}

/// Work is in hand as long as this is held.
pub(super) struct Turn<'a> {
    progress: &'a Progress,
    work: Uuid,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.progress.in_hand).remove(&self.work);
    }
}

/// Counts a task's bytes; the task has no progress any more once this is dropped.
pub(super) struct Meter<'a> {
    progress: &'a Progress,
    task: Uuid,
    counter: Arc<Counter>,
    in_all: metrics::Counter,
}

impl Meter<'_> {
    /// What to call with the bytes that have just come through, from any thread.
    pub(super) fn count(&self) -> impl Fn(u64) + Send + Sync + use<> {
        let (counter, in_all) = (Arc::clone(&self.counter), self.in_all.clone());
        move |bytes| {
            counter.done.fetch_add(bytes, Ordering::Relaxed);
            in_all.increment(bytes);
        }
    }

    /// Begins anew, e.g. because the step is tried again.
    pub(super) fn restart(&self, total: u64) {
        self.restart_at(0, total);
    }

    /// Begins anew with what was done before, and is counted already.
    pub(super) fn restart_at(&self, done: u64, total: u64) {
        self.counter.done.store(done, Ordering::Relaxed);
        self.counter.total.store(total, Ordering::Relaxed);
    }
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        lock(&self.progress.tasks).remove(&self.task);
    }
}

impl Progress {
    /// Takes work in hand, unless it is already.
    pub(super) fn take(&self, work: Uuid) -> Option<Turn<'_>> {
        let taken = lock(&self.in_hand).insert(work);
        // Only now: a turn that is made gives the work back when it is dropped.
        taken.then(|| Turn { progress: self, work })
    }

    /// Begins to count the bytes of a task; with those of all others in `in_all`.
    pub(super) fn meter(&self, task: Uuid, in_all: metrics::Counter) -> Meter<'_> {
        let counter = Arc::<Counter>::default();
        lock(&self.tasks).insert(task, Arc::clone(&counter));
        Meter { progress: self, task, counter, in_all }
    }

    /// How far a task is; `None` when it moves no bytes now.
    pub(in crate::server) fn of(&self, task: Uuid) -> Option<TaskProgress> {
        let counter = lock(&self.tasks).get(&task).cloned()?;
        let total = counter.total.load(Ordering::Relaxed);
        (total > 0).then(|| TaskProgress { done: counter.done.load(Ordering::Relaxed).min(total), total })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that can panic happens under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_in_one_hand_at_a_time() {
        let (progress, work) = (Progress::default(), Uuid::from_u128(1));
        let turn = progress.take(work).expect("free");
        assert!(progress.take(work).is_none());
        assert!(progress.take(work).is_none(), "asking does not give it back");
        drop(turn);
        assert!(progress.take(work).is_some());
    }

    #[test]
    fn bytes_are_counted_while_a_task_is_at_them() {
        let (progress, task) = (Progress::default(), Uuid::from_u128(1));
        assert_eq!(progress.of(task), None);
        let meter = progress.meter(task, metrics::Counter::noop());
        assert_eq!(progress.of(task), None, "nothing is known before the total is");
        meter.restart(10);
        meter.count()(4);
        assert_eq!(progress.of(task), Some(TaskProgress { done: 4, total: 10 }));
        drop(meter);
        assert_eq!(progress.of(task), None);
    }
}
