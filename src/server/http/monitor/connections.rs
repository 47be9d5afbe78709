//! How many live connections there are, from where and whose.

use crate::{domain::Person, server::metrics::OpenConnection};
use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Live connections that are open now. Invariant: `total` is the number of [`Slot`]s that live.
#[derive(Debug, Default)]
pub struct Connections(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    by_person: HashMap<Who, usize>,
}

/// A person by what never changes of them: provider and identity there.
type Who = (String, String);

/// One more of these, unless there are as many as there may be.
fn enter<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K, limit: usize) -> bool {
    let count = counts.entry(key).or_default();
    let room = *count < limit;
    *count += usize::from(room);
    room
}

/// One less of these; of those who have none left nothing is remembered.
fn leave<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// How many there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// In all.
    pub(super) total: usize,
    /// From one address.
    pub(super) per_address: usize,
    /// Of one person.
    pub(super) per_person: usize,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many in all.
    Total,
    /// Too many from this address.
    Address,
    /// Too many of this person.
    Person,
}

/// The place of one connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    connections: Arc<Connections>,
    address: Option<IpAddr>,
    person: Option<Who>,
    _counted: Option<OpenConnection>,
}

impl Slot {
    /// The same place, which counts as an open connection for as long as it is held.
    pub(super) fn counted(mut self, open: OpenConnection) -> Self {
        self._counted = Some(open);
        self
    }
}

impl Connections {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. Without an address or a person, only the rest counts.
    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>, person: Option<&Person>, limits: Limits) -> Result<Slot, Refused> {
        let person = person.map(|person| (person.issuer.clone(), person.subject.clone()));
        let mut counts = self.counts();
        if counts.total >= limits.total {
            return Err(Refused::Total);
        }
        if address.is_some_and(|address| !enter(&mut counts.by_address, address, limits.per_address)) {
            return Err(Refused::Address);
        }
        if person.as_ref().is_some_and(|person| !enter(&mut counts.by_person, person.clone(), limits.per_person)) {
            if let Some(address) = address {
                leave(&mut counts.by_address, &address);
            }
            return Err(Refused::Person);
        }
        counts.total += 1;
        Ok(Slot { connections: Arc::clone(self), address, person, _counted: None })
    }

    /// How many are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.counts().total
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.connections.counts();
        counts.total = counts.total.saturating_sub(1);
        if let Some(address) = self.address {
            leave(&mut counts.by_address, &address);
        }
        if let Some(person) = &self.person {
            leave(&mut counts.by_person, person);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { total: 3, per_address: 2, per_person: 1 };

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn both_limits_hold_and_places_become_free() {
        let connections = Arc::new(Connections::default());
        let first = connections.take(address(1), None, LIMITS).expect("room");
        let _second = connections.take(address(1), None, LIMITS).expect("room");
        assert_eq!(connections.take(address(1), None, LIMITS).expect_err("two from one address"), Refused::Address);
        let _third = connections.take(address(2), None, LIMITS).expect("room");
        assert_eq!(connections.take(address(3), None, LIMITS).expect_err("three in all"), Refused::Total);
        drop(first);
        let _again = connections.take(address(1), None, LIMITS).expect("room again");
        assert_eq!(connections.count(), 3);
    }

    #[test]
    fn a_person_has_their_own_limit_wherever_they_are() {
        let connections = Arc::new(Connections::default());
        let person = Person { issuer: "https://id.example.org".into(), subject: "1".into(), name: "somebody".into() };
        let first = connections.take(address(1), Some(&person), LIMITS).expect("room");
        assert_eq!(connections.take(address(2), Some(&person), LIMITS).expect_err("one of theirs"), Refused::Person);
        assert!(!connections.counts().by_address.contains_key(&address(2).expect("one")), "who was refused holds nothing");
        drop(first);
        assert!(connections.counts().by_person.is_empty());
    }

    #[test]
    fn nothing_is_remembered_of_those_who_left() {
        let connections = Arc::new(Connections::default());
        drop(connections.take(address(1), None, LIMITS).expect("room"));
        drop(connections.take(None, None, LIMITS).expect("room"));
        assert_eq!(connections.count(), 0);
        assert!(connections.counts().by_address.is_empty());
    }
}
