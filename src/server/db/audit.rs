//! Who did what, or was not let to. Append-only; never a credential.

use super::{Change, DbErr, rows::run};
use crate::domain::Person;
use std::net::IpAddr;
use uuid::Uuid;

/// What came of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// They were not let to.
    Refused,
    /// It was tried and went wrong.
    Failed,
}

impl Outcome {
    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// What, e.g. `sign-in`, `AIP.download`.
    pub action: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// Who; absent when that was not proven.
    pub person: Option<Person>,
    /// The AIP that it concerns.
    pub aip_uuid: Option<Uuid>,
    /// From where.
    pub address: Option<IpAddr>,
    /// What else matters, as a few words of ours; never what somebody else wrote.
    pub detail: Option<String>,
}

impl AuditEntry {
    /// Something that was done by somebody.
    #[must_use]
    pub fn done(action: &'static str, person: &Person) -> Self {
        Self { action, outcome: Outcome::Done, person: Some(person.clone()), aip_uuid: None, address: None, detail: None }
    }
}

/// Appends an entry.
pub async fn insert(change: &Change, entry: &AuditEntry) -> Result<(), DbErr> {
    let person = entry.person.as_ref();
    run(
        change.tx(),
        "INSERT INTO audit (at, action, outcome, issuer, subject, name, aip_uuid, address, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        vec![
            change.at().micros().into(),
            entry.action.into(),
            entry.outcome.as_str().into(),
            person.map(|person| person.issuer.clone()).into(),
            person.map(|person| person.subject.clone()).into(),
            person.map(|person| person.name.clone()).into(),
            entry.aip_uuid.into(),
            entry.address.map(|address| address.to_string()).into(),
            entry.detail.clone().into(),
        ],
    )
    .await?;
    Ok(())
}
