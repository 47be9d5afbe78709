//! An event as the hub hands it round.

use crate::api::EventFrame;
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
    /// The whole frame as JSON, without a newline.
    pub frame: Bytes,
}

impl HubEvent {
    /// Serialises a frame.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(frame: &EventFrame, seq: u64, tag: u64, known_to_enduro: bool) -> Result<Self, serde_json::Error> {
        Ok(Self { seq, tag, known_to_enduro, frame: Bytes::from(serde_json::to_vec(frame)?) })
    }
}
