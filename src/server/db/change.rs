//! A change under way: one transaction with the events that it will tell.

use super::{
    DbErr,
    rows::{one, run},
    rows::{signed, unsigned},
};
use crate::{
    api::EventFrame,
    domain::{Aip, Ids, Person, StorageEvent, Timestamp},
    realtime::Position,
    server::{
        hub::{HubEvent, news::Note},
        metrics::{Meters, Told},
    },
};
use sea_orm::DatabaseTransaction;
use std::sync::Arc;
use uuid::Uuid;

/// What an event concerns beside its own resource: whoever watches that is told (`realtime.md` section 2, topics).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Concerns {
    /// The AIP, for workflow and task events too.
    pub aip: Option<Uuid>,
    /// The location, or where the AIP is kept.
    pub location: Option<Uuid>,
    /// Where the AIP was kept before.
    pub left_location: Option<Uuid>,
}

impl Concerns {
    /// An AIP and where it is kept.
    #[must_use]
    pub fn aip(aip: &Aip) -> Self {
        Self { aip: Some(aip.uuid), location: aip.location_uuid, left_location: None }
    }

    /// What is done to an AIP, which does not change what its location keeps.
    #[must_use]
    pub fn work_on(aip: Uuid) -> Self {
        Self { aip: Some(aip), ..Self::default() }
    }

    /// A location.
    #[must_use]
    pub fn location(location: Uuid) -> Self {
        Self { location: Some(location), ..Self::default() }
    }
}

struct Pending {
    event: StorageEvent,
    version: u64,
    concerns: Concerns,
}

/// One transaction. Repositories write through it, and it appends the events at its end.
pub struct Change {
    tx: DatabaseTransaction,
    at: Timestamp,
    ids: Arc<dyn Ids>,
    /// Who makes it; nobody where the service does by itself.
    person: Option<Arc<Person>>,
    pending: Vec<Pending>,
    notes: Vec<Note>,
}

impl Change {
    pub(super) fn new(tx: DatabaseTransaction, at: Timestamp, ids: Arc<dyn Ids>, person: Option<Arc<Person>>) -> Self {
        Self { tx, at, ids, person, pending: Vec::new(), notes: Vec::new() }
    }

    /// The instant of the change: the same for all that is written in it.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Who makes it.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        self.person.as_deref()
    }

    /// A new identifier.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.ids.next()
    }

    /// The connection that repositories write through.
    #[must_use]
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Adds an event to the change.
    pub fn tell(&mut self, event: StorageEvent, version: u64, concerns: Concerns) {
        self.pending.push(Pending { event, version, concerns });
    }

    /// Adds what is told once the change is made and has no place in the log.
    pub fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(super) async fn commit(mut self, meters: &Meters) -> Result<(Vec<Arc<HubEvent>>, Vec<Note>), DbErr> {
        let pending = std::mem::take(&mut self.pending);
        let counted: Vec<_> = pending.iter().map(|pending| Told::of(&pending.event)).collect();
        let mut told = Vec::with_capacity(pending.len());
        if !pending.is_empty() {
            let count = signed(pending.len() as u64)?;
            let row =
                one(&self.tx, "UPDATE event_log SET last_seq = last_seq + $1 WHERE id = 1 RETURNING last_seq", vec![count.into()]).await?;
            let row = row.ok_or_else(|| DbErr::RecordNotFound("the event log has no head".into()))?;
            let mut seq = unsigned(row.try_get::<i64>("", "last_seq")?)? - pending.len() as u64;
            for event in pending {
                seq += 1;
                told.push(Arc::new(self.append(seq, event).await?));
            }
        }
        self.tx.commit().await?;
        meters.told(&counted);
        Ok((told, self.notes))
    }

    async fn append(&self, seq: u64, Pending { event, version, concerns }: Pending) -> Result<HubEvent, DbErr> {
        let (id, person) = (self.ids.next(), self.person());
        let tag = Position::tag_of(id);
        let value = serde_json::to_string(&event).map_err(|error| DbErr::Json(error.to_string()))?;
        run(
            &self.tx,
            "INSERT INTO event (seq, id, at, type, resource_uuid, aip_uuid, version, value, location_uuid, left_location_uuid,
                 issuer, subject, person)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            vec![
                signed(seq)?.into(),
                id.into(),
                self.at.micros().into(),
                event.kind().into(),
                event.resource_uuid().into(),
                concerns.aip.into(),
                signed(version)?.into(),
                value.into(),
                concerns.location.into(),
                concerns.left_location.into(),
                person.map(|person| person.issuer.clone()).into(),
                person.map(|person| person.subject.clone()).into(),
                person.map(|person| person.name.clone()).into(),
            ],
        )
        .await?;
        let frame = EventFrame {
            seq: Some(seq),
            tag: Some(tag),
            version: Some(version),
            at: Some(self.at),
            person: person.map(|person| person.name.clone()),
            value: event,
        };
        HubEvent::new(&frame, seq, tag, concerns).map_err(|error| DbErr::Json(error.to_string()))
    }

    pub(super) async fn roll_back(self) -> Result<(), DbErr> {
        self.tx.rollback().await
    }
}
