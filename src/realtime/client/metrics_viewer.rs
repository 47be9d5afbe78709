//! Whether a page that shows metrics is live, polls or pauses (`realtime.md` section 7).
//!
//! Live while samples come over the connection; when they stay away, or there is none, it polls, and it is live again with the first
//! sample that comes. While the page is hidden nothing is asked and nothing is sent. Invariants: a page that is seen and not live has
//! asked within [`POLL`] or waits for an answer; a page that is hidden asks for nothing; at most one poll is in flight.
//!
//! The shell does what it is asked and says what happened. Times are milliseconds of a clock that does not go back.

/// Between two polls.
pub const POLL: u64 = 10_000;

/// An answer that did not come for so long will not come.
pub const PATIENCE: u64 = 30_000;

/// Assumed between two samples until the first says it.
const INTERVAL: u64 = 5_000;

/// What the page says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Samples come as they are taken.
    Live,
    /// They are asked for every ten seconds.
    Polling,
    /// The page is hidden.
    Paused,
}

/// What the shell has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Subscribe over the connection.
    Subscribe,
    /// Unsubscribe.
    Unsubscribe,
    /// Ask `GET /api/system/metrics`, then call [`Viewer::polled`].
    Poll,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    visible: bool,
    /// There is a connection that can carry samples.
    connected: bool,
    /// The connection was asked for samples.
    subscribed: bool,
    /// When the last sample came over the connection; none: it is not live.
    heard: Option<u64>,
    /// Between two samples.
    interval: u64,
    /// When the next poll is due.
    poll: u64,
    /// Since when an answer is waited for.
    asked: Option<u64>,
}

impl Viewer {
    /// A page, hidden or not, without a connection. [`tick`](Self::tick) it at once.
    #[must_use]
    pub fn new(visible: bool, now: u64) -> Self {
        Self { visible, connected: false, subscribed: false, heard: None, interval: INTERVAL, poll: now, asked: None }
    }

