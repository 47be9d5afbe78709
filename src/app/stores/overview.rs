//! The archive at a glance, as the first page shows it.

use crate::{
    api::{Overview, client::Snapshot},
    realtime::Position,
};
use leptos::prelude::*;

/// The store of the overview.
#[derive(Debug, Clone, Copy)]
pub struct OverviewStore {
    data: RwSignal<Option<Overview>>,
    position: StoredValue<Option<Position>>,
}

impl OverviewStore {
    pub(super) fn new() -> Self {
        Self { data: RwSignal::new(None), position: StoredValue::new(None) }
    }

    /// Takes an answer, unless it is older than the one held.
    pub fn show(&self, answer: Snapshot<Overview>) {
        let held = self.position.get_value();
        if matches!((answer.position, held), (Some(new), Some(held)) if new.epoch == held.epoch && new.seq < held.seq) {
            return;
        }
        self.position.set_value(answer.position);
        if self.data.with_untracked(|held| held.as_ref() != Some(&answer.data)) {
            self.data.set(Some(answer.data));
        }
    }

    /// A part of it that changes only when that part does; the default before the first answer.
    pub fn part<T: Clone + Default + PartialEq + Send + Sync + 'static>(
        &self,
        part: impl Fn(&Overview) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        let data = self.data;
        Memo::new(move |_| data.with(|data| data.as_ref().map(&part).unwrap_or_default()))
    }
}
