//! The client's decisions: when to ask for a ticket, when a connection counts, when it is dead, when to try again
//! (`realtime.md` section 5).
//!
//! A pure state machine: it is told what happened, the time and a random number, and says what to do. The browser's shell
//! (`app::monitor`) only does it. Invariants: at most one attempt or connection at a time; what comes from an earlier one, told by
//! its generation, changes nothing; `Connected` is shown only after what is on screen was proven right or fetched again; while
//! anything is wanted there is always a next moment to look ([`Connection::next_wake`]).
//!
//! Times are milliseconds of a clock that does not go back.

use super::backoff;

/// No frame for so long means that the connection is dead, whatever the browser says: 2.5 heartbeats.
pub const WATCHDOG: u64 = 25_000;

/// A ticket, a socket and its first frame have to be had within this.
pub const ATTEMPT_LIMIT: u64 = 15_000;

/// What is on screen has to be fetched again within this.
pub const CATCH_UP_LIMIT: u64 = 30_000;

/// Connected for so long, the next loss begins counting attempts anew.
pub const SETTLED: u64 = 5_000;

/// Where the connection stands, as people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The first attempt.
    Connecting,
    /// Every change appears as it happens.
    Connected,
    /// Lost: this attempt is made at that time, or is being made if that is past.
    Reconnecting {
        /// Which attempt, from 1.
        attempt: u32,
        /// When.
        at: u64,
    },
    /// No attempts are made.
    Disconnected(Cause),
}

/// Why no attempts are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The person wanted it so.
    Closed,
    /// The server asks for a sign-in first.
    SignedOut,
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
    /// The ticket was refused.
    TicketRefused {
        /// Of the attempt.
        generation: u64,
        /// For want of a sign-in, which trying again will not mend.
        signed_out: bool,
    },
    /// A frame came. The first one of a connection is its greeting.
    Frame {
        /// Of the socket.
        generation: u64,
    },
    /// The socket closed.
    SocketClosed {
        /// Of the socket.
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
    /// The page goes to the back/forward cache.
    PageHidden,
    /// The page is back from there, or visible again.
    PageShown,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Ask for a ticket; answer with `Ticket` or `TicketRefused`.
    RequestTicket {
        /// Of the attempt.
        generation: u64,
    },
    /// Open the socket with the ticket; answer with `Frame` and `SocketClosed`.
    OpenSocket {
        /// Of the attempt.
        generation: u64,
    },
    /// Close whatever socket there is.
    CloseSocket,
    /// Prove that what is on screen is right, or fetch it again; answer with `CaughtUp` or `CatchUpFailed`.
    CatchUp {
        /// Of the connection.
        generation: u64,
        /// There was a connection before: fetch everything, whatever the positions say.
        everything: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is wanted.
    Idle(Cause),
    /// The page is in the back/forward cache.
    Away,
    /// Between two attempts.
    Waiting { until: u64 },
    /// A ticket was asked for.
    Ticketing { deadline: u64 },
    /// The socket is to greet.
    Opening { deadline: u64 },
    /// Greeted; what is on screen is being proven right.
    CatchingUp { deadline: u64, last_frame: u64 },
    /// All is well.
    Connected { since: u64, last_frame: u64 },
}

/// The connection's decisions.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    state: State,
    generation: u64,
    /// Attempts that failed since the connection last was settled.
    failures: u32,
    was_connected: bool,
}

impl Default for Connection {
    fn default() -> Self {
        Self { state: State::Idle(Cause::Closed), generation: 0, failures: 0, was_connected: false }
    }
}

