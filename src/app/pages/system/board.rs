//! The newest sample, from which everything on the page is read.

use crate::{
    api::client::Snapshot,
    app::{
        browser, format,
        stores::{Latest, system::SystemStore},
    },
    realtime::metrics::{MetricsMessage, Sample, history::is_late},
};
use leptos::prelude::*;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Board {
    now: Latest<MetricsMessage>,
    at: RwSignal<u64>,
    /// The last ten minutes.
    pub history: SystemStore,
}

impl Board {
    /// Nothing was measured yet.
    pub fn new(history: SystemStore) -> Self {
        Self { now: Latest::new(), at: RwSignal::new(0), history }
    }

    /// Takes a sample, however it came; one that comes late changes nothing, unless it is of another process.
    pub fn show(self, message: MetricsMessage) {
        let id = message.data.node.id;
        let late = self.now.with_untracked(|held| held.data.node.id == id && is_late(message.data.at_ms, held.data.at_ms));
        if late != Some(true) {
            let at = message.data.at_ms;
            self.history.push(&message.data);
            self.now.show(Snapshot { position: None, data: message });
            self.at.set(at);
        }
    }

    /// A part of the newest sample, which changes only when that part does.
    pub fn part<P: Clone + Default + PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&Sample) -> P + Send + Sync + 'static,
    ) -> Memo<P> {
        self.now.part(move |message| part(&message.data))
    }

    /// When the newest sample was taken, in milliseconds since the Unix epoch; reactive.
    pub fn at(self) -> u64 {
        self.at.get()
    }
}

/// When the newest sample was taken, to the second: in UTC until the page is alive, then in the reader's time.
#[component]
pub fn Measured(board: Board) -> impl IntoView {
    let at = board.now.part(|message| Some(message.timestamp));
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let exact = move || at.get().map(format::utc_exact);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double's 53 bits for 285,000 years")]
    let text = move || if alive.get() { Some(browser::time_of_day(board.at() as f64)) } else { exact() };
    view! { <time class="time" datetime=move || at.get().map(|at| at.to_rfc3339()) title=exact>{text}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stores::{Stores, system::tests::sample};
    use uuid::Uuid;

    #[test]
    fn a_late_sample_changes_nothing_and_one_of_another_process_counts() {
        Owner::new().with(|| {
            let board = Board::new(Stores::provide().system);
            let shown = || untrack(|| board.at());
            board.show(MetricsMessage::new(sample("a", 9_000)));
            board.show(MetricsMessage::new(sample("a", 4_000)));
            assert_eq!(shown(), 9_000);
            let mut restarted = sample("a", 4_000);
            restarted.node.id = Uuid::from_u128(1);
            board.show(MetricsMessage::new(restarted));
            assert_eq!(shown(), 4_000);
            for (at, then) in [(900_000, 900_000), (890_000, 900_000), (300_000, 300_000)] {
                let mut next = sample("a", at);
                next.node.id = Uuid::from_u128(1);
                board.show(MetricsMessage::new(next));
                assert_eq!(shown(), then, "late, or the clock was set back");
            }
        });
    }
}
