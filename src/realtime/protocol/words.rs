//! The words of the protocol. Those of a newer peer are read as `Other`: a resync for an unknown reason is still a resync.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why continuity cannot be proven (`realtime.md` section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncReason {
    /// The log no longer reaches back to the position.
    TooOld,
    /// It is another log, or one that was taken back to before the position.
    Epoch,
    /// The reader fell behind further than is kept for it.
    Lag,
    /// The viewer may see more or less than before.
    Permissions,
    /// The two sides do not agree on what was sent, or on what stands at the position.
    Diverged,
    /// One that is not known here.
    #[serde(other)]
    Other,
}

impl ResyncReason {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooOld => "too_old",
            Self::Epoch => "epoch",
            Self::Lag => "lag",
            Self::Permissions => "permissions",
            Self::Diverged => "diverged",
            Self::Other => "other",
        }
    }
}

/// Why the server closes (`realtime.md` sections 4 and 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByeCode {
    /// The server stops, and will be back.
    Restart,
    /// The viewer signed out.
    SignedOut,
    /// The session's life is over; another ticket begins another.
    Expired,
    /// The client does not take what is sent.
    TooSlow,
    /// Too many connections, or too many frames.
    TooMany,
    /// The client does not speak this protocol.
    Protocol,
    /// Nothing was heard of the client.
    Idle,
    /// One that is not known here.
    #[serde(other)]
    Other,
}

impl ByeCode {
    /// The status of the WebSocket's close frame that follows (RFC 6455 section 7.4 and its registry).
    #[must_use]
    pub const fn close_status(self) -> u16 {
        match self {
            Self::Restart => 1012,
            Self::SignedOut | Self::Expired | Self::TooSlow => 1008,
            Self::TooMany => 1013,
            Self::Protocol => 1002,
            Self::Idle | Self::Other => 1001,
        }
    }
}

/// The secret that opens a connection or renews its session (`realtime.md` section 3). It is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket(String);

impl Ticket {
    /// Wraps the secret.
    #[must_use]
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret, to be sent or compared.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(not shown)")
    }
}
