//! The server's side of one connection that speaks `strongroom.v1` (`realtime.md` sections 4 and 8).
//!
//! A pure state machine: the shell tells it what came, the time and what the hub has, and does what it says: it sends frames,
//! looks up the resume position, consumes tickets, closes. Invariants: nothing is sent before the session began nor after a
//! `bye`; events are offered in the order of the log, and `position` and `delivered` of every heartbeat are those of the moment
//! at which it is sent; frames that cannot be accepted are answered, counted and otherwise change nothing.
//!
//! Times are milliseconds of a clock that does not go back.

mod bucket;

use super::{
    Position,
    protocol::{
        BadFrame, ByeCode, ClientFrame, Greeting, HEARTBEAT, INIT_WITHIN, Init, MAX_BAD_FRAMES, READ_IDLE, ResyncReason, ServerFrame,
        Ticket,
    },
    resume::Resumption,
    topic::{Topic, Topics},
};
use crate::domain::Timestamp;
use bucket::Bucket;
use uuid::Uuid;

/// What is to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Decide about the resume position ([`resumption`](super::resume::resumption)), then call [`Session::begin`]. What the client
    /// sends meanwhile may wait or be told.
    Begin {
        /// The session that is gone on with, by the client's word.
        session_id: Option<Uuid>,
        /// What is to be resumed after.
        resume: Option<Position>,
    },
    /// Send this frame.
    Send(ServerFrame),
    /// Consume the ticket, then call [`Session::renewed`] or [`Session::not_renewed`].
    Renew(Ticket),
    /// The client counts otherwise: end the replay, place the cursor at the end of the log and call [`Session::resync`].
    Resync {
        /// By the client's count.
        delivered: u64,
        /// The client's reason.
        reason: ResyncReason,
    },
    /// Close the socket with this status; nothing follows.
    Close(u16),
}

/// The end of a session's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Expiry {
    /// By the clock of the wall, for the client.
    pub at: Timestamp,
    /// By the clock that does not go back.
    pub due: u64,
}

/// What the shell found out before a session begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// The session's id: the client's own, or a new one.
    pub session_id: Uuid,
    /// The serving process.
    pub instance_id: Uuid,
    /// Where the log ends: everything up to here is replayed or left to a snapshot, everything after it is offered.
    pub end: Position,
    /// The client's resume position and what is decided about it; none if it gave none.
    pub resume: Option<(Position, Resumption)>,
    /// Events of the replay that will pass [`Session::offer`]; see [`Session::hears`].
    pub replayed: u64,
    /// The end of the session's life, if it has one.
    pub expiry: Option<Expiry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    /// The first frame has to come.
    Awaiting { deadline: u64 },
    /// The shell finds out what [`Opening`] holds.
    Beginning,
    /// Events are offered.
    Live { heartbeat: u64, position: Position, expiry: Option<Expiry> },
    /// Said goodbye.
    Over,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Session {
    state: State,
    topics: Topics,
    /// Event frames since the greeting or the last resync.
    delivered: u64,
    bad: u32,
    bucket: Bucket,
    heard: u64,
}

