//! Connections that stay open, and what each stands on: when that ends, the connection does.

use super::{Access, SessionKey};
use crate::domain::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// The connections that are open now and stand on something that can end. Invariant: one entry for each [`Lease`] that lives.
#[derive(Debug, Clone, Default)]
pub struct Live(Arc<Mutex<Entries>>);

#[derive(Debug, Default)]
struct Entries {
    next: u64,
    by_id: HashMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    session: Option<SessionKey>,
    until: Timestamp,
    ended: CancellationToken,
}

/// The right of one connection to go on.
#[derive(Debug)]
pub struct Lease {
    place: Option<(Live, u64)>,
    ended: CancellationToken,
}

impl Lease {
    /// Cancelled when the connection has no right to go on.
    #[must_use]
    pub fn ended(&self) -> CancellationToken {
        self.ended.clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((live, id)) = self.place.take() {
            live.entries().by_id.remove(&id);
        }
    }
}

impl Live {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a connection. Ask afterwards whether its session still is one: it may have ended before this.
    #[must_use]
    pub fn enter(&self, access: &Access) -> Lease {
        let ended = CancellationToken::new();
        let Some(until) = access.until() else { return Lease { place: None, ended } };
        let mut entries = self.entries();
        let id = entries.next;
        entries.next += 1;
        entries.by_id.insert(id, Entry { session: access.session(), until, ended: ended.clone() });
        Lease { place: Some((self.clone(), id)), ended }
    }

    /// Ends the connections of a session.
    pub fn end(&self, session: SessionKey) {
        for entry in self.entries().by_id.values().filter(|entry| entry.session == Some(session)) {
            entry.ended.cancel();
        }
    }

    /// The sessions that connections stand on.
    pub(super) fn sessions(&self) -> HashSet<SessionKey> {
        self.entries().by_id.values().filter_map(|entry| entry.session).collect()
    }

    /// A session was used, and lasts longer for it.
    pub(super) fn extend(&self, session: SessionKey, until: Timestamp) {
        for entry in self.entries().by_id.values_mut().filter(|entry| entry.session == Some(session)) {
            entry.until = until;
        }
    }

    /// Ends the connections whose time is over.
    pub(super) fn end_expired(&self, now: Timestamp) {
        for entry in self.entries().by_id.values().filter(|entry| entry.until <= now) {
            entry.ended.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Proof, *};
    use crate::server::config::Secret;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn session(secret: &str, until: i64) -> Access {
        let proof = Proof::Session { key: SessionKey::of(secret), until: at(until), csrf: Secret::default() };
        Access { proof, ..Access::local() }
    }

    #[test]
    fn a_connection_ends_with_its_session_and_no_other() {
        let live = Live::default();
        let (one, other) = (live.enter(&session("a", 10)), live.enter(&session("b", 10)));
        live.end(SessionKey::of("a"));
        assert!(one.ended().is_cancelled() && !other.ended().is_cancelled());
    }

    #[test]
    fn a_connection_ends_when_its_time_is_over_unless_its_session_is_used() {
        let live = Live::default();
        let (used, unused) = (live.enter(&session("a", 10)), live.enter(&session("b", 10)));
        let token = live.enter(&Access { proof: Proof::Token { until: at(12) }, ..Access::local() });
        live.extend(SessionKey::of("a"), at(20));
        live.end_expired(at(10));
        assert!(unused.ended().is_cancelled() && !used.ended().is_cancelled() && !token.ended().is_cancelled());
        live.end_expired(at(12));
        assert!(token.ended().is_cancelled());
    }

    #[test]
    fn nothing_is_remembered_of_connections_that_are_closed_or_stand_on_nothing() {
        let live = Live::default();
        drop(live.enter(&session("a", 10)));
        let local = live.enter(&Access::local());
        assert!(live.entries().by_id.is_empty());
        live.end_expired(at(i64::from(u32::MAX)));
        assert!(!local.ended().is_cancelled());
    }
}
