//! What a server sends.

use super::{BadFrame, ByeCode, ResyncReason};
use crate::{
    domain::Timestamp,
    realtime::{Position, position, topic::Topics},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// The answer to `session.init`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Greeting {
    /// Of the session.
    pub session_id: Uuid,
    /// Of the serving process: another one than before means that the server restarted.
    pub instance_id: Uuid,
    /// Restored: where the replay ends, events that the viewer may not see included. Started: what happens after it is told.
    pub position: Position,
    /// So many event frames follow that happened before this frame. 0 unless restored.
    pub replayed: u64,
    /// Milliseconds between two heartbeats.
    pub heartbeat_ms: u64,
    /// When the session's life ends unless it is renewed, by the server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A control frame from the server (`realtime.md` section 4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "type")]
pub enum ServerFrame {
    /// The session begins without what came before: the screen has to be fetched, unless it stands at the very position.
    #[serde(rename = "session.started")]
    Started(Greeting),
    /// The session goes on after the resume position; `replayed` events follow.
    #[serde(rename = "session.restored")]
    Restored(Greeting),
    /// The session lives longer.
    #[serde(rename = "session.renewed")]
    Renewed {
        /// Until then, unless it is renewed again; absent: without end.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// The full set that is listened to now.
    #[serde(rename = "subscribed")]
    Subscribed {
        /// The set.
        topics: Topics,
        /// New topics are heard after this. A snapshot that is read after this frame came stands at it or above, so it joins
        /// what is heard without a gap.
        position: Position,
    },
    /// Answers `ping`.
    #[serde(rename = "pong")]
    Pong {
        /// As it came.
        n: u64,
    },
    /// The connection is alive, and nothing up to the position was withheld but what the viewer may not see.
    #[serde(rename = "system.heartbeat")]
    Heartbeat {
        /// Everything up to here was sent, or is not for the viewer.
        position: Position,
        /// Event frames that were sent since the session's first frame or the last `resync`.
        delivered: u64,
        /// The server's clock.
        server_time: Timestamp,
    },
    /// Continuity cannot be proven: fetch the screen again. Both sides count from 0 after it.
    #[serde(rename = "resync")]
    Resync {
        /// What happens after it is told.
        position: Position,
        /// Why.
        reason: ResyncReason,
    },
    /// The server closes.
    #[serde(rename = "bye")]
    Bye {
        /// Why, for programs.
        code: ByeCode,
        /// Milliseconds to wait before the next attempt, instead of the client's own choice.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_ms: Option<u64>,
        /// Why, for people.
        reason: String,
    },
    /// A frame of the client was ignored.
    #[serde(rename = "error")]
    Error {
        /// Why, for the client's developers.
        message: String,
    },
}

impl ServerFrame {
    /// The frame as it travels.
    #[must_use]
    pub fn to_text(&self) -> String {
        super::write(self)
    }
}

/// An event frame, its change still to be read: it is read once, by whoever knows its types.
#[derive(Debug, Clone)]
pub struct EventParts<'a> {
    /// Place in the log; none for a ping of Enduro's kind.
    pub seq: Option<u64>,
    /// The first 64 bits of the entry's id, so that the client's cursor can prove what stands at `seq` (section 1).
    pub tag: Option<u64>,
    /// Version of the resource after the change.
    pub version: Option<u64>,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// Who did it.
    pub person: Option<String>,
    /// `{"type":…,"value":…}`.
    pub value: &'a RawValue,
}

/// What a frame of the server turned out to be.
#[derive(Debug)]
pub enum Received<'a> {
    /// A control frame.
    Control(ServerFrame),
    /// A change of the log.
    Event(EventParts<'a>),
    /// A message of a topic (`metrics`, `resource_change`, `task.progress`, …), or of a newer server: for whoever knows the type.
    Message {
        /// Its type.
        kind: String,
    },
}

impl<'a> Received<'a> {
    /// Reads a frame. The change in an event frame is skipped over, not read; only the fields of control frames, which are few
    /// and rare, are looked at twice. Unknown fields are ignored, known ones have to be right.
    ///
    /// # Errors
    /// When it is not JSON, has neither a type nor a change, or a field of it is missing or wrong.
    pub fn read(text: &'a str) -> Result<Self, BadFrame> {
        #[derive(Deserialize)]
        struct Head<'a> {
            #[serde(rename = "type")]
            kind: Option<String>,
            seq: Option<u64>,
            #[serde(default, with = "position::tag_text")]
            tag: Option<u64>,
            version: Option<u64>,
            person: Option<String>,
            at: Option<Timestamp>,
            #[serde(borrow)]
            value: Option<&'a RawValue>,
        }

        let head: Head<'a> = serde_json::from_str(text).map_err(|problem| BadFrame::unreadable(&problem))?;
        match (head.kind, head.value) {
            (Some(kind), _) => Ok(control(&kind, text)?.map_or(Self::Message { kind }, Self::Control)),
            (None, Some(value)) => {
                Ok(Self::Event(EventParts { seq: head.seq, tag: head.tag, version: head.version, at: head.at, person: head.person, value }))
            }
            (None, None) => Err(BadFrame::unknown(None)),
        }
    }
}

/// The control frame of this type; none if it is none.
fn control(kind: &str, text: &str) -> Result<Option<ServerFrame>, BadFrame> {
    /// The fields of all small control frames. One reader for them is one reader in the program that browsers download.
    #[derive(Deserialize)]
    struct Fields {
        topics: Option<Topics>,
        position: Option<Position>,
        n: Option<u64>,
        delivered: Option<u64>,
        server_time: Option<Timestamp>,
        expires_at: Option<Timestamp>,
        retry_ms: Option<u64>,
        message: Option<String>,
    }
    #[derive(Deserialize)]
    struct Why<T> {
        reason: T,
    }
    #[derive(Deserialize)]
    struct Code {
        code: ByeCode,
        #[serde(default)]
        reason: String,
    }
    fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, BadFrame> {
        serde_json::from_str(text).map_err(|problem| BadFrame::unreadable(&problem))
    }
    fn needed<T>(field: Option<T>, name: &'static str) -> Result<T, BadFrame> {
        field.ok_or(BadFrame::Missing(name))
    }

    Ok(Some(match kind {
        "session.started" => ServerFrame::Started(read(text)?),
        "session.restored" => ServerFrame::Restored(read(text)?),
        "session.renewed" | "subscribed" | "pong" | "system.heartbeat" | "resync" | "bye" | "error" => {
            let fields: Fields = read(text)?;
            match kind {
                "session.renewed" => ServerFrame::Renewed { expires_at: fields.expires_at },
                "subscribed" => {
                    ServerFrame::Subscribed { topics: needed(fields.topics, "topics")?, position: needed(fields.position, "position")? }
                }
                "pong" => ServerFrame::Pong { n: needed(fields.n, "n")? },
                "system.heartbeat" => ServerFrame::Heartbeat {
                    position: needed(fields.position, "position")?,
                    delivered: needed(fields.delivered, "delivered")?,
                    server_time: needed(fields.server_time, "server_time")?,
                },
                "resync" => {
                    let Why { reason } = read(text)?;
                    ServerFrame::Resync { position: needed(fields.position, "position")?, reason }
                }
                "bye" => {
                    let Code { code, reason } = read(text)?;
                    ServerFrame::Bye { code, retry_ms: fields.retry_ms, reason }
                }
                _ => ServerFrame::Error { message: needed(fields.message, "message")? },
            }
        }
        _ => return Ok(None),
    }))
}
