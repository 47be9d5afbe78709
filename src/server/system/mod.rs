//! How busy the machine and the service are (`realtime.md` section 7): one sampler for whoever watches, none while nobody does.

mod collector;

pub use collector::NotTold;

use crate::{
    domain::attribute,
    realtime::metrics::MetricsMessage,
    server::{
        http::monitor::Connections,
        service::{ServiceError, Services},
    },
};
use axum::extract::ws::Utf8Bytes;
use collector::{Collector, Known};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    sync::{Mutex as AsyncMutex, watch},
    time::{Duration, Instant, MissedTickBehavior},
};
use tracing::Instrument as _;

/// The attributes of which one is needed to be told.
pub const SEEN_WITH: &[&str] = &[attribute::SYSTEM_METRICS_READ];

/// The sampler; cheap to clone.
#[derive(Clone)]
pub struct System(Arc<Shared>);

struct Shared {
    services: Services,
    connections: Arc<Connections>,
    /// Begun with the first look. Whoever looks holds it: one look at a time.
    collector: Arc<AsyncMutex<Option<Collector>>>,
    latest: watch::Sender<Option<Latest>>,
    /// Whether a task samples now.
    running: Mutex<bool>,
}

/// The newest sample.
#[derive(Clone)]
pub struct Latest {
    at: Instant,
    /// The message as JSON.
    pub text: Utf8Bytes,
    message: Arc<MetricsMessage>,
}

/// Why there is no sample.
#[derive(Debug, thiserror::Error)]
pub enum NoSample {
    /// The machine does not tell.
    #[error(transparent)]
    NotTold(#[from] NotTold),
    /// The service cannot tell of itself.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The look broke off.
    #[error("the look at the system did not end: {0}")]
    BrokenOff(#[from] tokio::task::JoinError),
}

impl System {
    /// A sampler that rests.
    #[must_use]
    pub fn new(services: Services, connections: Arc<Connections>) -> Self {
        let latest = watch::Sender::new(None);
        let collector = Arc::new(AsyncMutex::new(None));
        Self(Arc::new(Shared { services, connections, collector, latest, running: Mutex::new(false) }))
    }

    /// Whether connections are told; otherwise those who watch have to ask.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.0.services.config().ws_enabled
    }

    /// Watches: the newest sample at once if it is fresh, and then each. The sampler runs as long as one of these lives.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Latest>> {
        let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut receiver = self.0.latest.subscribe();
        if receiver.borrow().as_ref().is_some_and(|latest| self.is_fresh(latest)) {
            receiver.mark_changed();
        }
        if !*running {
            *running = true;
            tokio::spawn(self.clone().run());
        }
        receiver
    }

    /// The newest sample; looks if there is none that is fresh.
    ///
    /// # Errors
    /// When the machine or the service does not tell.
    pub async fn now(&self) -> Result<MetricsMessage, NoSample> {
        let mut collector = Arc::clone(&self.0.collector).lock_owned().await;
        let latest = self.0.latest.borrow().clone();
        if let Some(latest) = latest.filter(|latest| self.is_fresh(latest)) {
            return Ok(latest.message.as_ref().clone());
        }
        let system = self.clone();
        // By itself, since whoever asks may go away meanwhile: what the last look saw would be lost, and with it the next sample's rates.
        let look = async move { system.look(&mut collector).await };
        let newest = tokio::spawn(look.in_current_span()).await??;
        Ok(newest.message.as_ref().clone())
    }

    /// Whether it looks by itself now: somebody watches.
    #[must_use]
    pub fn is_running(&self) -> bool {
        *self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(self.0.services.config().ws_metrics_interval)
    }

    fn is_fresh(&self, latest: &Latest) -> bool {
        latest.at.elapsed() < self.interval()
    }

    async fn run(self) {
        let stopping = self.0.services.stopping().clone();
        let mut due = tokio::time::interval(self.interval());
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.0.latest.closed() => {}
                _ = due.tick() => {
                    let mut collector = self.0.collector.lock().await;
                    if let Err(error) = self.look(&mut collector).await {
                        tracing::warn!(%error, "how busy the machine is cannot be told");
                    }
                }
            }
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            if self.0.latest.receiver_count() == 0 {
                *running = false;
                return;
            }
        }
    }

    /// Not to be dropped before it ends: it holds what the last look saw meanwhile.
    async fn look(&self, collector: &mut Option<Collector>) -> Result<Latest, NoSample> {
        let Shared { services, connections, latest, .. } = &*self.0;
        let known = Known {
            connections: connections.count() as u64,
            queue_depth: services.queue_depth().await?,
            database: services.config().database(),
            folders: services.location_folders().await?,
        };
        let at_ms = u64::try_from(services.clock().now().micros() / 1_000).unwrap_or(0);
        let interval_ms = services.config().ws_metrics_interval;
        let mut looking = match collector.take() {
            Some(collector) => collector,
            None => Collector::new(services.instance_id())?,
        };
        let looked = tokio::task::spawn_blocking(move || {
            let sample = looking.look(&known, at_ms, interval_ms);
            (looking, sample)
        });
        let (looking, sample) = looked.await?;
        *collector = Some(looking);
        let message = MetricsMessage::new(sample);
        let new = Latest { at: Instant::now(), text: message.to_text().into(), message: Arc::new(message) };
        latest.send_replace(Some(new.clone()));
        Ok(new)
    }
}
