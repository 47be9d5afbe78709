//! How fast an upload goes, how long it will take, and how large its next part should be. Pure: the caller brings the time.

use std::collections::VecDeque;

/// How far back the rate looks, in milliseconds.
const WINDOW: u64 = 15_000;

/// The smallest and the largest part, in bytes.
const PART: (u64, u64) = (256 * 1024, 8 * 1024 * 1024);

/// Bytes per second over the last while.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rate {
    samples: VecDeque<(u64, u64)>,
}

impl Rate {
    /// At `now` (milliseconds of any clock that only goes forward) so many bytes had been sent in all.
    pub fn sample(&mut self, now: u64, sent: u64) {
        if self.samples.back().is_some_and(|(_, last)| *last > sent) {
            self.samples.clear();
        }
        self.samples.push_back((now, sent));
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

/// Microseconds until `remaining` bytes are sent at `per_second`; none while that cannot be told.
#[must_use]
pub fn time_left(remaining: u64, per_second: Option<u64>) -> Option<i64> {
    let per_second = per_second.filter(|rate| *rate > 0)?;
    i64::try_from(u128::from(remaining) * 1_000_000 / u128::from(per_second)).ok()
}

/// The size of the next part when one of `size` bytes took `millis`: parts of about a second show progress and lose little when
/// the connection breaks, larger ones cost fewer round trips.
#[must_use]
pub fn next_part(size: u64, millis: u64) -> u64 {
    let next = match millis {
        ..700 => size * 2,
        ..3_000 => size,
        _ => size / 2,
    };
    next.clamp(PART.0, PART.1)
}

/// The size of the first part.
#[must_use]
pub const fn first_part() -> u64 {
    1024 * 1024
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
    fn going_back_starts_anew() {
        let mut rate = Rate::default();
        rate.sample(0, 9_000);
        rate.sample(1_000, 1_000);
        assert_eq!(rate.per_second(), None);
        assert_eq!(time_left(5, None), None);
        assert_eq!(time_left(5, Some(0)), None);
    }

    #[test]
    fn parts_grow_and_shrink_within_bounds() {
        let mut part = first_part();
        for _ in 0..10 {
            part = next_part(part, 100);
        }
        assert_eq!(part, 8 * 1024 * 1024);
        assert_eq!(next_part(part, 1_500), part);
        for _ in 0..10 {
            part = next_part(part, 60_000);
        }
        assert_eq!(part, 256 * 1024);
    }
}
