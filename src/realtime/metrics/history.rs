//! The last ten minutes of what was measured, with gaps where something was missed.
//!
//! Invariants: points stand in the order of time; none is older than [`SPAN`] before the newest; there are at most [`MOST`]. Times are
//! milliseconds of one clock, e.g. [`Sample::at_ms`](super::Sample::at_ms).

use std::collections::VecDeque;

/// How far back it reaches.
pub const SPAN: u64 = 600_000;

/// Points at most. Where more come, those that follow each other closest make room.
pub const MOST: usize = 1_200;

const SPACING: u64 = SPAN / MOST as u64;

/// What comes late is late by no more than this, in milliseconds.
const LATE: u64 = 60_000;

/// Whether what was measured at `at` is known already or comes late, where the newest is of `newest`. What is older by more than that is
/// neither: the clock that both were measured by was set back.
#[must_use]
pub const fn is_late(at: u64, newest: u64) -> bool {
    at <= newest && newest - at < LATE
}

#[derive(Debug, Clone, PartialEq)]
struct Entry<T> {
    at: u64,
    /// The one after it was to come so long after it.
    every: u64,
    value: T,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct History<T> {
    entries: VecDeque<Entry<T>>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { entries: VecDeque::new() }
    }
}

/// One number at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When.
    pub at: u64,
    /// How much.
    pub value: f64,
}

/// Numbers without a gap between them; at least one.
pub type Segment = Vec<Point>;

impl<T> History<T> {
    /// What was measured at `at`; the next is expected `every` milliseconds later. One that [is late](is_late) says nothing. One from so
    /// long after that nothing before it counts any more, or from before because the clock was set back, is the first of a new history.
    pub fn push(&mut self, at: u64, every: u64, value: T) {
        let newest = self.entries.back().map(|last| last.at);
        if newest.is_some_and(|newest| is_late(at, newest)) {
            return;
        }
        if newest.is_some_and(|newest| at < newest) {
            self.clear();
        }
        let crowded = self.entries.len().checked_sub(2).and_then(|before| self.entries.get(before));
        if crowded.is_some_and(|before| at - before.at < 2 * SPACING) {
            self.entries.pop_back();
        }
        self.entries.push_back(Entry { at, every, value });
        while self.entries.len() > MOST || self.entries.front().is_some_and(|first| at - first.at > SPAN) {
            self.entries.pop_front();
        }
    }

    /// The newest, and when it was measured.
    #[must_use]
    pub fn latest(&self) -> Option<(u64, &T)> {
        self.entries.back().map(|entry| (entry.at, &entry.value))
    }

    /// Forgets everything, e.g. since another machine is watched.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// One number of each, where there is one: a gap is where it was not measured, or where the next did not come within one and a half
    /// times of when it was expected.
    #[must_use]
    pub fn segments(&self, number: impl Fn(&T) -> Option<f64>) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        // Until when the next point goes on with the last segment.
        let mut joins: Option<u64> = None;
        for entry in &self.entries {
            let Some(value) = number(&entry.value).filter(|value| value.is_finite()) else {
                joins = None;
                continue;
            };
            let point = Point { at: entry.at, value };
            match segments.last_mut().filter(|_| joins.is_some_and(|until| entry.at <= until)) {
                Some(segment) => segment.push(point),
                None => segments.push(vec![point]),
            }
            // What was thinned out comes closer than the spacing, and is no gap.
            let patience = entry.every.saturating_mul(3).div_ceil(2).max(2 * SPACING);
            joins = Some(entry.at.saturating_add(patience));
        }
        segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn times(history: &History<f64>) -> Vec<Vec<u64>> {
        history.segments(|value| Some(*value)).iter().map(|segment| segment.iter().map(|point| point.at).collect()).collect()
    }

    #[test]
    fn a_missed_tick_is_a_gap() {
        let mut history = History::default();
        for at in [0, 5_000, 10_400, 20_000, 25_000] {
            history.push(at, 5_000, 1.0);
        }
        assert_eq!(times(&history), [vec![0, 5_000, 10_400], vec![20_000, 25_000]]);
        history.push(37_500, 10_000, 1.0);
        history.push(47_500, 10_000, 1.0);
        history.push(51_000, 5_000, 1.0);
        assert_eq!(times(&history)[2..], [vec![37_500, 47_500, 51_000]], "polling, then live again");
    }

    #[test]
    fn what_was_not_measured_is_a_gap() {
        let mut history = History::default();
        for (n, value) in [f64::NAN, 1.0, 2.0, f64::INFINITY, 3.0].into_iter().enumerate() {
            history.push(n as u64 * 5_000, 5_000, value);
        }
        assert_eq!(times(&history), [vec![5_000, 10_000], vec![20_000]]);
        history.clear();
        for (at, value) in [(0, 1.0), (3_000, f64::NAN), (6_000, 2.0)] {
            history.push(at, 5_000, value);
        }
        assert_eq!(times(&history), [vec![0], vec![6_000]], "however soon the next one comes");
        let none: Vec<Segment> = history.segments(|_| None);
        assert!(none.is_empty());
    }

    #[test]
    fn what_is_late_or_long_past_does_not_count() {
        let mut history = History::default();
        history.push(5_000, 5_000, 1.0);
        history.push(5_000, 5_000, 2.0);
        history.push(4_000, 5_000, 3.0);
        assert_eq!(history.latest(), Some((5_000, &1.0)));
        history.push(5_000 + SPAN, 5_000, 4.0);
        assert_eq!(history.entries.len(), 2);
        history.push(6_000 + SPAN, 5_000, 5.0);
        assert_eq!(history.entries.len(), 2, "the oldest went");
        history.clear();
        assert_eq!(history.latest(), None);
    }

    #[test]
    fn a_clock_that_is_set_back_begins_a_new_history() {
        let mut history = History::default();
        for at in [100_000, 105_000, 105_000 - LATE + 1] {
            history.push(at, 5_000, 1.0);
        }
        assert_eq!(times(&history), [vec![100_000, 105_000]], "late");
        history.push(105_000 - LATE, 5_000, 2.0);
        assert_eq!(times(&history), [vec![105_000 - LATE]]);
    }

    proptest! {
        /// However they come: bounded, in order, the newest is there, nothing is invented, and at a steady pace nothing is a gap.
        #[test]
        fn it_is_bounded_and_in_order(every in 1u64..20_000, jitter in prop::collection::vec(0u64..100, 0..2_000)) {
            let (mut history, mut pushed) = (History::default(), Vec::new());
            for (n, jitter) in jitter.into_iter().enumerate() {
                let at = n as u64 * every + every * jitter / 250;
                history.push(at, every, at as f64);
                pushed.push(at);
                prop_assert!(history.entries.len() <= MOST);
            }
            let segments = history.segments(|value| Some(*value));
            prop_assert!(segments.len() <= 1, "{} segments", segments.len());
            let told: Vec<Point> = segments.concat();
            prop_assert_eq!(told.last().map(|point| point.at), pushed.iter().max().copied());
            prop_assert!(told.windows(2).all(|pair| pair[0].at < pair[1].at));
            prop_assert!(told.iter().all(|point| point.at as f64 == point.value && pushed.binary_search(&point.at).is_ok()));
            if let (Some(first), Some(last)) = (told.first(), told.last()) {
                prop_assert!(last.at - first.at <= SPAN);
                let reach = pushed.iter().filter(|at| last.at - **at <= SPAN).min().copied().unwrap_or(0);
                prop_assert!(first.at - reach <= 2 * every.max(SPACING), "it reaches back as far as it may");
            }
        }
    }
}
