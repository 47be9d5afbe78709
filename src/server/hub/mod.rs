//! From the log to every connection.
//!
//! A committed change is published to the bus; the bus brings it to the hub of each process; the hub keeps the newest events in
//! one ring that all connections read by a cursor. Each event is serialised once and shared. Invariants: a cursor yields seqs
//! that are dense and rising; what the ring no longer has is read from the table; what neither has ends the cursor.

pub mod bus;
mod cursor;
mod event;

pub use cursor::{Cursor, HubError};
pub use event::HubEvent;

use crate::{
    realtime::{Position, ring::Ring},
    server::db::{Db, DbErr, Publish, events},
};
use bus::{Bus, Sink};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

struct Shared {
    epoch: u64,
    ring: Mutex<Ring<Arc<HubEvent>>>,
    // The position of the newest event; connections wait for it to change.
    newest: watch::Sender<Position>,
    db: Db,
    shutdown: CancellationToken,
}

/// One process' view of the log; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

impl Hub {
    /// Opens the hub on a log that stands at `position`, and joins the bus.
    pub fn open(db: Db, bus: &dyn Bus, position: Position, ring_size: usize) -> Self {
        let hub = Self(Arc::new(Shared {
            epoch: position.epoch,
            ring: Mutex::new(Ring::new(ring_size, position.seq)),
            newest: watch::Sender::new(position),
            db,
            shutdown: CancellationToken::new(),
        }));
        bus.join(Arc::new(hub.clone()));
        hub
    }

    /// Identity of the log.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.0.epoch
    }

    /// Where the log stands.
    #[must_use]
    pub fn position(&self) -> Position {
        *self.0.newest.borrow()
    }

    /// A cursor at the end of the log.
    #[must_use]
    pub fn subscribe(&self) -> Cursor {
        Cursor::new(self.clone(), self.position().seq)
    }

    /// A cursor that goes on after `position`; `None` when it cannot be proven that nothing is missed: another log, an entry
    /// that was replaced, or one that the log no longer has.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn subscribe_after(&self, position: Position) -> Result<Option<Cursor>, DbErr> {
        if position.epoch != self.0.epoch || position.seq > self.position().seq {
            return Ok(None);
        }
        if position.seq > 0 && events::tag_at(&self.0.db, position.seq).await? != Some(position.tag) {
            return Ok(None);
        }
        Ok(Some(Cursor::new(self.clone(), position.seq)))
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

/// Brings committed events to the bus.
pub struct ToBus(pub Arc<dyn Bus>);

impl Publish for ToBus {
    fn publish(&self, events: Vec<Arc<HubEvent>>) {
        self.0.publish(events);
    }
}
