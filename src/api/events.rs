//! Events as they travel and as they are read back.

use crate::{
    domain::{EventKind, StorageEvent, Timestamp},
    realtime::position::tag_text,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One frame of the monitor: Enduro's envelope, with what our own clients read beside `value` (`realtime.md` section 4).
/// Pings are not changes and carry `value` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventFrame {
    /// Place in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The first 64 bits of the entry's id, as 16 hexadecimal digits: with `seq` and the log's epoch it makes the position to go on
    /// from.
    #[serde(default, with = "tag_text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "9a7c2f6e1c2d4b3a")]
    pub tag: Option<u64>,
    /// Version of the resource after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// When it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who did it, or in whose name it was done; absent where the service did it by itself, and where nobody has to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The change.
    pub value: StorageEvent,
}

/// One entry of the log as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventRecord {
    /// Place in the log.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Version of the resource after the change.
    pub version: u64,
    /// The AIP that it concerns, itself or through a workflow or task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aip_uuid: Option<Uuid>,
    /// Name of the AIP or location that it concerns, as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who did it, or in whose name it was done; absent where the service did it by itself, and where nobody has to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The change.
    pub value: StorageEvent,
}

/// Entries of the log, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EventRecords {
    /// The entries.
    pub items: Vec<EventRecord>,
    /// Ask with `before` set to this for older ones; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_before: Option<u64>,
}

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventsQuery {
    /// Only those of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EventKind>,
    /// Only those that concern this AIP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aip_uuid: Option<Uuid>,
    /// Only what was done by, or in the name of, whoever is called exactly so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Only those that happened then or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_time: Option<Timestamp>,
    /// Only those that happened before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_time: Option<Timestamp>,
    /// Only those newer than this place in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Only those older than this place in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// At most so many (default 50, at most 500).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The body of `POST /api/storage/monitor` from a client that can carry the ticket in the subprotocol; Enduro's clients send
/// none and get a cookie (`realtime.md` section 3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TicketRequest {
    /// `subprotocol`, or absent for the cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carry: Option<String>,
}

impl TicketRequest {
    /// Asks for a ticket to carry in the subprotocol.
    #[must_use]
    pub fn subprotocol() -> Self {
        Self { carry: Some("subprotocol".into()) }
    }
}

/// A ticket: opens the monitor once, within `expires_in` seconds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MonitorTicket {
    /// The secret, base64url.
    pub ticket: String,
    /// Seconds.
    pub expires_in: u64,
}

impl std::fmt::Debug for MonitorTicket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MonitorTicket(not shown, {} s)", self.expires_in)
    }
}

/// What precedes the ticket in the list of subprotocols.
pub const TICKET_SUBPROTOCOL_PREFIX: &str = "ticket.";
