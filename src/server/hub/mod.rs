//! From the log to every connection.
//!
//! A committed change is published to the bus; the bus brings it to the hub of each process; the hub keeps the newest events in
//! one ring that all connections read by a cursor. Each event is serialised once and shared. Invariants: a cursor yields seqs
//! that are dense and rising; what the ring no longer has is read from the table; what neither has ends the cursor.

pub mod bus;
mod cursor;
mod event;
pub mod news;

pub use cursor::{Cursor, HubError};
pub use event::HubEvent;

use crate::{
    realtime::{
        Position,
        resume::{Recorded, Resumption, resumption},
        ring::Ring,
    },
    server::db::{Db, DbErr, Publish, events},
};
use bus::{Bus, Sink};
use news::{News, Note};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

struct Shared {
    ring: Mutex<Ring<Arc<HubEvent>>>,
    // The position of the newest event; connections wait for it to change.
    newest: watch::Sender<Position>,
    db: Db,
    news: News,
    shutdown: CancellationToken,
}

/// What became of a wish to go on.
pub struct Resumed {
    /// Whether that is granted.
    pub verdict: Resumption,
    /// Where the log ended when that was decided.
    pub end: Position,
    /// To go on with.
    pub cursor: Cursor,
}

/// One process' view of the log; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

impl Hub {
    /// Opens the hub on a log that stands at `position`, and joins the bus.
    pub fn open(db: Db, bus: &dyn Bus, position: Position, ring_size: usize) -> Self {
        let hub = Self(Arc::new(Shared {
            ring: Mutex::new(Ring::new(ring_size, position.seq)),
            newest: watch::Sender::new(position),
            db,
            news: News::default(),
            shutdown: CancellationToken::new(),
        }));
        bus.join(Arc::new(hub.clone()));
        hub
    }

    /// Where the log stands.
    #[must_use]
    pub fn position(&self) -> Position {
        *self.0.newest.borrow()
    }

    /// Where the log stands, and where it will.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Position> {
        self.0.newest.subscribe()
    }

    /// A cursor at the end of the log.
    #[must_use]
    pub fn subscribe(&self) -> Cursor {
        Cursor::new(self.clone(), self.position().seq)
    }

    /// Whether a reader that stands at `position` may go on from there, and a cursor to go on with: there, or at the end.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn resume(&self, position: Position) -> Result<Resumed, DbErr> {
        let end = self.position();
        let oldest = events::oldest(&self.0.db).await?.unwrap_or(end.seq.saturating_add(1));
        let tag = if position.seq < end.seq { events::tag_at(&self.0.db, position.seq).await? } else { None };
        let verdict = resumption(position, Recorded { end, oldest, tag });
        let from = if let Resumption::After(seq) = verdict { seq } else { end.seq };
        Ok(Resumed { verdict, end, cursor: Cursor::new(self.clone(), from) })
    }

    /// A cursor that goes on after a place that [`Self::resume`] has granted.
    #[must_use]
    pub fn cursor_after(&self, seq: u64) -> Cursor {
        Cursor::new(self.clone(), seq)
    }

    /// What is told beside the log.
    #[must_use]
    pub fn news(&self) -> &News {
        &self.0.news
    }

    /// Cancelled when the service stops: connections say goodbye then.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.0.shutdown.clone()
    }

    /// Waits until the last connection has ended.
    pub async fn deserted(&self) {
        self.0.newest.closed().await;
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring<Arc<HubEvent>>> {
        // A panic elsewhere cannot leave the ring half-changed: pushing is its only change.
        self.0.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Hub {
    fn deliver(&self, events: &[Arc<HubEvent>]) {
        let Some(last) = events.last() else { return };
        {
            let mut ring = self.ring();
            for event in events {
                ring.push(event.seq, Arc::clone(event));
            }
        }
        self.0.newest.send_if_modified(|newest| {
            let newer = last.seq > newest.seq;
            if newer {
                *newest = Position { epoch: newest.epoch, seq: last.seq, tag: last.tag };
            }
            newer
        });
    }
}

/// Brings committed events to the bus, and what is told beside the log to this process' connections.
pub struct ToBus(pub Arc<dyn Bus>, pub News);

impl Publish for ToBus {
    fn publish(&self, events: Vec<Arc<HubEvent>>) {
        self.0.publish(events);
    }

    fn tell(&self, notes: Vec<Note>) {
        notes.into_iter().for_each(|note| self.1.tell(note));
    }
}
