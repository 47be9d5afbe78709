//! What a page shows as a whole, as the newest answer has it: the archive at a glance, a piece of the log.

use crate::{api::client::Snapshot, realtime::Position};
use leptos::prelude::*;

/// The newest answer of a kind.
#[derive(Debug)]
pub struct Latest<T: Send + Sync + 'static> {
    data: RwSignal<Option<T>>,
    position: StoredValue<Option<Position>>,
}

impl<T: Send + Sync + 'static> Clone for Latest<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Latest<T> {}

impl<T: PartialEq + Send + Sync + 'static> Latest<T> {
    /// Nothing was answered yet.
    #[must_use]
    pub(in crate::app) fn new() -> Self {
        Self { data: RwSignal::new(None), position: StoredValue::new(None) }
    }

    /// Takes an answer, unless it is older than the one held.
    pub fn show(&self, answer: Snapshot<T>) {
        let held = self.position.get_value();
        if matches!((answer.position, held), (Some(new), Some(held)) if new.epoch == held.epoch && new.seq < held.seq) {
            return;
        }
        self.position.set_value(answer.position);
        if self.data.with_untracked(|held| held.as_ref() != Some(&answer.data)) {
            self.data.set(Some(answer.data));
        }
    }

    /// Reads it, not reactive; nothing before the first answer.
    pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.data.with_untracked(|data| data.as_ref().map(read))
    }

    /// A part of it that changes only when that part does; the default before the first answer.
    pub fn part<P: Clone + Default + PartialEq + Send + Sync + 'static>(&self, part: impl Fn(&T) -> P + Send + Sync + 'static) -> Memo<P> {
        let data = self.data;
        Memo::new(move |_| data.with(|data| data.as_ref().map(&part).unwrap_or_default()))
    }
}
