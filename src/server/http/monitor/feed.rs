//! Where a connection's events and heartbeats come from. Traits and streams, so that a test can be the log and the time.

use crate::server::hub::{Cursor, HubError, HubEvent};
use futures::{Stream, stream};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Yields events in the order of the log.
pub(super) trait Feed: Send {
    /// Waits for events and yields at most `max` of them; nothing is lost when the future is dropped.
    fn next_batch(&mut self, max: usize) -> impl Future<Output = Result<Vec<Arc<HubEvent>>, HubError>> + Send;
}

impl Feed for Cursor {
    fn next_batch(&mut self, max: usize) -> impl Future<Output = Result<Vec<Arc<HubEvent>>, HubError>> + Send {
        Self::next_batch(self, max)
    }
}

/// One tick every `period`, the first after one period. A tick that was missed is not made up for.
pub(super) fn every(period: Duration) -> impl Stream<Item = ()> + Send + Unpin {
    let mut interval = interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Box::pin(stream::unfold(interval, |mut interval| async move {
        interval.tick().await;
        Some(((), interval))
    }))
}
