//! The record of who did what (`audit` in the database). The event log tells what changed; this tells who was behind it, and who
//! was not let to.

use super::{ServiceError, Services};
use crate::{
    domain::{Person, Timestamp},
    server::db::audit::{self, AuditEntry, Outcome},
};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// The same refusal is written down once in so many seconds.
const SAME: i64 = 60;
/// Different refusals that are written down in that time; more are counted in the log only, so that nobody can fill the disk.
const MOST: usize = 500;

/// Which refusals were written down lately.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<(String, String, &'static str), Timestamp>>);

impl Refusals {
    /// Whether this one is to be written down.
    fn is_new(&self, person: &Person, attribute: &'static str, now: Timestamp) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: &Timestamp| now.micros() - at.micros() < SAME * 1_000_000;
        let key = (person.issuer.clone(), person.subject.clone(), attribute);
        if seen.get(&key).is_some_and(recent) {
            return false;
        }
        if seen.len() >= MOST {
            seen.retain(|_, at| recent(at));
        }
        if seen.len() >= MOST {
            return false;
        }
        seen.insert(key, now);
        true
    }
}

impl Services {
    /// Writes down what somebody did. Where it belongs to a change, use [`audit::insert`] inside of that instead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, entry: AuditEntry) -> Result<(), ServiceError> {
        self.db().write(Box::new(move |change| Box::pin(async move { Ok(audit::insert(change, &entry).await?) }))).await
    }

    /// Writes down that somebody lacks an attribute for what they asked. Does not wait, and is bounded: what is refused costs
    /// nothing, and must not be a way to fill the disk.
    pub fn audit_refusal(&self, person: &Person, attribute: &'static str, address: Option<IpAddr>) {
        tracing::info!(attribute, subject = person.subject, "not permitted");
        if !self.0.refusals.is_new(person, attribute, self.clock().now()) {
            return;
        }
        let services = self.clone();
        let entry =
            AuditEntry { outcome: Outcome::Refused, address, detail: Some(attribute.to_owned()), ..AuditEntry::done("permission", person) };
        tokio::spawn(async move {
            if let Err(error) = services.audit(entry).await {
                tracing::warn!(?error, "a refusal could not be written down");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn person(subject: &str) -> Person {
        Person { issuer: "i".into(), subject: subject.into(), name: "n".into() }
    }

    #[test]
    fn the_same_refusal_is_written_down_once_a_minute() {
        let refusals = Refusals::default();
        assert!(refusals.is_new(&person("a"), "x", at(0)));
        assert!(!refusals.is_new(&person("a"), "x", at(59)));
        assert!(refusals.is_new(&person("a"), "y", at(59)) && refusals.is_new(&person("b"), "x", at(59)));
        assert!(refusals.is_new(&person("a"), "x", at(60)));
    }

    #[test]
    fn however_many_there_are_they_are_bounded() {
        let refusals = Refusals::default();
        let written = (0..2 * MOST).filter(|n| refusals.is_new(&person(&n.to_string()), "x", at(0))).count();
        assert_eq!(written, MOST);
        assert!(refusals.is_new(&person("later"), "x", at(60)), "old ones make room");
    }
}
