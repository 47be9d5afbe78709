//! When to fetch again what is on screen after something in it changed (`realtime.md` section 6).
//!
//! Waits until changes pause for [`TRAILING`], but never longer than [`LONGEST`] after the first; one request in flight; changed
//! meanwhile means once more. Invariants: every change is followed by a request that begins after it; two requests of one
//! debounce never overlap. All times are milliseconds of any clock that does not go back.

/// A pause so long ends the waiting.
pub const TRAILING: u64 = 150;

/// The longest that a change waits while no request is in flight.
pub const LONGEST: u64 = 1_000;

/// An answer so old is asked for again when the page comes into focus, though nothing is known to have changed.
pub const FRESH: u64 = 60_000;

/// The debounce of one thing on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Debounce {
    /// First and last change that no request has answered yet.
    waiting: Option<(u64, u64)>,
    in_flight: bool,
}

impl Debounce {
    /// Something changed.
    pub fn changed(&mut self, now: u64) {
        self.waiting = Some((self.waiting.map_or(now, |(first, _)| first), now));
    }

    /// When [`take`](Self::take) is worth asking; none while there is nothing to wait for.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        if self.in_flight {
            return None;
        }
        self.waiting.map(|(first, last)| (last + TRAILING).min(first + LONGEST))
    }

    /// Whether a request is to be sent now; it then counts as in flight.
    pub fn take(&mut self, now: u64) -> bool {
        let due = self.due().is_some_and(|due| due <= now);
        if due {
            self.begin();
        }
        due
    }

    /// A request is sent for another reason: it answers all changes so far.
    pub fn begin(&mut self) {
        self.waiting = None;
        self.in_flight = true;
    }

    /// Whether a request is in flight.
    #[must_use]
    pub fn in_flight(&self) -> bool {
        self.in_flight
    }

    /// The request in flight was answered, or failed.
    pub fn finished(&mut self) {
        self.in_flight = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pause_ends_the_waiting_and_one_second_does_too() {
        let mut debounce = Debounce::default();
        debounce.changed(0);
        assert!(!debounce.take(TRAILING - 1) && debounce.take(TRAILING));
        debounce.finished();
        for now in (1_000..2_500).step_by(100) {
            debounce.changed(now);
            assert_eq!(debounce.take(now), now == 2_000, "{now}");
        }
    }

    #[test]
    fn changed_meanwhile_means_once_more() {
        let mut debounce = Debounce::default();
        debounce.changed(0);
        assert!(debounce.take(200));
        debounce.changed(300);
        assert_eq!((debounce.due(), debounce.take(9_000)), (None, false));
        debounce.finished();
        assert!(debounce.take(9_000));
        debounce.finished();
        assert_eq!(debounce.due(), None);
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Wait(u64),
        Change,
        Answer,
        Other,
    }

    proptest! {
        /// Every change is answered by a request that begins after it and within the bound, however changes and answers fall.
        #[test]
        fn no_change_is_forgotten(steps in prop::collection::vec(prop_oneof![
            (1u64..400).prop_map(Step::Wait), Just(Step::Change), Just(Step::Answer), Just(Step::Other)
        ], 0..80)) {
            let (mut debounce, mut now) = (Debounce::default(), 0);
            let mut unanswered: Option<u64> = None;
            let mut free_since: Option<u64> = Some(0);
            let tick = |debounce: &mut Debounce, unanswered: &mut Option<u64>, free_since: &mut Option<u64>, now: u64| {
                if debounce.take(now) { *unanswered = None; *free_since = None; }
                if let (Some(changed), Some(free)) = (*unanswered, *free_since) {
                    prop_assert!(now < changed.max(free) + LONGEST, "a change waits too long");
                }
                Ok(())
            };
            for step in steps {
                match step {
                    Step::Wait(ms) => for _ in 0..ms { now += 1; tick(&mut debounce, &mut unanswered, &mut free_since, now)?; },
                    Step::Change => { debounce.changed(now); unanswered = unanswered.or(Some(now)); }
                    Step::Answer => if debounce.in_flight() { debounce.finished(); free_since = Some(now); },
                    Step::Other => if !debounce.in_flight() { debounce.begin(); unanswered = None; free_since = None; },
                }
            }
            if debounce.in_flight() { debounce.finished(); }
            prop_assert_eq!(debounce.due().is_some(), unanswered.is_some());
        }
    }
}
