//! How fast bytes go through, and how long the rest will take. Pure: the caller brings the time.

use std::collections::VecDeque;

/// How far back the rate looks, in milliseconds.
const WINDOW: u64 = 15_000;

/// Of samples that follow each other faster than this, in milliseconds, the later one counts: 150 are kept at most.
const SPACING: u64 = 100;

/// Bytes per second over the last while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rate {
    samples: VecDeque<(u64, u64)>,
}

impl Rate {
    /// At `now` (milliseconds of any clock that only goes forward) so many bytes were through in all.
    pub fn sample(&mut self, now: u64, done: u64) {
        if self.samples.back().is_some_and(|(_, last)| *last > done) {
            self.samples.clear();
        }
        let crowded = self.samples.len().checked_sub(2).and_then(|at| self.samples.get(at));
        if crowded.is_some_and(|(at, _)| now < at.saturating_add(SPACING)) {
            self.samples.pop_back();
        }
        self.samples.push_back((now, done));
        while self.samples.len() > 2 && self.samples.front().is_some_and(|(at, _)| now.saturating_sub(*at) > WINDOW) {
            self.samples.pop_front();
        }
    }

    /// After an interruption what was measured before says nothing.
    pub fn reset(&mut self) {
        self.samples.clear();
    }

    /// Bytes per second; none while too little is known.
    #[must_use]
    pub fn per_second(&self) -> Option<u64> {
        let ((start, from), (end, to)) = (self.samples.front()?, self.samples.back()?);
        let millis = end.checked_sub(*start).filter(|millis| *millis >= 250)?;
        Some((to - from).saturating_mul(1_000) / millis)
    }
}

/// Microseconds until `remaining` bytes are through at `per_second`; none while that cannot be told.
#[must_use]
pub fn time_left(remaining: u64, per_second: Option<u64>) -> Option<i64> {
    let per_second = per_second.filter(|rate| *rate > 0)?;
    i64::try_from(u128::from(remaining) * 1_000_000 / u128::from(per_second)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_while() {
        let mut rate = Rate::default();
        rate.sample(0, 0);
        assert_eq!(rate.per_second(), None);
        rate.sample(1_000, 2_000_000);
        assert_eq!(rate.per_second(), Some(2_000_000));
        for second in 2..=40 {
            rate.sample(second * 1_000, 2_000_000 + (second - 1) * 500_000);
        }
        assert_eq!(rate.per_second(), Some(500_000), "the fast beginning is forgotten");
        assert_eq!(time_left(1_000_000, rate.per_second()), Some(2_000_000));
    }

    #[test]
    fn however_often_it_is_asked_it_keeps_a_few() {
        let mut rate = Rate::default();
        for millis in 0..60_000 {
            rate.sample(millis, millis * 50);
            assert!(rate.samples.len() <= 153, "{}", rate.samples.len());
            assert!(rate.per_second().is_none_or(|per_second| per_second == 50_000));
        }
    }

    #[test]
    fn going_back_starts_anew() {
        let mut rate = Rate::default();
        rate.sample(0, 9_000);
        rate.sample(1_000, 1_000);
        assert_eq!(rate.per_second(), None);
        assert_eq!(time_left(5, None), None);
        assert_eq!(time_left(5, Some(0)), None);
    }
}
