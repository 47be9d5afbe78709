//! Does what [`Viewer`] says: listens to samples over the connection, or asks for them, or rests.

use super::board::Board;
use crate::{
    api::client,
    app::{
        browser,
        monitor::{Dispatcher, Subscription},
        stores::Stores,
    },
    realtime::{
        client::metrics_viewer::{Ask, Mode, Viewer},
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
    board: Board,
    dispatcher: Dispatcher,
}

/// Keeps the board right until the calling component goes. How, is what it returns.
pub fn watch(board: Board) -> RwSignal<Mode> {
    let connection = Stores::here().connection;
    let mut viewer = Viewer::new(true, browser::monotonic());
    // The page came with a sample.
    viewer.polled(browser::monotonic());
    let watch = Watch {
        mode: RwSignal::new(viewer.mode()),
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
    watch.mode
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
            // What cannot be had stays as it was; the page says when that was measured.
            if let Ok(answer) = answer {
                self.board.show(answer.data);
            }
            self.step(|viewer, now| {
                viewer.polled(now);
                Vec::new()
            });
        });
    }

    fn heard(self, message: MetricsMessage) {
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
