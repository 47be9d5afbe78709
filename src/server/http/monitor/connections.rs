//! How many live connections there are, and from where.

use std::{
    collections::HashMap,
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
}

/// How many there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// In all.
    pub(super) total: usize,
    /// From one address.
    pub(super) per_address: usize,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Too many in all.
    Total,
    /// Too many from this address.
    Address,
}

/// The place of one connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    connections: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Connections {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place. Without an address only the total counts.
    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>, limits: Limits) -> Result<Slot, Refused> {
        let mut counts = self.counts();
        if counts.total >= limits.total {
            return Err(Refused::Total);
        }
        if let Some(address) = address {
            let here = counts.by_address.get(&address).copied().unwrap_or(0);
            if here >= limits.per_address {
                return Err(Refused::Address);
            }
            counts.by_address.insert(address, here + 1);
        }
        counts.total += 1;
        Ok(Slot { connections: Arc::clone(self), address })
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
        let Some(address) = self.address else { return };
        let here = counts.by_address.get(&address).copied().unwrap_or(0);
        if here > 1 {
            counts.by_address.insert(address, here - 1);
        } else {
            counts.by_address.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { total: 3, per_address: 2 };

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn both_limits_hold_and_places_become_free() {
        let connections = Arc::new(Connections::default());
        let first = connections.take(address(1), LIMITS).expect("room");
        let _second = connections.take(address(1), LIMITS).expect("room");
        assert_eq!(connections.take(address(1), LIMITS).expect_err("two from one address"), Refused::Address);
        let _third = connections.take(address(2), LIMITS).expect("room");
        assert_eq!(connections.take(address(3), LIMITS).expect_err("three in all"), Refused::Total);
        drop(first);
        let _again = connections.take(address(1), LIMITS).expect("room again");
        assert_eq!(connections.count(), 3);
    }

    #[test]
    fn nothing_is_remembered_of_those_who_left() {
        let connections = Arc::new(Connections::default());
        drop(connections.take(address(1), LIMITS).expect("room"));
        drop(connections.take(None, LIMITS).expect("room"));
        assert_eq!(connections.count(), 0);
        assert!(connections.counts().by_address.is_empty());
    }
}