    /// How it stands.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match (self.visible, self.heard) {
            (false, _) => Mode::Paused,
            (true, Some(_)) => Mode::Live,
            (true, None) => Mode::Polling,
        }
    }

    /// There is a connection now, or another one.
    pub fn connected(&mut self, now: u64) -> Vec<Ask> {
        (self.connected, self.subscribed) = (true, false);
        self.tick(now)
    }

    /// The connection was lost.
    pub fn lost(&mut self, now: u64) -> Vec<Ask> {
        (self.connected, self.subscribed) = (false, false);
        self.not_live(now);
        self.tick(now)
    }

    /// A sample came over the connection; the next is due after `interval`.
    pub fn sampled(&mut self, interval: u64, now: u64) {
        if self.visible && self.connected {
            self.interval = interval.max(1);
            self.heard = Some(now);
        }
    }

    /// A poll was answered, or failed.
    pub fn polled(&mut self, now: u64) {
        self.asked = None;
        self.poll = now.saturating_add(POLL);
    }

    /// The page is hidden.
    pub fn hidden(&mut self) -> Vec<Ask> {
        self.visible = false;
        self.heard = None;
        if std::mem::take(&mut self.subscribed) { vec![Ask::Unsubscribe] } else { Vec::new() }
    }

    /// The page is seen again: it catches up at once.
    pub fn shown(&mut self, now: u64) -> Vec<Ask> {
        if !self.visible {
            self.visible = true;
            self.poll = now;
        }
        self.tick(now)
    }

    /// Time passed. Call at [`next_due`](Self::next_due).
    pub fn tick(&mut self, now: u64) -> Vec<Ask> {
        if !self.visible {
            return Vec::new();
        }
        if self.heard.is_some_and(|heard| now >= heard.saturating_add(self.silence())) {
            self.not_live(now);
        }
        let mut asks = Vec::new();
        if self.connected && !self.subscribed {
            self.subscribed = true;
            asks.push(Ask::Subscribe);
        }
        if self.asked.is_some_and(|at| now >= at.saturating_add(PATIENCE)) {
            self.asked = None;
        }
        if self.heard.is_none() && self.asked.is_none() && now >= self.poll {
            self.asked = Some(now);
            asks.push(Ask::Poll);
        }
        asks
    }

    /// When to call [`tick`](Self::tick) at the latest.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        if !self.visible {
            return None;
        }
        if let Some(heard) = self.heard {
            return Some(heard.saturating_add(self.silence()));
        }
        Some(self.asked.map_or(self.poll, |at| at.saturating_add(PATIENCE)))
    }

    /// Samples that stay away for two and a half of their intervals do not come.
    fn silence(&self) -> u64 {
        self.interval.saturating_mul(5).div_ceil(2)
    }

    /// It was live, and is not: what was missed is asked for at once.
    fn not_live(&mut self, now: u64) {
        if self.heard.take().is_some() {
            self.poll = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_falls_back_to_polling_and_returns_by_itself() {
        let mut viewer = Viewer::new(true, 0);
        assert_eq!((viewer.tick(0), viewer.mode()), (vec![Ask::Poll], Mode::Polling));
        viewer.polled(50);
        assert_eq!((viewer.connected(100), viewer.next_due()), (vec![Ask::Subscribe], Some(50 + POLL)));
        viewer.sampled(1_000, 200);
        assert_eq!((viewer.mode(), viewer.next_due()), (Mode::Live, Some(2_700)));
        assert_eq!((viewer.tick(2_699), viewer.mode()), (vec![], Mode::Live));
        assert_eq!((viewer.tick(2_700), viewer.mode()), (vec![Ask::Poll], Mode::Polling), "silence");
        viewer.polled(2_800);
        assert_eq!(viewer.tick(2_800 + POLL), [Ask::Poll]);
        viewer.sampled(1_000, 13_000);
        assert_eq!(viewer.mode(), Mode::Live);
        assert_eq!((viewer.lost(13_100), viewer.mode()), (vec![], Mode::Polling), "a poll is in flight");
        viewer.polled(13_200);
        assert_eq!(viewer.connected(13_300), [Ask::Subscribe]);
    }

    #[test]
    fn a_hidden_page_asks_for_nothing_and_catches_up() {
        let mut viewer = Viewer::new(true, 0);
        assert_eq!(viewer.connected(0), [Ask::Subscribe, Ask::Poll]);
        viewer.polled(10);
        viewer.sampled(5_000, 20);
        assert_eq!((viewer.hidden(), viewer.mode(), viewer.next_due()), (vec![Ask::Unsubscribe], Mode::Paused, None));
        viewer.sampled(5_000, 30);
        assert_eq!((viewer.mode(), viewer.tick(900_000), viewer.hidden()), (Mode::Paused, vec![], vec![]));
        assert_eq!((viewer.shown(900_000), viewer.mode()), (vec![Ask::Subscribe, Ask::Poll], Mode::Polling));
        assert_eq!(viewer.shown(900_001), [], "once");
        viewer.polled(900_002);
        viewer.sampled(5_000, 900_003);
        assert_eq!(viewer.hidden(), [Ask::Unsubscribe]);
        assert_eq!(viewer.shown(900_010), [Ask::Subscribe, Ask::Poll], "however soon");
    }

    #[test]
    fn who_is_told_nothing_polls() {
        let mut viewer = Viewer::new(true, 0);
        assert_eq!(viewer.connected(0), [Ask::Subscribe, Ask::Poll]);
        viewer.polled(0);
        assert_eq!((viewer.next_due(), viewer.tick(POLL)), (Some(POLL), vec![Ask::Poll]));
        assert_eq!(viewer.tick(POLL + PATIENCE), [Ask::Poll], "the answer will not come");
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(u64),
        Connect,
        Lose,
        Sample,
        Answer,
        Hide,
        Show,
    }

    proptest! {
        /// Whatever happens, with timers that are kept: hidden pages ask for nothing, polls do not overlap, a page that is seen has heard
        /// something, or asked, within ten seconds of when it could, and one whose samples come is live.
        #[test]
        fn a_page_that_is_seen_is_kept_up(steps in prop::collection::vec(prop_oneof![
            4 => (1u64..20_000).prop_map(Step::Wait), 1 => Just(Step::Connect), 1 => Just(Step::Lose),
            3 => Just(Step::Sample), 4 => Just(Step::Answer), 1 => Just(Step::Hide), 1 => Just(Step::Show)
        ], 0..80)) {
            let (mut viewer, mut now) = (Viewer::new(true, 0), 0u64);
            let (mut visible, mut connected, mut subscribed) = (true, false, false);
            // When a poll was sent that is not answered; when something was last heard, asked for or become possible to ask.
            let (mut sent, mut kept_up): (Option<u64>, u64) = (None, 0);
            for step in steps {
                let mut asks = Vec::new();
                match step {
                    Step::Wait(ms) => {
                        let until = now + ms;
                        while let Some(due) = viewer.next_due().filter(|due| *due <= until) {
                            let first = due.max(now);
                            now = first;
                            let more = viewer.tick(now);
                            prop_assert!(viewer.next_due().is_none_or(|due| due > now), "it would be called without end");
                            asks.extend(more);
                            if asks.contains(&Ask::Poll) {
                                prop_assert!(sent.is_none_or(|sent| now >= sent + PATIENCE), "two polls at a time");
                                sent = Some(now);
                                kept_up = now;
                                asks.retain(|ask| *ask != Ask::Poll);
                            }
                        }
                        now = until;
                    }
                    Step::Connect => { connected = true; subscribed = false; asks = viewer.connected(now); }
                    Step::Lose => { connected = false; subscribed = false; asks = viewer.lost(now); }
                    Step::Sample => {
                        viewer.sampled(5_000, now);
                        if visible && connected { kept_up = now; prop_assert_eq!(viewer.mode(), Mode::Live); }
                    }
                    Step::Answer => if sent.take().is_some() { viewer.polled(now); kept_up = now; },
                    Step::Hide => { visible = false; asks = viewer.hidden(); }
                    Step::Show => { if !visible { kept_up = now; } visible = true; asks = viewer.shown(now); }
                }
                for ask in asks {
                    match ask {
                        Ask::Subscribe => { prop_assert!(visible && connected); subscribed = true; }
                        Ask::Unsubscribe => { prop_assert!(subscribed && !visible); subscribed = false; }
                        Ask::Poll => {
                            prop_assert!(visible && sent.is_none_or(|sent| now >= sent + PATIENCE));
                            (sent, kept_up) = (Some(now), now);
                        }
                    }
                }
                prop_assert_eq!(viewer.mode() == Mode::Paused, !visible);
                prop_assert!(!visible || !connected || subscribed, "seen, connected and not subscribed");
                prop_assert!(viewer.mode() != Mode::Live || connected);
                if visible && now > 0 {
                    let waits = sent.is_some_and(|sent| now < sent + PATIENCE);
                    prop_assert!(waits || now < kept_up + 5_000 * 5 / 2 + POLL, "{now} {kept_up} {viewer:?}");
                }
            }
        }
    }
}
