//! Which version of each resource a page knows, so that no late answer wins (`realtime.md` section 1).
//!
//! Invariants: what is accepted for a resource is never older than what was accepted before; what was deleted stays deleted; both
//! until [`Versions::forget`]. Memory is bounded: of resources that were not heard of for long only deletions are remembered, and
//! when those alone are too many the page has to fetch itself anew.

use std::collections::BTreeMap;

/// Resources remembered, if nothing else is wanted.
pub const REMEMBERED: usize = 4_096;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Known {
    version: u64,
    deleted: bool,
}

/// The highest versions seen. `K` names a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Versions<K> {
    /// Heard of lately.
    young: BTreeMap<K, Known>,
    /// Heard of before that; given up when `young` is full.
    old: BTreeMap<K, Known>,
    half: usize,
    overflowed: bool,
}

impl<K: Ord + Clone> Default for Versions<K> {
    fn default() -> Self {
        Self::new(REMEMBERED)
    }
}

impl<K: Ord + Clone> Versions<K> {
    /// Remembers at most `capacity` resources.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), half: (capacity / 2).max(1), overflowed: false }
    }

    /// Data of a resource, from an answer: whether to take it. It may be what is held, but not older.
    pub fn accept_data(&mut self, id: &K, version: u64) -> bool {
        let accepted = self.known(id).is_none_or(|known| version > known.version || (version == known.version && !known.deleted));
        if accepted {
            self.remember(id, Known { version, deleted: false });
        }
        accepted
    }

    /// A change of a resource, from an event: whether to apply it. What is held already is not applied again.
    pub fn accept_change(&mut self, id: &K, version: u64) -> bool {
        let accepted = self.known(id).is_none_or(|known| version > known.version);
        if accepted {
            self.remember(id, Known { version, deleted: false });
        }
        accepted
    }

    /// The deletion of a resource: whether to apply it. Nothing of that version or before is accepted afterwards.
    pub fn accept_deletion(&mut self, id: &K, version: u64) -> bool {
        let accepted = self.known(id).is_none_or(|known| version > known.version || (version == known.version && !known.deleted));
        if accepted {
            self.remember(id, Known { version, deleted: true });
        }
        accepted
    }

    /// Whether the resource is known to be deleted: an answer that lists it is older than that.
    #[must_use]
    pub fn is_deleted(&self, id: &K) -> bool {
        self.known(id).is_some_and(|known| known.deleted)
    }

    /// After a resync nothing that was known counts: the log may have been taken back.
    pub fn forget(&mut self) {
        self.young.clear();
        self.old.clear();
        self.overflowed = false;
    }

    /// A deletion had to be given up for want of room: ask for a resync.
    #[must_use]
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    fn known(&self, id: &K) -> Option<Known> {
        self.young.get(id).or_else(|| self.old.get(id)).copied()
    }

    fn remember(&mut self, id: &K, known: Known) {
        self.old.remove(id);
        self.young.insert(id.clone(), known);
        if self.young.len() < self.half {
            return;
        }
        let given_up = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        self.young.extend(given_up.into_iter().filter(|(_, known)| known.deleted));
        if self.young.len() >= self.half {
            self.young.clear();
            self.overflowed = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn late_answers_do_not_win() {
        let mut versions = Versions::default();
        assert!(versions.accept_data(&1, 3) && versions.accept_data(&1, 3) && !versions.accept_data(&1, 2));
        assert!(!versions.accept_change(&1, 3) && versions.accept_change(&1, 4) && !versions.accept_data(&1, 3));
        versions.forget();
        assert!(versions.accept_data(&1, 1));
    }

    #[test]
    fn the_deleted_stay_deleted() {
        let mut versions = Versions::default();
        assert!(versions.accept_data(&1, 3) && versions.accept_deletion(&1, 3) && versions.is_deleted(&1));
        assert!(!versions.accept_data(&1, 3) && !versions.accept_change(&1, 3) && !versions.accept_deletion(&1, 3));
        assert!(versions.accept_deletion(&2, 1) && !versions.accept_data(&2, 1), "deleted before it was ever seen");
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Data,
        Change,
        Deletion,
    }

    proptest! {
        /// Against a map without bounds: where something is still known, the answers are the same; deletions are never given up
        /// unless that is said; memory is bounded.
        #[test]
        fn it_agrees_with_a_map_as_far_as_it_remembers(
            capacity in 2usize..40,
            steps in prop::collection::vec((0u8..24, 0u64..6, prop_oneof![Just(Step::Data), Just(Step::Change), Just(Step::Deletion)]), 0..200),
        ) {
            let (mut versions, mut oracle) = (Versions::new(capacity), BTreeMap::<u8, Known>::new());
            for (id, version, step) in steps {
                let (held, remembered) = (oracle.get(&id).copied(), versions.known(&id));
                if versions.overflowed() { return Ok(()); }
                prop_assert!(remembered == held || (remembered.is_none() && held.is_some_and(|held| !held.deleted)));
                let accepted = match step {
                    Step::Data => versions.accept_data(&id, version),
                    Step::Change => versions.accept_change(&id, version),
                    Step::Deletion => versions.accept_deletion(&id, version),
                };
                let expected = remembered.is_none_or(|held| match step {
                    Step::Data | Step::Deletion => version > held.version || (version == held.version && !held.deleted),
                    Step::Change => version > held.version,
                });
                prop_assert_eq!(accepted, expected);
                if accepted { oracle.insert(id, Known { version, deleted: matches!(step, Step::Deletion) }); }
                prop_assert!(versions.young.len() + versions.old.len() <= capacity.max(2));
            }
        }
    }
}
