//! The newest entries of the log, kept in memory and shared by every connection.
//!
//! A connection holds a cursor (the seq that it was last given), not a channel: nothing is allocated per client, and a client
//! that falls behind is told so instead of losing entries. Invariants: the entries' seqs are dense; what is read after a cursor
//! begins exactly one above it, or the reader is told that the ring cannot prove that.

use std::collections::VecDeque;

/// What lies behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read<T> {
    /// These, in order, the first being the cursor's next; empty when the cursor is at the end.
    Entries(Vec<T>),
    /// The ring does not reach back (or forward) to the cursor: read on from the table.
    Outside,
}

/// The last `capacity` entries.
#[derive(Debug)]
pub struct Ring<T> {
    entries: VecDeque<T>,
    last: u64,
    capacity: usize,
}

impl<T: Clone> Ring<T> {
    /// An empty ring of a log whose last entry is `last`.
    #[must_use]
    pub fn new(capacity: usize, last: u64) -> Self {
        Self { entries: VecDeque::with_capacity(capacity.min(1024)), last, capacity: capacity.max(1) }
    }

    /// The seq of the newest entry, whether or not it is still held.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Takes the entry with this seq. One that leaves a gap empties the ring first, so that readers go to the table for what
    /// was missed; one that is already known is ignored.
    pub fn push(&mut self, seq: u64, entry: T) {
        if seq <= self.last {
            return;
        }
        if seq != self.last + 1 {
            self.entries.clear();
        }
        if self.entries.len() == self.capacity {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.last = seq;
    }

    /// At most `limit` entries that follow the cursor.
    #[must_use]
    pub fn read_after(&self, cursor: u64, limit: usize) -> Read<T> {
        if cursor > self.last {
            return Read::Outside;
        }
        let behind = usize::try_from(self.last - cursor).unwrap_or(usize::MAX);
        if behind > self.entries.len() {
            return Read::Outside;
        }
        Read::Entries(self.entries.iter().skip(self.entries.len() - behind).take(limit).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the plainest oracle there is: the whole log in a vector.
        #[test]
        fn readers_get_exactly_what_follows_or_are_told(
            start in 0u64..5, capacity in 1usize..6, steps in prop::collection::vec(1u64..4, 0..40), cursor in 0u64..60, limit in 1usize..10,
        ) {
            let mut ring = Ring::new(capacity, start);
            let mut log = Vec::new();
            let mut seq = start;
            for step in steps {
                seq += step;
                ring.push(seq, seq);
                log.push(seq);
            }
            match ring.read_after(cursor, limit) {
                Read::Entries(entries) => {
                    let expected: Vec<u64> = (cursor + 1..=ring.last()).take(limit).collect();
                    prop_assert_eq!(&entries, &expected);
                    prop_assert!(entries.iter().all(|e| log.contains(e)));
                }
                Read::Outside => {
                    let held = log.len().min(capacity) as u64;
                    let dense = log.iter().rev().zip((0..=seq).rev()).take_while(|(a, b)| **a == *b).count() as u64;
                    prop_assert!(cursor > ring.last() || cursor + held.min(dense) < ring.last());
                }
            }
        }

        #[test]
        fn it_never_holds_more_than_it_may(capacity in 1usize..6, count in 0u64..50) {
            let mut ring = Ring::new(capacity, 0);
            for seq in 1..=count { ring.push(seq, ()); }
            prop_assert!(ring.entries.len() <= capacity);
        }
    }

    #[test]
    fn a_known_entry_is_ignored() {
        let mut ring = Ring::new(4, 0);
        ring.push(1, 'a');
        ring.push(1, 'b');
        assert_eq!(ring.read_after(0, 9), Read::Entries(vec!['a']));
    }
}
