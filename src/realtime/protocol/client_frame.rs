//! What a client sends.

use super::{BadFrame, MAX_FRAME, ResyncReason, Ticket, kind_of};
use crate::realtime::{Position, topic::Topics};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The first frame of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Init {
    /// The session that is gone on with, if there was one: for the server's journal, it proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Uuid>,
    /// What is listened to.
    pub topics: Topics,
    /// Everything up to here is known: what follows is to be replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Position>,
}

/// A frame from a client (`realtime.md` section 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum ClientFrame {
    /// Begins the session.
    #[serde(rename = "session.init")]
    Init(Init),
    /// Listens to these as well. Idempotent; answered by `subscribed`.
    #[serde(rename = "subscribe")]
    Subscribe {
        /// The topics to add.
        topics: Topics,
    },
    /// Listens to these no longer. Idempotent; answered by `subscribed`.
    #[serde(rename = "unsubscribe")]
    Unsubscribe {
        /// The topics to take away.
        topics: Topics,
    },
    /// Answered by `pong`.
    #[serde(rename = "ping")]
    Ping {
        /// Comes back.
        n: u64,
    },
    /// Answered by `session.renewed`, or by `error` if the ticket is not good.
    #[serde(rename = "session.renew")]
    Renew {
        /// A new ticket.
        ticket: Ticket,
    },
    /// Reports that continuity cannot be proven on this side, e.g. because the counts of a heartbeat differ; answered by
    /// `resync` with the same reason.
    #[serde(rename = "resync")]
    Resync {
        /// Events that came since the session's first frame or the last `resync` of the server, by the client's count.
        delivered: u64,
        /// Why.
        reason: ResyncReason,
    },
}

impl ClientFrame {
    /// Reads a frame. Unknown fields are ignored, known ones have to be right.
    ///
    /// # Errors
    /// When it is too long, not JSON, of an unknown type, or a field of it is missing or wrong.
    pub fn read(text: &str) -> Result<Self, BadFrame> {
        #[derive(Deserialize)]
        struct OfTopics {
            topics: Topics,
        }
        #[derive(Deserialize)]
        struct Ping {
            n: u64,
        }
        #[derive(Deserialize)]
        struct Renew {
            ticket: Ticket,
        }
        #[derive(Deserialize)]
        struct Resync {
            delivered: u64,
            reason: ResyncReason,
        }
        fn fields<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, BadFrame> {
            serde_json::from_str(text).map_err(|problem| BadFrame::unreadable(&problem))
        }

        if text.len() > MAX_FRAME {
            return Err(BadFrame::TooLong);
        }
        Ok(match kind_of(text)?.as_deref() {
            Some("session.init") => Self::Init(fields(text)?),
            Some("subscribe") => fields(text).map(|OfTopics { topics }| Self::Subscribe { topics })?,
            Some("unsubscribe") => fields(text).map(|OfTopics { topics }| Self::Unsubscribe { topics })?,
            Some("ping") => fields(text).map(|Ping { n }| Self::Ping { n })?,
            Some("session.renew") => fields(text).map(|Renew { ticket }| Self::Renew { ticket })?,
            Some("resync") => fields(text).map(|Resync { delivered, reason }| Self::Resync { delivered, reason })?,
            kind => return Err(BadFrame::unknown(kind)),
        })
    }

    /// The frame as it travels.
    #[must_use]
    pub fn to_text(&self) -> String {
        super::write(self)
    }
}
