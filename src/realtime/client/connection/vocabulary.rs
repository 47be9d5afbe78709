//! What the machine is told, what it says, and what people see of it.

use crate::{domain::Timestamp, realtime::protocol::ByeCode};
use uuid::Uuid;

/// Where the connection stands, as people are told (`realtime.md` section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The first attempt.
    Connecting,
    /// Every change appears as it happens.
    Connected,
    /// Lost: this attempt is made at that time, or is being made if that is past. Also while a resync is being finished.
    Reconnecting {
        /// Which attempt, from 1.
        attempt: u32,
        /// When; 0 while it is being made.
        at: u64,
    },
    /// No attempts are made.
    Disconnected(Cause),
    /// No attempts are made, because they would not help.
    Error(Refusal),
    /// A pause that ends by itself.
    Suspended {
        /// Why.
        why: Why,
        /// When the next attempt is made; 0 while it is being made, or while the page is away.
        at: u64,
    },
}

/// Why no attempts are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The person wanted it so.
    Closed,
    /// The server asks for a sign-in first.
    SignedOut,
}

/// Why attempts would not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The person may not have live updates.
    Forbidden,
    /// Page and server do not understand each other: the page is to be loaded again.
    Protocol,
}

/// Why there is a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The server restarts.
    Restarting,
    /// The page was hidden for long, is frozen, or is in the back/forward cache.
    Away,
}

/// Why there is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketRefusal {
    /// 401: a sign-in is needed first.
    SignedOut,
    /// 403.
    Forbidden,
    /// Another 4xx that says that the request was wrong, e.g. 400, 404 or 415.
    Protocol,
    /// 503 (or 429).
    Busy {
        /// `Retry-After`, in milliseconds, if it was there.
        retry_ms: Option<u64>,
    },
    /// No answer, or any other.
    Failed,
}

/// What happened. `generation` is that of the action which it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The page is alive, or the person wants live updates again.
    Connect,
    /// The person wants none.
    Disconnect,
    /// The person does not want to wait.
    TryNow,
    /// The ticket is here.
    Ticket {
        /// Of the attempt.
        generation: u64,
    },
    /// The ticket, or the one of a renewal, was refused.
    TicketRefused {
        /// Of the attempt or connection.
        generation: u64,
        /// Why.
        why: TicketRefusal,
    },
    /// `session.started` or `session.restored` came.
    Greeted {
        /// Of the socket.
        generation: u64,
        /// The serving process.
        instance: Uuid,
        /// Between two heartbeats.
        heartbeat_ms: u64,
        /// The end of the session's life, if it has one.
        expires_at: Option<Timestamp>,
    },
    /// Any other frame came.
    Frame {
        /// Of the socket.
        generation: u64,
    },
    /// A heartbeat came.
    Heartbeat {
        /// Of the socket.
        generation: u64,
        /// By the server's clock.
        server_time: Timestamp,
    },
    /// `session.renewed` came.
    Renewed {
        /// Of the socket.
        generation: u64,
        /// The end of the session's life, if it has one.
        expires_at: Option<Timestamp>,
    },
    /// `bye` came.
    Bye {
        /// Of the socket.
        generation: u64,
        /// Why.
        code: ByeCode,
        /// What the server asks for.
        retry_ms: Option<u64>,
    },
    /// The socket closed.
    SocketClosed {
        /// Of the socket.
        generation: u64,
    },
    /// The screen is not proven right any more: a resync began, or was asked for.
    Behind {
        /// Of the connection.
        generation: u64,
    },
    /// What is on screen is right.
    CaughtUp {
        /// Of the connection.
        generation: u64,
    },
    /// It could not be fetched.
    CatchUpFailed {
        /// Of the connection.
        generation: u64,
    },
    /// Time passed.
    Wake,
    /// The browser has a network again.
    Online,
    /// The browser lost its network.
    Offline,
    /// The page is not visible.
    Hidden,
    /// The page is frozen, or goes to the back/forward cache (`freeze`, `pagehide`).
    Frozen,
    /// The page is visible, or back (`resume` and `pageshow` of a visible page).
    Visible,
}

impl Input {
    pub(super) fn generation(self) -> Option<u64> {
        match self {
            Self::Ticket { generation }
            | Self::TicketRefused { generation, .. }
            | Self::Greeted { generation, .. }
            | Self::Frame { generation }
            | Self::Heartbeat { generation, .. }
            | Self::Renewed { generation, .. }
            | Self::Bye { generation, .. }
            | Self::SocketClosed { generation }
            | Self::Behind { generation }
            | Self::CaughtUp { generation }
            | Self::CatchUpFailed { generation } => Some(generation),
            Self::Connect
            | Self::Disconnect
            | Self::TryNow
            | Self::Wake
            | Self::Online
            | Self::Offline
            | Self::Hidden
            | Self::Frozen
            | Self::Visible => None,
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Ask for a ticket, a new one for every attempt; answer with `Ticket` or `TicketRefused`.
    RequestTicket {
        /// Of the attempt.
        generation: u64,
    },
    /// Open the socket with the ticket and send `session.init` when it is open; answer with what comes, and with `SocketClosed`.
    OpenSocket {
        /// Of the attempt.
        generation: u64,
    },
    /// Close whatever socket there is, and forget whatever ticket: the connection is lost or given back.
    CloseSocket,
    /// Ask for a ticket and send it in `session.renew`; answer with `TicketRefused` if there is none.
    Renew {
        /// Of the connection.
        generation: u64,
    },
    /// Another process serves than before.
    ServerRestarted,
}
