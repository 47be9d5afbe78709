//! `strongroom.v1`: the frames that travel, and their limits (`realtime.md` section 4).
//!
//! JSON text frames. A control frame has `type` at the top; an event frame is Enduro's envelope with `seq` and `tag` beside
//! `value`. [`ClientFrame`] and [`ServerFrame`] are written and read here; an event's inside belongs to `api`. Readers ignore
//! fields that they do not know, so that either side may be the older one, and refuse known fields that are wrong.
//!
//! Beyond the table of section 4: `resync` from the client asks for one, `session.renewed` answers `session.renew`, and
//! `subscribed` carries the position from which new topics are heard.

mod client_frame;
mod limits;
mod server_frame;
mod words;

pub use client_frame::{ClientFrame, Init};
pub use limits::{HEARTBEAT, INBOUND_BURST, INBOUND_PER_SECOND, INIT_WITHIN, MAX_BAD_FRAMES, MAX_FRAME, MAX_RETRY, MAX_TOPICS, READ_IDLE};
pub use server_frame::{EventParts, Greeting, Received, ServerFrame};
pub use words::{ByeCode, ResyncReason, Ticket};

use serde::{Deserialize, Serialize};

/// The subprotocol's name (`realtime.md` section 3).
pub const SUBPROTOCOL: &str = "strongroom.v1";

/// A frame that is ignored. The texts are short, whatever came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// Longer than [`MAX_FRAME`].
    #[error("the frame is longer than {MAX_FRAME} bytes")]
    TooLong,
    /// Not JSON, or a field is missing or wrong.
    #[error("the frame cannot be read: {0}")]
    Unreadable(String),
    /// A field is missing.
    #[error("the frame cannot be read: missing field `{0}`")]
    Missing(&'static str),
    /// Of a type that is not known here.
    #[error("unknown frame type {0:?}")]
    Unknown(String),
}

impl BadFrame {
    /// Characters of what came that are said back.
    const QUOTED: usize = 120;

    pub(in crate::realtime) fn unreadable(problem: &serde_json::Error) -> Self {
        Self::Unreadable(problem.to_string().chars().take(Self::QUOTED).collect())
    }

    pub(in crate::realtime) fn unknown(kind: Option<&str>) -> Self {
        Self::Unknown(kind.unwrap_or_default().chars().take(Self::QUOTED).collect())
    }
}

fn kind_of(text: &str) -> Result<Option<String>, BadFrame> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    serde_json::from_str(text).map(|Kind { kind }| kind).map_err(|problem| BadFrame::unreadable(&problem))
}

pub(in crate::realtime) fn write(frame: &impl Serialize) -> String {
    // Strings, numbers and arrays of them cannot fail to be written.
    serde_json::to_string(frame).unwrap_or_default()
}

#[cfg(test)]
mod tests;
