//! The newest events that came, for answers that are older than they are.

use crate::realtime::Position;
use std::collections::VecDeque;

/// Invariant: everything visible above `from` and up to `last` is here, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kept<E> {
    from: u64,
    last: u64,
    /// What stands at `from`, if that is known.
    from_tag: Option<u64>,
    entries: VecDeque<(u64, Option<u64>, E)>,
    capacity: usize,
}

impl<E: Clone> Kept<E> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { from: 0, last: 0, from_tag: None, entries: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Begins anew after this place.
    pub(super) fn start(&mut self, after: Position) {
        self.entries.clear();
        (self.from, self.last, self.from_tag) = (after.seq, after.seq, Some(after.tag));
    }

    /// The seq of the newest event that came, or where it began.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Takes an event that is newer than all others; the oldest gives way if there is no room.
    pub(super) fn push(&mut self, seq: u64, tag: Option<u64>, event: E) {
        if self.entries.len() == self.capacity
            && let Some((oldest, tag, _)) = self.entries.pop_front()
        {
            (self.from, self.from_tag) = (oldest, tag);
        }
        self.entries.push_back((seq, tag, event));
        self.last = seq;
    }

    /// The events above this seq, in order; none if some may not be here any more.
    pub(super) fn above(&self, seq: u64) -> Option<Vec<E>> {
        (seq >= self.from).then(|| self.entries.iter().filter(|(at, ..)| *at > seq).map(|(.., event)| event.clone()).collect())
    }

    /// Whether something else stood at this place when its event came: the log was taken back since.
    pub(super) fn contradicts(&self, place: Position) -> bool {
        let known = if place.seq == self.from {
            self.from_tag
        } else {
            self.entries.iter().find(|(seq, ..)| *seq == place.seq).and_then(|(_, tag, _)| *tag)
        };
        known.is_some_and(|tag| tag != place.tag)
    }
}
