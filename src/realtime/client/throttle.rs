//! The pace of a screen: however fast values come, each thing on it changes at most four times a second, and what is shown in the end
//! is the last value.
//!
//! A value that comes after a pause is shown at once. Times are milliseconds of a clock that does not go back.

use std::collections::BTreeMap;

/// Between two updates of one thing.
pub const SPACING: u64 = 250;

#[derive(Debug, Clone)]
struct Entry<T> {
    shown: u64,
    waiting: Option<T>,
}

/// What is on screen, by key.
#[derive(Debug, Clone)]
pub struct Throttle<K, T> {
    entries: BTreeMap<K, Entry<T>>,
}

impl<K, T> Default for Throttle<K, T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, T> Throttle<K, T> {
    /// A value came: it is given back if it is to be shown now, and otherwise waits, in the place of one that waits already.
    #[must_use = "what is given back has to be shown"]
    pub fn offer(&mut self, key: K, value: T, now: u64) -> Option<T> {
        match self.entries.get_mut(&key) {
            Some(entry) if now < entry.shown.saturating_add(SPACING) => {
                entry.waiting = Some(value);
                None
            }
            _ => {
                self.entries.insert(key, Entry { shown: now, waiting: None });
                Some(value)
            }
        }
    }

    /// When [`take`](Self::take) is worth asking; none while nothing waits.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        self.entries.values().filter(|entry| entry.waiting.is_some()).map(|entry| entry.shown.saturating_add(SPACING)).min()
    }

    /// What is to be shown now.
    #[must_use = "it has to be shown"]
    pub fn take(&mut self, now: u64) -> Vec<(K, T)> {
        let mut due = Vec::new();
        self.entries.retain(|key, entry| {
            if now < entry.shown.saturating_add(SPACING) {
                return true;
            }
            // What came to rest needs no entry: its next value is shown at once.
            entry.waiting.take().is_some_and(|value| {
                entry.shown = now;
                due.push((key.clone(), value));
                true
            })
        });
        due
    }

    /// It is on screen no longer: what waits is not shown.
    pub fn forget(&mut self, key: &K) {
        self.entries.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_is_shown_at_once_and_the_last_in_the_end() {
        let mut throttle = Throttle::default();
        assert_eq!(throttle.offer("a", 1, 0), Some(1));
        assert_eq!((throttle.offer("a", 2, 10), throttle.offer("a", 3, 20), throttle.offer("b", 9, 20)), (None, None, Some(9)));
        assert_eq!((throttle.next_due(), throttle.take(249)), (Some(250), vec![]));
        assert_eq!(throttle.take(250), [("a", 3)]);
        assert_eq!(throttle.offer("a", 4, 499), None);
        throttle.forget(&"a");
        assert_eq!((throttle.next_due(), throttle.take(9_000)), (None, vec![]));
        assert!(throttle.entries.is_empty());
    }

    proptest! {
        /// However values come and however late the timer is: no more than four in any second, none out of order, and the last one of
        /// each is shown in the end.
        #[test]
        fn four_a_second_and_the_last_one(steps in prop::collection::vec((0u64..120, 0u8..3, any::<bool>()), 0..300)) {
            let (mut throttle, mut now) = (Throttle::default(), 0);
            let (mut shown, mut last) = (Vec::<(u8, u64, usize)>::new(), BTreeMap::new());
            for (value, (wait, key, timer)) in steps.into_iter().enumerate() {
                now += wait;
                if timer { shown.extend(throttle.take(now).into_iter().map(|(key, value)| (key, now, value))); }
                shown.extend(throttle.offer(key, value, now).map(|value| (key, now, value)));
                last.insert(key, value);
            }
            while let Some(due) = throttle.next_due() {
                now = now.max(due);
                shown.extend(throttle.take(now).into_iter().map(|(key, value)| (key, now, value)));
            }
            for (key, last) in last {
                let of_key: Vec<_> = shown.iter().filter(|(other, ..)| *other == key).collect();
                prop_assert_eq!(of_key.last().map(|(.., value)| *value), Some(last));
                prop_assert!(of_key.windows(2).all(|pair| pair[0].2 < pair[1].2));
                prop_assert!(of_key.windows(5).all(|five| five[4].1 - five[0].1 >= 1_000));
            }
        }
    }
}
