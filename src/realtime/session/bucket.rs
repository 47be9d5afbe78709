//! How many frames a client may send (`realtime.md` section 8): so many at once, then so many a second.

use crate::realtime::protocol::{INBOUND_BURST, INBOUND_PER_SECOND};

const SECOND: u64 = 1_000;
const FULL: u64 = INBOUND_BURST as u64 * SECOND;

/// A token bucket; a token is 1,000 parts, so that milliseconds fill it in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bucket {
    parts: u64,
    filled: u64,
}

impl Bucket {
    pub(super) const fn full(now: u64) -> Self {
        Self { parts: FULL, filled: now }
    }

    /// Whether one more is allowed; it then counts.
    pub(super) fn take(&mut self, now: u64) -> bool {
        let waited = now.saturating_sub(self.filled);
        self.filled = self.filled.max(now);
        self.parts = self.parts.saturating_add(waited.saturating_mul(u64::from(INBOUND_PER_SECOND))).min(FULL);
        let allowed = self.parts >= SECOND;
        if allowed {
            self.parts -= SECOND;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_at_once_then_two_a_second() {
        let mut bucket = Bucket::full(0);
        assert_eq!((0..30).filter(|_| bucket.take(0)).count(), 20);
        assert_eq!((1..=10_000).filter(|now| bucket.take(*now)).count(), 20);
        assert_eq!((0..30).filter(|_| bucket.take(1_000_000)).count(), 20);
        assert!(!bucket.take(5), "a clock that goes back gives nothing");
    }
}
