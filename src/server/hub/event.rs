//! An event as the hub hands it round.

use crate::{api::EventFrame, domain::Permissions};
use bytes::Bytes;

/// One event of the log, serialised once for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubEvent {
    /// Place in the log.
    pub seq: u64,
    /// First 64 bits of the entry's id.
    pub tag: u64,
    /// Whether clients that did not opt in may be sent it.
    pub known_to_enduro: bool,
    /// The attributes of which one is needed to be sent it; none: everybody is.
    pub seen_with: &'static [&'static str],
    /// The whole frame as JSON, without a newline.
    pub frame: Bytes,
}

impl HubEvent {
    /// Serialises a frame.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(frame: &EventFrame, seq: u64, tag: u64, known_to_enduro: bool) -> Result<Self, serde_json::Error> {
        let seen_with = frame.value.seen_with();
        Ok(Self { seq, tag, known_to_enduro, seen_with, frame: Bytes::from(serde_json::to_vec(frame)?) })
    }

    /// Whether somebody who may do this may see it (`storage-api.md` section 6.3).
    #[must_use]
    pub fn is_seen_with(&self, permissions: &Permissions) -> bool {
        self.seen_with.is_empty() || permissions.allow_any(self.seen_with)
    }
}
