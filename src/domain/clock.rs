//! Time and identity come in from outside, so that whatever depends on them can be tested.

use crate::domain::Timestamp;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

/// Gives out identifiers that nobody else has.
pub trait Ids: Send + Sync {
    /// A new identifier.
    fn next(&self) -> Uuid;
}

/// Random identifiers (UUID version 4, RFC 9562).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws identifiers")]
    fn next(&self) -> Uuid {
        Uuid::new_v4()
    }
}
