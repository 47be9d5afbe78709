//! The live connection as people see it.

use crate::realtime::client::connection::Status;
use leptos::prelude::*;

/// What a person may ask of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Do not wait for the next attempt.
    TryNow,
    /// No live updates for now.
    Disconnect,
    /// Live updates again.
    Connect,
}

/// What came over the connection. Times are milliseconds since the Unix epoch by the reader's clock.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Seen {
    /// When what is on screen was last known to be right: the last frame, or the last time it was fetched.
    pub updated_at: Option<f64>,
    /// The type of the last event, and when it came.
    pub last_event: Option<(&'static str, f64)>,
    /// Events applied since the page was opened.
    pub events: u64,
    /// Frames of a kind that is not known here, or that could not be read.
    pub unknown: u64,
    /// They come by way of another tab of this browser, which shares its connection.
    pub shared: bool,
    /// Times that the server restarted since the page was opened.
    pub restarts: u64,
    /// Times that everything on screen was fetched again, because it could not be proven that nothing was missed.
    pub resyncs: u64,
    /// Changes to what is on screen that were not announced yet.
    pub unannounced: u64,
}

/// The store of the connection.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionStore {
    /// Where it stands.
    pub status: RwSignal<Status>,
    /// There is a connection, of this tab or of the one that leads, over which messages come. It may be catching up.
    pub linked: RwSignal<bool>,
    /// Somebody looks at the page.
    pub visible: RwSignal<bool>,
    /// What came over it, shown once a second at most.
    pub shown: RwSignal<Seen>,
    /// The reader's clock once a second while not connected, so that ages and waits go on.
    pub now: RwSignal<f64>,
    /// What is read out politely: changes on screen, batched.
    pub announcement: RwSignal<String>,
    /// What the person asked for last; the monitor listens.
    pub wish: RwSignal<Option<Wish>>,
    seen: StoredValue<Seen>,
}

impl ConnectionStore {
    pub(super) fn new() -> Self {
        Self {
            status: RwSignal::new(Status::Connecting),
            linked: RwSignal::new(false),
            visible: RwSignal::new(true),
            shown: RwSignal::new(Seen::default()),
            now: RwSignal::new(0.0),
            announcement: RwSignal::new(String::new()),
            wish: RwSignal::new(None),
            seen: StoredValue::new(Seen::default()),
        }
    }

    /// Asks the monitor for something.
    pub fn ask(&self, wish: Wish) {
        self.wish.set(Some(wish));
    }

    /// Notes something that came; a thousand a second cost nothing, because only [`publish`](Self::publish) shows it.
    pub fn note(&self, change: impl FnOnce(&mut Seen)) {
        self.seen.update_value(change);
    }

    /// Shows what was noted, if it is anything new.
    pub fn publish(&self) {
        let seen = self.seen.get_value();
        if self.shown.with_untracked(|shown| *shown != seen) {
            self.shown.set(seen);
        }
    }

    /// Reads out how much changed on screen since the last time.
    pub fn announce(&self) {
        let changes = self.seen.with_value(|seen| seen.unannounced);
        if changes > 0 {
            self.seen.update_value(|seen| seen.unannounced = 0);
            self.announcement.set(if changes == 1 {
                "1 change on this page".to_owned()
            } else {
                format!("{changes} changes on this page")
            });
        }
    }
}
