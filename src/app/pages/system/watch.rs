//! Does what [`Viewer`] says: listens to samples over the connection, or asks for them, or rests.

use super::board::Board;
use crate::{
    api::client::{self, Snapshot},
    app::{
        browser,
        components::in_a_line,
        monitor::{Dispatcher, Subscription},
        stores::Stores,
    },
    realtime::{
        client::metrics_viewer::{Ask, Mode, POLL, Viewer},
        metrics::MetricsMessage,
    },
};
use leptos::{prelude::*, task::spawn_local};

#[derive(Clone, Copy)]
struct Watch {
    viewer: StoredValue<Viewer>,
    hearing: StoredValue<Option<Subscription>>,
    /// When the earliest timer fires.
    wake_at: StoredValue<Option<u64>>,
    mode: RwSignal<Mode>,
    trouble: RwSignal<Option<String>>,
    board: Board,
    dispatcher: Dispatcher,
}

/// What the page says of itself.
#[derive(Clone, Copy)]
pub struct How {
    /// Whether it is live.
    pub mode: RwSignal<Mode>,
    /// Why the last poll brought nothing.
    pub trouble: RwSignal<Option<String>>,
}

/// Keeps the board right until the calling component goes. How, is what it returns.
pub fn watch(board: Board) -> How {
    let connection = Stores::here().connection;
    let mut viewer = Viewer::new(true, browser::monotonic());
    // The page came with a sample.
    viewer.polled(browser::monotonic());
    let watch = Watch {
        mode: RwSignal::new(viewer.mode()),
        trouble: RwSignal::new(None),
        viewer: StoredValue::new(viewer),
        hearing: StoredValue::new(None),
        wake_at: StoredValue::new(None),
        board,
        dispatcher: expect_context(),
    };
    Effect::new(move |before: Option<(bool, bool)>| {
        let now = (connection.visible.get(), connection.linked.get());
        let before = before.unwrap_or((true, false));
        if now.0 != before.0 {
            watch.step(|viewer, at| if now.0 { viewer.shown(at) } else { viewer.hidden() });
        }
        if now.1 != before.1 {
            watch.step(|viewer, at| if now.1 { viewer.connected(at) } else { viewer.lost(at) });
        }
        watch.step(Viewer::tick);
        now
    });
    on_cleanup(move || watch.unsubscribe());
    How { mode: watch.mode, trouble: watch.trouble }
}

impl Watch {
    fn step(self, input: impl FnOnce(&mut Viewer, u64) -> Vec<Ask>) {
        let now = browser::monotonic();
        if let Some((asks, mode)) = self.viewer.try_update_value(|viewer| (input(viewer, now), viewer.mode())) {
            self.perform(asks);
            if self.mode.get_untracked() != mode {
                self.mode.set(mode);
            }
            self.arm(now);
        }
    }

    /// By itself, so that it is in the program once and not once for each input.
    fn perform(self, asks: Vec<Ask>) {
        for ask in asks {
            match ask {
                Ask::Subscribe => {
                    let hearing = self.dispatcher.hear(move |message: MetricsMessage| self.heard(message));
                    drop(self.hearing.try_update_value(|held| held.replace(hearing)));
                }
                Ask::Unsubscribe => self.unsubscribe(),
                Ask::Poll => self.poll(),
            }
        }
    }

    fn poll(self) {
        spawn_local(async move {
            let answer = client::system_metrics().await;
            if self.viewer.is_disposed() {
                return;
            }
            // What cannot be had stays as it was; the page says so, and when that was measured.
            let trouble = match answer {
                Ok(Snapshot { data: mut message, .. }) => {
                    // The next one is due when it is asked for.
                    message.data.interval_ms = message.data.interval_ms.max(POLL);
                    self.board.show(message);
                    None
                }
                Err(problem) => Some(in_a_line("How busy the machine is cannot be told at the moment.", &problem)),
            };
            self.trouble.set(trouble);
            self.step(|viewer, now| {
                viewer.polled(now);
                Vec::new()
            });
        });
    }

    fn heard(self, message: MetricsMessage) {
        self.trouble.set(None);
        self.step(|viewer, now| {
            viewer.sampled(message.data.interval_ms, now);
            Vec::new()
        });
        self.board.show(message);
    }

    fn unsubscribe(self) {
        drop(self.hearing.try_update_value(Option::take));
    }

    /// One timer at a time suffices: one that fires too early finds nothing to do and is followed by the right one.
    fn arm(self, now: u64) {
        let Some(due) = self.viewer.try_with_value(Viewer::next_due).flatten() else { return };
        if self.wake_at.get_value().is_some_and(|at| at <= due) {
            return;
        }
        self.wake_at.set_value(Some(due));
        browser::after(due.saturating_sub(now).max(1), move || {
            if self.viewer.is_disposed() {
                return;
            }
            if self.wake_at.get_value() == Some(due) {
                self.wake_at.set_value(None);
            }
            self.step(Viewer::tick);
        });
    }
}
