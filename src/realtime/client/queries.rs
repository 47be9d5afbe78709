//! The queries that a page shows, and when each is asked again (`realtime.md` section 6).
//!
//! A change is looked up in the [`table`] and invalidates the queries that it touches. Those on screen are asked again, debounced
//! ([`Debounce`]); the others when they are next shown. Several parts of a page that show one query share it. Invariants: of one
//! query at most one request is in flight; a query on screen that was invalidated is asked by a request that begins after that; what
//! is remembered of queries that are not on screen is bounded.
//!
//! Answers stay with the shell: it does what [`Queries`] says, and says what came of it. Times are milliseconds of a clock that does
//! not go back.

mod table;

pub use table::{Key, Kind};

use crate::realtime::{
    refresh::Debounce,
    resource_change::{Ignored, ResourceChange},
};
use std::collections::BTreeMap;

/// An answer so old is asked for again when the page comes into focus or the query is shown again.
pub const FRESH: u64 = 60_000;

/// Queries that are remembered while they are not on screen.
pub const KEPT: usize = 64;

/// What is known of one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Entry {
    /// Parts of the page that show it.
    shown_by: u32,
    debounce: Debounce,
    /// When the request of the answer that is held began; none while there is none, or when it is known to be outdated.
    held: Option<u64>,
    /// When the request in flight began.
    asked: u64,
    /// When it was last on screen.
    left: u64,
}

impl Entry {
    fn is_fresh(&self, now: u64) -> bool {
        self.held.is_some_and(|held| now < held.saturating_add(FRESH))
    }

    fn begin(&mut self, now: u64) {
        self.debounce.begin();
        self.asked = now;
    }
}

/// Messages that were ignored, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IgnoredCounts {
    /// Of kinds that are not known here.
    pub unknown_type: u64,
    /// Without saying which resource.
    pub no_id: u64,
    /// Not readable.
    pub unreadable: u64,
}

/// All queries of one page.
#[derive(Debug, Clone, Default)]
pub struct Queries {
    entries: BTreeMap<Key, Entry>,
    ignored: IgnoredCounts,
}

impl Queries {
    /// A part of the page shows this query from now on: whether to ask it at once. It then counts as in flight. An answer that is held
    /// may be shown meanwhile.
    #[must_use = "if true, the shell has to ask"]
    pub fn show(&mut self, key: Key, now: u64) -> bool {
        let entry = self.entries.entry(key).or_default();
        entry.shown_by += 1;
        let ask = !entry.debounce.in_flight() && !entry.is_fresh(now);
        if ask {
            entry.begin(now);
        }
        ask
    }

    /// A part of the page shows it no longer. The queries whose answers may be let go are returned.
    #[must_use = "their answers are not asked for any more"]
    pub fn leave(&mut self, key: &Key, now: u64) -> Vec<Key> {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.shown_by = entry.shown_by.saturating_sub(1);
            entry.left = now;
        }
        self.let_go()
    }

    /// A `resource_change` came, as it travels. As [`changed`](Self::changed); what says nothing to this page is counted.
    pub fn heard(&mut self, text: &str, now: u64, patched: impl FnMut(&Key, &ResourceChange) -> bool) {
        match ResourceChange::read(text) {
            Ok(change) => self.changed(&change, now, patched),
            Err(Ignored::UnknownType) => self.ignored.unknown_type += 1,
            Err(Ignored::NoId) => self.ignored.no_id += 1,
            Err(Ignored::Unreadable) => self.ignored.unreadable += 1,
        }
    }

    /// A resource changed: the queries that it touches are invalidated. `patched` is asked for each whose answer is held: whether the
    /// shell put the whole change into that answer, so that no request is needed. While a request is in flight that is not enough, since
    /// its answer may be older.
    pub fn changed(&mut self, change: &ResourceChange, now: u64, mut patched: impl FnMut(&Key, &ResourceChange) -> bool) {
        for (key, entry) in self.entries.iter_mut().filter(|(key, _)| table::touches(change, key)) {
            if entry.held.is_some() && patched(key, change) && !entry.debounce.in_flight() {
                continue;
            }
            invalidate(entry, now);
        }
    }

    /// Changes may have been missed: everything is invalidated.
    pub fn missed(&mut self, now: u64) {
        self.entries.values_mut().for_each(|entry| invalidate(entry, now));
    }

    /// The page came into focus: what is on screen and older than [`FRESH`] is asked again.
    pub fn focused(&mut self, now: u64) {
        for entry in self.entries.values_mut().filter(|entry| !entry.is_fresh(now) && !entry.debounce.in_flight()) {
            invalidate(entry, now);
        }
    }

    /// When [`take`](Self::take) is worth asking.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.entries.values().filter(|entry| entry.shown_by > 0).filter_map(|entry| entry.debounce.due()).min()
    }

    /// The queries to ask now; they then count as in flight.
    #[must_use = "the shell has to ask them"]
    pub fn take(&mut self, now: u64) -> Vec<Key> {
        let due = self.entries.iter_mut().filter(|(_, entry)| entry.shown_by > 0);
        due.filter_map(|(key, entry)| {
            entry.debounce.take(now).then(|| {
                entry.asked = now;
                key.clone()
            })
        })
        .collect()
    }

    /// The request in flight was answered, or failed. After a failure nothing is tried again by itself: the next change, focus or poll
    /// does. Returns the queries whose answers may be let go.
    #[must_use = "their answers are not asked for any more"]
    pub fn finished(&mut self, key: &Key, answered: bool) -> Vec<Key> {
        if let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.debounce.in_flight()) {
            entry.debounce.finished();
            // Changed meanwhile: the answer is shown, and is outdated already.
            entry.held = (answered && entry.debounce.due().is_none()).then_some(entry.asked);
        }
        self.let_go()
    }

    /// Whether a request for it is in flight.
    #[must_use]
    pub fn in_flight(&self, key: &Key) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.debounce.in_flight())
    }

    /// How many messages were ignored, and why.
    #[must_use]
    pub fn ignored(&self) -> IgnoredCounts {
        self.ignored
    }

    /// Forgets those that left the screen longest ago, beyond [`KEPT`].
    fn let_go(&mut self) -> Vec<Key> {
        let mut away: Vec<(u64, Key)> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.shown_by == 0 && !entry.debounce.in_flight())
            .map(|(key, entry)| (entry.left, key.clone()))
            .collect();
        let Some(beyond) = away.len().checked_sub(KEPT).filter(|beyond| *beyond > 0) else { return Vec::new() };
        away.sort_unstable();
        away.truncate(beyond);
        for (_, key) in &away {
            self.entries.remove(key);
        }
        away.into_iter().map(|(_, key)| key).collect()
    }
}

fn invalidate(entry: &mut Entry, now: u64) {
    entry.held = None;
    // What is not on screen waits until it is shown, and then is asked at once.
    if entry.shown_by > 0 || entry.debounce.in_flight() {
        entry.debounce.changed(now);
    }
}

#[cfg(test)]
mod tests;