impl Session {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self {
            state: State::Awaiting { deadline: now + INIT_WITHIN },
            topics: Topics::none(),
            delivered: 0,
            bad: 0,
            bucket: Bucket::full(now),
            heard: now,
        }
    }

    /// A text frame came from the client.
    pub fn text(&mut self, text: &str, now: u64) -> Vec<Action> {
        if self.state == State::Over {
            return Vec::new();
        }
        self.heard = now;
        if !self.bucket.take(now) {
            return self.ignore("too many frames; this one was not read", ByeCode::TooMany);
        }
        match ClientFrame::read(text) {
            Ok(frame) => self.frame(frame),
            Err(bad) => self.refuse(&bad),
        }
    }

    /// A binary frame came, which the protocol does not have.
    pub fn binary(&mut self, now: u64) -> Vec<Action> {
        self.heard = now;
        self.ignore("binary frames are not of this protocol", ByeCode::Protocol)
    }

    /// Something of the WebSocket itself came, e.g. the answer to a ping: the client is there.
    pub fn heard(&mut self, now: u64) {
        self.heard = now;
    }

    /// The session begins: it is greeted, and events may be offered. A resume that was not granted is followed by `resync`.
    pub fn begin(&mut self, opening: Opening, now: u64) -> Vec<Action> {
        if self.state != State::Beginning {
            return Vec::new();
        }
        let Opening { session_id, instance_id, end, resume, replayed, expiry } = opening;
        let restored = matches!(resume, Some((_, Resumption::After(_))));
        let greeting = Greeting {
            session_id,
            instance_id,
            position: end,
            replayed: if restored { replayed } else { 0 },
            heartbeat_ms: HEARTBEAT,
            expires_at: expiry.map(|expiry| expiry.at),
        };
        let live = |position| State::Live { heartbeat: now + HEARTBEAT, position, expiry };
        self.delivered = 0;
        match resume {
            Some((resume, Resumption::After(_))) => {
                self.state = live(if replayed == 0 { end } else { resume });
                vec![Action::Send(ServerFrame::Restored(greeting))]
            }
            Some((_, Resumption::Resync(reason))) => {
                self.state = live(end);
                vec![Action::Send(ServerFrame::Started(greeting)), Action::Send(ServerFrame::Resync { position: end, reason })]
            }
            None => {
                self.state = live(end);
                vec![Action::Send(ServerFrame::Started(greeting))]
            }
        }
    }

    /// Whether events that are told under these topics are listened to.
    #[must_use]
    pub fn hears(&self, told_under: &[Topic]) -> bool {
        self.topics.covers(told_under)
    }

    /// The next entry of the log, in its order: whether its frame is to be sent, right away. `may_see` is asked only for what is
    /// listened to. Entries that were offered before (those that a replay and the ring both have) are not sent again.
    pub fn offer(&mut self, at: Position, told_under: &[Topic], may_see: impl FnOnce() -> bool) -> bool {
        let State::Live { position, .. } = &mut self.state else { return false };
        if at.seq <= position.seq {
            return false;
        }
        *position = at;
        let sent = self.topics.covers(told_under) && may_see();
        self.delivered += u64::from(sent);
        sent
    }

    /// Continuity ends here: the cursor stands at `position` now, and the client is told why.
    pub fn resync(&mut self, at: Position, reason: ResyncReason) -> Vec<Action> {
        let State::Live { position, .. } = &mut self.state else { return Vec::new() };
        *position = at;
        self.delivered = 0;
        vec![Action::Send(ServerFrame::Resync { position: at, reason })]
    }

    /// The ticket of a renewal was good.
    pub fn renewed(&mut self, until: Option<Expiry>) -> Vec<Action> {
        let State::Live { expiry, .. } = &mut self.state else { return Vec::new() };
        *expiry = until;
        vec![Action::Send(ServerFrame::Renewed { expires_at: until.map(|until| until.at) })]
    }

    /// The ticket of a renewal was not good. The session lives on as long as it would have.
    pub fn not_renewed(&mut self) -> Vec<Action> {
        self.ignore("the ticket is not good any more or never was; the session was not renewed", ByeCode::Protocol)
    }

    /// Time passed: heartbeats, and the ends of patience. Call at [`next_due`](Self::next_due), with the clock of the wall.
    pub fn tick(&mut self, now: u64, server_time: Timestamp) -> Vec<Action> {
        let State::Live { heartbeat, position, expiry } = &mut self.state else {
            return match self.state {
                State::Awaiting { deadline } if now >= deadline => {
                    // Not `protocol`: on a network that stalls, a client that knows the protocol well is late, and has to come back.
                    self.bye(ByeCode::Idle, None, "The first frame has to be session.init, within 10 seconds.")
                }
                _ => Vec::new(),
            };
        };
        if expiry.is_some_and(|expiry| now >= expiry.due) {
            return self.bye(ByeCode::Expired, None, "The session's life is over.");
        }
        if now >= self.heard + READ_IDLE {
            return self.bye(ByeCode::Idle, None, "Nothing was heard of the client for 20 seconds.");
        }
        if now < *heartbeat {
            return Vec::new();
        }
        *heartbeat = now + HEARTBEAT;
        vec![Action::Send(ServerFrame::Heartbeat { position: *position, delivered: self.delivered, server_time })]
    }

    /// When to call [`tick`](Self::tick) at the latest.
    #[must_use]
    pub fn next_due(&self) -> Option<u64> {
        match self.state {
            State::Awaiting { deadline } => Some(deadline),
            State::Live { heartbeat, expiry, .. } => {
                let idle = self.heard + READ_IDLE;
                Some(expiry.map_or(heartbeat, |expiry| heartbeat.min(expiry.due)).min(idle))
            }
            State::Beginning | State::Over => None,
        }
    }

    /// The server closes, e.g. because it stops, the viewer signed out, or writing stalls. `reason` is for people.
    pub fn bye(&mut self, code: ByeCode, retry_ms: Option<u64>, reason: &str) -> Vec<Action> {
        if self.state == State::Over {
            return Vec::new();
        }
        self.state = State::Over;
        vec![Action::Send(ServerFrame::Bye { code, retry_ms, reason: reason.to_owned() }), Action::Close(code.close_status())]
    }

    /// What is listened to.
    #[must_use]
    pub fn topics(&self) -> &Topics {
        &self.topics
    }

    /// Event frames since the greeting or the last resync.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// The last entry that was offered, or where the session began; none while it has not.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        if let State::Live { position, .. } = self.state { Some(position) } else { None }
    }

    fn frame(&mut self, frame: ClientFrame) -> Vec<Action> {
        match (frame, self.state) {
            (ClientFrame::Init(Init { session_id, topics, resume }), State::Awaiting { .. }) => {
                self.topics = topics;
                self.state = State::Beginning;
                vec![Action::Begin { session_id, resume }]
            }
            (ClientFrame::Init(_), _) => self.ignore("the session was begun before", ByeCode::Protocol),
            (frame, State::Live { position, .. }) => self.live(frame, position),
            _ => self.ignore("the session has not begun: session.init comes first", ByeCode::Protocol),
        }
    }

    fn live(&mut self, frame: ClientFrame, position: Position) -> Vec<Action> {
        match frame {
            ClientFrame::Subscribe { topics } => match self.topics.add(&topics) {
                Ok(()) => self.subscribed(position),
                Err(too_many) => self.ignore(&too_many.to_string(), ByeCode::TooMany),
            },
            ClientFrame::Unsubscribe { topics } => {
                self.topics.remove(&topics);
                self.subscribed(position)
            }
            ClientFrame::Ping { n } => vec![Action::Send(ServerFrame::Pong { n })],
            ClientFrame::Renew { ticket } => vec![Action::Renew(ticket)],
            ClientFrame::Resync { delivered, reason } => vec![Action::Resync { delivered, reason }],
            ClientFrame::Init(_) => Vec::new(),
        }
    }

    fn subscribed(&self, position: Position) -> Vec<Action> {
        vec![Action::Send(ServerFrame::Subscribed { topics: self.topics.clone(), position })]
    }

    fn refuse(&mut self, bad: &BadFrame) -> Vec<Action> {
        self.ignore(&bad.to_string(), ByeCode::Protocol)
    }

    /// Answers a frame that changes nothing; one too many closes.
    fn ignore(&mut self, message: &str, code: ByeCode) -> Vec<Action> {
        if self.state == State::Over {
            return Vec::new();
        }
        self.bad += 1;
        let mut actions = vec![Action::Send(ServerFrame::Error { message: message.to_owned() })];
        if self.bad >= MAX_BAD_FRAMES {
            actions.extend(self.bye(code, None, "Too many frames could not be accepted."));
        }
        actions
    }
}

#[cfg(test)]
mod tests;
