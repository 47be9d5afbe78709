//! One reader's place in the log.

use super::{Hub, HubEvent};
use crate::{
    realtime::{Position, ring::Read},
    server::db::{DbErr, events},
};
use std::sync::Arc;
use tokio::sync::watch;

/// Why a cursor cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The log no longer has what follows the cursor: the reader has to start from a snapshot.
    #[error("the log no longer reaches back to entry {0}")]
    Lost(u64),
    /// The table could not be read; trying again may help.
    #[error("the event log cannot be read: {0}")]
    Database(#[from] DbErr),
}

/// Yields what follows a place in the log, in order, without end.
pub struct Cursor {
    hub: Hub,
    newest: watch::Receiver<Position>,
    seq: u64,
}

impl Cursor {
    pub(super) fn new(hub: Hub, seq: u64) -> Self {
        let newest = hub.0.newest.subscribe();
        Self { hub, newest, seq }
    }

    /// The last event that was yielded, or where the cursor began.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Waits for events and yields at most `max` of them. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// When the log no longer has what follows, or cannot be read.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Arc<HubEvent>>, HubError> {
        loop {
            self.newest.mark_unchanged();
            let read = self.hub.ring().read_after(self.seq, max);
            let batch = match read {
                Read::Entries(entries) => entries,
                // In a box, because it is rare and large, and every connection would have room for it all the time.
                Read::Outside => Box::pin(self.read_table(max)).await?,
            };
            if let Some(last) = batch.last() {
                self.seq = last.seq;
                return Ok(batch);
            }
            if self.newest.changed().await.is_err() {
                // The hub is in `self`, so its sender lives; waiting forever would be as right.
                return Err(HubError::Lost(self.seq));
            }
        }
    }

    async fn read_table(&self, max: usize) -> Result<Vec<Arc<HubEvent>>, HubError> {
        let newest = self.hub.ring().last();
        let mut batch = events::after(&self.hub.0.db, self.seq, max as u64).await?;
        // What is committed and not in the ring yet comes in its turn: a reader that is ahead of the ring finds nothing there, and begins anew.
        batch.retain(|event| event.seq <= newest);
        let dense = batch.iter().zip(self.seq + 1..).all(|(event, seq)| event.seq == seq);
        if dense && !batch.is_empty() { Ok(batch) } else { Err(HubError::Lost(self.seq)) }
    }
}
