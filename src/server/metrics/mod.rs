//! What the service counts of itself, for Prometheus (its text exposition format, version 0.0.4).
//!
//! One [`Meters`] for each service, and no recorder for the process: services that run in one process, as in tests, do not count
//! each other's requests, and a library that counts for its own ends does not appear in ours. Invariant: every label is one of a few words that
//! are written in this program (a route's pattern, a status, a type of event); never a path, a name, an identifier or a query, which would
//! make a series of their own each, and be told to whoever reads the figures.

mod names;
mod process;

use crate::domain::{StorageEvent, WorkflowStatus, WorkflowType};
use ::metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often samples of durations are put into their buckets when nobody asks for the figures.
const UPKEEP: Duration = Duration::from_secs(10);

/// Upper bounds of the buckets of durations, in seconds: from an answer out of memory to the longest that one may take.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// The figures of one service; cheap to clone.
#[derive(Debug, Clone)]
pub struct Meters(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

/// What bytes pass through the service for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// A package comes in, from whoever deposits it.
    TakenIn,
    /// A package is copied to another location and read back there: each byte counts twice.
    Moved,
    /// A package is read to see whether it is as it was recorded.
    Checked,
    /// A package goes out, to whoever downloads it.
    HandedOut,
}

/// A way in which live connections come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveDoor {
    /// The storage monitor as Enduro's clients speak it.
    Monitor,
    /// The storage monitor in `strongroom.v1`.
    Session,
    /// The storage monitor as server-sent events.
    Stream,
    /// Changes of resources, for other applications.
    Resources,
    /// How busy the machine is.
    Metrics,
}

impl LiveDoor {
    fn word(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Session => "strongroom.v1",
            Self::Stream => "sse",
            Self::Resources => "ws",
            Self::Metrics => "ws/metrics",
        }
    }
}

/// A live connection is counted as open as long as this is held.
#[derive(Debug)]
pub struct OpenConnection {
    open: Gauge,
    closed: Counter,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.open.decrement(1);
        self.closed.increment(1);
    }
}

/// What is to be counted of an event, once it is committed.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    kind: &'static str,
    ended: Option<(WorkflowType, WorkflowStatus)>,
}

impl Told {
    /// Of this event.
    #[must_use]
    pub fn of(event: &StorageEvent) -> Self {
        let ended = match event {
            // A deposit is over before anybody is told of it.
            StorageEvent::AipWorkflowCreated { item, .. } | StorageEvent::AipWorkflowUpdated { item, .. }
                if matches!(item.status, WorkflowStatus::Done | WorkflowStatus::Error | WorkflowStatus::Canceled) =>
            {
                Some((item.kind, item.status))
            }
            _ => None,
        };
        Self { kind: event.kind(), ended }
    }
}

/// Work that is not over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Pieces that can go on.
    pub queued: u64,
    /// Pieces that rest until a person decides.
    pub waiting: u64,
    /// Seconds since the oldest of those that can go on began; 0 when there are none.
    pub oldest_seconds: u64,
}

impl Default for Meters {
    fn default() -> Self {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
        // Refused are empty lists only.
        let recorder = builder.unwrap_or_else(|_empty| PrometheusBuilder::new()).build_recorder();
        names::describe(&recorder);
        let meters = Self(Arc::new(Inner { handle: recorder.handle(), recorder }));
        meters.gauge(names::BUILD_INFO, &[("version", env!("CARGO_PKG_VERSION"))]).set(1);
        meters
    }
}

