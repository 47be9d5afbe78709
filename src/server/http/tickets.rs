//! Tickets: a browser cannot put a credential on a WebSocket, so it fetches one that opens one door, once, for a few seconds
//! (`realtime.md` section 3).

use super::random::{base64url, digest};
use crate::{domain::Timestamp, server::auth::Access};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use uuid::Uuid;

/// How long a ticket is good, in seconds.
pub const TTL_SECONDS: u64 = 5;

/// Tickets that may be out at one time.
const MAX_OUTSTANDING: usize = 10_000;

/// What a ticket opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The live connection.
    Monitor,
    /// The changes of resources.
    Resources,
    /// How busy the machine is.
    Metrics,
    /// The bytes of this AIP, once.
    Download(Uuid),
    /// The report of this AIP's deletion, once.
    DeletionReport(Uuid),
}

impl Purpose {
    /// The cookie in which Enduro's clients carry the ticket (`storage-api.md` section 5.5).
    #[must_use]
    pub fn cookie(self) -> &'static str {
        match self {
            Self::Monitor => "enduro-storage-ws-ticket",
            Self::Resources => "strongroom-ws-ticket",
            Self::Metrics => "strongroom-ws-metrics-ticket",
            Self::Download(_) => "enduro-aip-download-ticket",
            Self::DeletionReport(_) => "enduro-delreport-ticket",
        }
    }
}

/// What a ticket is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The door.
    pub purpose: Purpose,
    /// Whom it was handed out to, and what they may do.
    pub subject: Option<Access>,
    /// The `Origin` of the page that asked for it; `None` for a program without a page.
    pub origin: Option<String>,
}

/// Tickets that were handed out and not used yet. Kept are their SHA-256 digests: whoever reads this memory or a dump of it
/// cannot use them.
#[derive(Debug, Default)]
pub struct Tickets(Mutex<HashMap<[u8; 32], Entry>>);

#[derive(Debug)]
struct Entry {
    grant: Grant,
    expires_micros: i64,
}

/// Too many tickets are out; try again in a few seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tickets are waiting to be used")]
pub struct TooMany;

impl Tickets {
    /// Hands out a ticket: 32 random bytes, base64url without padding.
    ///
    /// # Errors
    /// When too many are out.
    pub fn issue(&self, now: Timestamp, grant: Grant) -> Result<String, TooMany> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_OUTSTANDING {
            entries.retain(|_, entry| entry.expires_micros > now.micros());
        }
        if entries.len() >= MAX_OUTSTANDING {
            return Err(TooMany);
        }
        let ticket = base64url::<32>();
        let expires_micros = now.micros().saturating_add(i64::try_from(TTL_SECONDS).unwrap_or(0).saturating_mul(1_000_000));
        entries.insert(digest(&ticket), Entry { grant, expires_micros });
        Ok(ticket)
    }

    /// Uses a ticket up, whatever comes of it. `Some` when it was good for this purpose and comes from the page that asked for it.
    #[must_use]
    pub fn consume(&self, now: Timestamp, ticket: &str, purpose: Purpose, origin: Option<&str>) -> Option<Grant> {
        let entry = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(ticket))?;
        let good = entry.expires_micros > now.micros() && entry.grant.purpose == purpose && entry.grant.origin.as_deref() == origin;
        good.then_some(entry.grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Option<&str> = Some("http://localhost:8480");

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn grant() -> Grant {
        Grant { purpose: Purpose::Monitor, subject: None, origin: PAGE.map(str::to_owned) }
    }

    #[test]
    fn a_ticket_opens_once() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(at(0), grant()).expect("room");
        assert_eq!(tickets.consume(at(4), &ticket, Purpose::Monitor, PAGE), Some(grant()));
        assert_eq!(tickets.consume(at(4), &ticket, Purpose::Monitor, PAGE), None);
    }

    #[test]
    fn a_ticket_expires() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(at(0), grant()).expect("room");
        assert_eq!(tickets.consume(at(5), &ticket, Purpose::Monitor, PAGE), None);
    }

    #[test]
    fn a_ticket_from_another_page_is_refused_and_used_up() {
        for origin in [None, Some("http://localhost:9000")] {
            let tickets = Tickets::default();
            let ticket = tickets.issue(at(0), grant()).expect("room");
            assert_eq!(tickets.consume(at(1), &ticket, Purpose::Monitor, origin), None);
            assert_eq!(tickets.consume(at(1), &ticket, Purpose::Monitor, PAGE), None);
        }
    }

    #[test]
    fn a_ticket_opens_only_what_it_is_for() {
        let (this, other) = (Purpose::Download(Uuid::from_u128(1)), Purpose::Download(Uuid::from_u128(2)));
        for purpose in [other, Purpose::Monitor] {
            let tickets = Tickets::default();
            let ticket = tickets.issue(at(0), Grant { purpose: this, subject: None, origin: None }).expect("room");
            assert_eq!(tickets.consume(at(1), &ticket, purpose, None), None);
        }
    }

    #[test]
    fn an_invented_ticket_is_refused() {
        assert_eq!(Tickets::default().consume(at(0), "", Purpose::Monitor, PAGE), None);
    }

    #[test]
    fn the_number_of_tickets_is_bounded_and_old_ones_make_room() {
        let tickets = Tickets::default();
        for _ in 0..MAX_OUTSTANDING {
            tickets.issue(at(0), grant()).expect("room");
        }
        assert_eq!(tickets.issue(at(4), grant()), Err(TooMany));
        assert!(tickets.issue(at(5), grant()).is_ok());
        assert_eq!(tickets.0.lock().expect("not poisoned").len(), 1);
    }

    #[test]
    fn a_ticket_is_not_kept_in_clear() {
        let tickets = Tickets::default();
        let ticket = tickets.issue(at(0), grant()).expect("room");
        assert!(!format!("{tickets:?}").contains(&ticket));
    }
}
