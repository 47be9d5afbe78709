//! The life of a session, and when to renew it (`realtime.md` section 4): at 80 % of it.
//!
//! The server tells its end by its own clock. How long that is from now is known once a heartbeat tells that clock's time, so the
//! reader's clock may be as wrong as it likes.

use crate::domain::Timestamp;

/// Two renewals are at least so far apart.
const PAUSE: u64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Life {
    expires_at: Option<Timestamp>,
    began: u64,
    /// By the clock that does not go back.
    ends: Option<u64>,
    renewal: Option<u64>,
}

impl Life {
    /// It began now, and ends then if ever.
    pub(super) fn until(expires_at: Option<Timestamp>, now: u64) -> Self {
        Self { expires_at, began: now, ends: None, renewal: None }
    }

    /// The server's clock: the first time, the end becomes known.
    pub(super) fn heartbeat(&mut self, server_time: Timestamp, now: u64) {
        if let (Some(expires_at), None) = (self.expires_at, self.ends) {
            let left = expires_at.micros().saturating_sub(server_time.micros()) / 1_000;
            let ends = now + u64::try_from(left).unwrap_or(0);
            self.ends = Some(ends);
            self.renewal = Some(self.began + (ends - self.began) / 5 * 4);
        }
    }

    /// When to renew.
    pub(super) fn renewal(&self) -> Option<u64> {
        self.renewal
    }

    /// A renewal is asked for: the next one, in case this one is not answered, at 80 % of what is left.
    pub(super) fn asked(&mut self, now: u64) {
        self.renewal = self.ends.map(|ends| now + (ends.saturating_sub(now) / 5 * 4).max(PAUSE));
    }
}