impl Meters {
    /// A request was answered: `route` is the pattern that it matched.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        let labels = vec![Label::new("method", method), Label::new("route", route.clone()), Label::new("status", status.to_string())];
        self.register(names::REQUESTS, labels, PrometheusRecorder::register_counter).increment(1);
        let labels = vec![Label::new("method", method), Label::new("route", route)];
        self.register(names::REQUEST_SECONDS, labels, PrometheusRecorder::register_histogram).record(took);
    }

    /// Events were committed.
    pub fn told(&self, events: &[Told]) {
        for Told { kind, ended } in events {
            self.counter(names::EVENTS, &[("type", kind)]).increment(1);
            if let Some((kind, status)) = ended {
                // The wire has no word of its own for fixity checks, which are all that goes without one.
                let kind = if *kind == WorkflowType::Unspecified { "check fixity" } else { kind.as_str() };
                self.counter(names::WORKFLOWS, &[("type", kind), ("outcome", status.as_str())]).increment(1);
            }
        }
    }

    /// Counts bytes that pass for this.
    pub fn bytes(&self, what: Traffic) -> Counter {
        let operation = match what {
            Traffic::TakenIn => "deposit",
            Traffic::Moved => "move",
            Traffic::Checked => "fixity",
            Traffic::HandedOut => "download",
        };
        self.counter(names::BYTES, &[("operation", operation)])
    }

    /// A live connection was opened.
    #[must_use]
    pub fn opened(&self, door: LiveDoor) -> OpenConnection {
        let door = [("door", door.word())];
        self.counter(names::OPENED, &door).increment(1);
        let open = self.gauge(names::OPEN, &door);
        open.increment(1);
        OpenConnection { open, closed: self.counter(names::CLOSED, &door) }
    }

    /// A client was told that it cannot be proven that it was told everything.
    pub fn resync(&self, reason: &'static str) {
        self.counter(names::RESYNCS, &[("reason", reason)]).increment(1);
    }

    /// All figures as text: those that were counted, the work that is not over, and those of the process.
    #[must_use]
    pub fn exposition(&self, backlog: Backlog) -> String {
        for (state, count) in [("queued", backlog.queued), ("waiting", backlog.waiting)] {
            self.gauge(names::WORK, &[("state", state)]).set(count as f64);
        }
        self.gauge(names::WORK_OLDEST, &[]).set(backlog.oldest_seconds as f64);
        if let Some(process) = process::sample() {
            self.counter(names::PROCESS_CPU, &[]).absolute(process.cpu_seconds);
            self.gauge(names::PROCESS_MEMORY, &[]).set(process.memory as f64);
            self.gauge(names::PROCESS_STARTED, &[]).set(process.started as f64);
            if let Some(files) = process.open_files {
                self.gauge(names::PROCESS_FILES, &[]).set(files as f64);
            }
        }
        self.0.handle.render()
    }

    /// Keeps samples from piling up while nobody asks for the figures.
    pub async fn keep_up(self, stopping: CancellationToken) {
        let mut every = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = every.tick() => self.0.handle.run_upkeep(),
            }
        }
    }

    fn counter(&self, name: &'static str, labels: &[(&'static str, &'static str)]) -> Counter {
        self.register(name, words(labels), PrometheusRecorder::register_counter)
    }

    fn gauge(&self, name: &'static str, labels: &[(&'static str, &'static str)]) -> Gauge {
        self.register(name, words(labels), PrometheusRecorder::register_gauge)
    }

    fn register<T>(&self, name: &'static str, labels: Vec<Label>, make: fn(&PrometheusRecorder, &Key, &Metadata<'_>) -> T) -> T {
        make(&self.0.recorder, &Key::from_parts(name, labels), &METADATA)
    }
}

fn words(labels: &[(&'static str, &'static str)]) -> Vec<Label> {
    labels.iter().map(|(name, word)| Label::from_static_parts(name, word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_services_count_apart() {
        let (one, other) = (Meters::default(), Meters::default());
        one.answered("GET", "/api/about", 200, Duration::from_millis(2));
        let line = "strongroom_http_requests_total{method=\"GET\",route=\"/api/about\",status=\"200\"} 1";
        assert!(one.exposition(Backlog::default()).contains(line));
        assert!(!other.exposition(Backlog::default()).contains("strongroom_http_requests_total{"));
    }

    #[test]
    fn durations_are_counted_in_buckets() {
        let meters = Meters::default();
        meters.answered("GET", "/api/about", 200, Duration::from_millis(2));
        let text = meters.exposition(Backlog::default());
        let bucket =
            |le: &str| format!("strongroom_http_request_duration_seconds_bucket{{method=\"GET\",route=\"/api/about\",le=\"{le}\"}}");
        assert!(text.contains(&format!("{} 0", bucket("0.001"))) && text.contains(&format!("{} 1", bucket("0.005"))), "{text}");
    }

    #[test]
    fn a_connection_is_open_until_it_is_dropped() {
        let meters = Meters::default();
        let first = meters.opened(LiveDoor::Stream);
        drop(meters.opened(LiveDoor::Stream));
        let text = meters.exposition(Backlog::default());
        for line in [
            "strongroom_live_connections{door=\"sse\"} 1",
            "strongroom_live_connections_opened_total{door=\"sse\"} 2",
            "strongroom_live_connections_closed_total{door=\"sse\"} 1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        drop(first);
    }

    #[test]
    fn every_figure_says_what_it_is() {
        let meters = Meters::default();
        meters.answered("GET", "/api/about", 200, Duration::ZERO);
        meters.resync("lag");
        meters.bytes(Traffic::Moved).increment(1);
        let text = meters.exposition(Backlog { queued: 1, waiting: 2, oldest_seconds: 3 });
        for typed in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
            let name = typed.split(' ').next().expect("a name");
            assert!(text.contains(&format!("# HELP {name} ")), "{name}");
        }
    }
}
