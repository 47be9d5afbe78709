//! A clock that moves when it is told to.

use std::sync::atomic::{AtomicI64, Ordering};
use strongroom::domain::{Clock, Timestamp};

/// Stands at 2026-06-01T10:00:00Z until it is moved.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(Timestamp::parse("2026-06-01T10:00:00Z").expect("RFC 3339").micros()))
    }
}

impl TestClock {
    /// One that stands at the present instant: what is signed elsewhere is dated by the machine's own clock.
    pub fn at_present() -> Self {
        Self(AtomicI64::new(strongroom::domain::SystemClock.now().micros()))
    }

    /// Moves it.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
