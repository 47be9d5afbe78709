//! The newest events that came, for answers that are older than they are.

use std::collections::VecDeque;

/// Invariant: everything visible above `from` and up to `last` is here, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Kept<E> {
    from: u64,
    last: u64,
    entries: VecDeque<(u64, E)>,
    capacity: usize,
}

impl<E: Clone> Kept<E> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { from: 0, last: 0, entries: VecDeque::new(), capacity: capacity.max(1) }
    }

    /// Begins anew after this seq.
    pub(super) fn start(&mut self, seq: u64) {
        self.entries.clear();
        (self.from, self.last) = (seq, seq);
    }

    /// The seq of the newest event that came, or where it began.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Takes an event that is newer than all others; the oldest gives way if there is no room.
    pub(super) fn push(&mut self, seq: u64, event: E) {
        if self.entries.len() == self.capacity
            && let Some((oldest, _)) = self.entries.pop_front()
        {
            self.from = oldest;
        }
        self.entries.push_back((seq, event));
        self.last = seq;
    }

    /// The events above this seq, in order; none if some may not be here any more.
    pub(super) fn above(&self, seq: u64) -> Option<Vec<E>> {
        (seq >= self.from).then(|| self.entries.iter().filter(|(at, _)| *at > seq).map(|(_, event)| event.clone()).collect())
    }
}