impl Connection {
    /// Decides. `random` is of `0.0..1.0`.
    pub fn handle(&mut self, input: Input, now: u64, random: f64) -> Vec<Action> {
        match input {
            Input::Connect => match self.state {
                State::Idle(_) => self.attempt(now),
                _ => Vec::new(),
            },
            Input::Disconnect => self.rest(Cause::Closed),
            Input::TryNow => match self.state {
                State::Waiting { .. } | State::Idle(_) => self.attempt(now),
                _ => Vec::new(),
            },
            Input::Online => match self.state {
                State::Waiting { .. } => self.attempt(now),
                _ => Vec::new(),
            },
            Input::Offline => match self.state {
                State::Opening { .. } | State::CatchingUp { .. } | State::Connected { .. } => self.lose(now, random),
                _ => Vec::new(),
            },
            Input::PageHidden => match self.state {
                State::Idle(_) | State::Away => Vec::new(),
                _ => {
                    self.state = State::Away;
                    self.generation += 1;
                    vec![Action::CloseSocket]
                }
            },
            Input::PageShown => match self.state {
                State::Away | State::Waiting { .. } => self.attempt(now),
                _ => self.look(now, random),
            },
            Input::Wake => self.look(now, random),
            Input::Ticket { generation }
            | Input::TicketRefused { generation, .. }
            | Input::Frame { generation }
            | Input::SocketClosed { generation }
            | Input::CaughtUp { generation }
            | Input::CatchUpFailed { generation }
                if generation != self.generation =>
            {
                Vec::new()
            }
            Input::Ticket { generation } => match self.state {
                State::Ticketing { deadline } => {
                    self.state = State::Opening { deadline };
                    vec![Action::OpenSocket { generation }]
                }
                _ => Vec::new(),
            },
            Input::TicketRefused { signed_out: true, .. } => self.rest(Cause::SignedOut),
            Input::Frame { generation } => match &mut self.state {
                State::Opening { .. } => {
                    self.state = State::CatchingUp { deadline: now + CATCH_UP_LIMIT, last_frame: now };
                    vec![Action::CatchUp { generation, everything: self.was_connected }]
                }
                State::CatchingUp { last_frame, .. } | State::Connected { last_frame, .. } => {
                    *last_frame = now;
                    Vec::new()
                }
                _ => Vec::new(),
            },
            Input::CaughtUp { .. } => {
                if let State::CatchingUp { last_frame, .. } = self.state {
                    self.state = State::Connected { since: now, last_frame };
                    self.was_connected = true;
                }
                Vec::new()
            }
            Input::TicketRefused { .. } | Input::SocketClosed { .. } | Input::CatchUpFailed { .. } => match self.state {
                State::Idle(_) | State::Away | State::Waiting { .. } => Vec::new(),
                _ => self.lose(now, random),
            },
        }
    }

    /// Where the connection stands, as people are told.
    #[must_use]
    pub fn status(&self) -> Status {
        let attempt = self.failures.max(1);
        match self.state {
            State::Idle(cause) => Status::Disconnected(cause),
            State::Waiting { until } => Status::Reconnecting { attempt, at: until },
            State::Connected { .. } => Status::Connected,
            _ if self.failures == 0 && !self.was_connected => Status::Connecting,
            _ => Status::Reconnecting { attempt, at: 0 },
        }
    }

    /// Which attempt or connection is the present one.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// When to say `Wake` at the latest.
    #[must_use]
    pub fn next_wake(&self) -> Option<u64> {
        match self.state {
            State::Idle(_) | State::Away => None,
            State::Waiting { until } => Some(until),
            State::Ticketing { deadline } | State::Opening { deadline } => Some(deadline),
            State::CatchingUp { deadline, last_frame } => Some(deadline.min(last_frame + WATCHDOG)),
            State::Connected { last_frame, .. } => Some(last_frame + WATCHDOG),
        }
    }

    fn attempt(&mut self, now: u64) -> Vec<Action> {
        self.generation += 1;
        self.state = State::Ticketing { deadline: now + ATTEMPT_LIMIT };
        vec![Action::RequestTicket { generation: self.generation }]
    }

    fn look(&mut self, now: u64, random: f64) -> Vec<Action> {
        if self.next_wake().is_none_or(|at| now < at) {
            return Vec::new();
        }
        match self.state {
            State::Waiting { .. } => self.attempt(now),
            _ => self.lose(now, random),
        }
    }

    fn lose(&mut self, now: u64, random: f64) -> Vec<Action> {
        if matches!(self.state, State::Connected { since, .. } if now >= since + SETTLED) {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        self.generation += 1;
        self.state = State::Waiting { until: now + backoff::delay(self.failures, random) };
        vec![Action::CloseSocket]
    }

    fn rest(&mut self, cause: Cause) -> Vec<Action> {
        self.state = State::Idle(cause);
        self.generation += 1;
        self.failures = 0;
        vec![Action::CloseSocket]
    }
}

#[cfg(test)]
mod tests;
