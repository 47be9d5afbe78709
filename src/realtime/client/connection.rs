//! When to ask for a ticket, when a connection counts, when it is dead, when to try again (`realtime.md` section 5).
//!
//! A pure state machine: it is told what happened, the time and a random number, and says what to do. The browser's shell
//! (`app::monitor`) only does it. Invariants: at most one attempt or connection at a time; what comes from an earlier one, told by
//! its generation, changes nothing; `Connected` is shown only while the session is begun and the screen was proven right
//! ([`Replica::caught_up`](super::replica::Replica::caught_up)); while anything is wanted and the page is there, there is always
//! a next moment to look ([`Connection::next_wake`]).
//!
//! Times are milliseconds of a clock that does not go back.

mod life;
mod vocabulary;

pub use vocabulary::{Action, Cause, Input, Refusal, Status, TicketRefusal, Why};

use crate::realtime::{
    backoff,
    protocol::{ByeCode, HEARTBEAT, MAX_RETRY},
};
use life::Life;
use uuid::Uuid;

/// A ticket, a socket and its greeting have to be had within this.
pub const ATTEMPT_LIMIT: u64 = 15_000;

/// The replay, or the fetching after a resync, has to be finished within this.
pub const CATCH_UP_LIMIT: u64 = 30_000;

/// Connected for so long, the next loss begins counting attempts anew.
pub const SETTLED: u64 = 5_000;

/// Other frames come, but no heartbeat for so long: the server is about to restart, or ill.
pub const HEARTBEAT_LIMIT: u64 = 60_000;

/// Hidden for so long, the page gives its connection back.
pub const HIDDEN_LIMIT: u64 = 60_000;

/// Between two attempts while the server restarts, on average.
pub const RESTART_RETRY: u64 = 2_000;

/// A restart that takes longer, without a word of the server's, is an outage: the attempts become rarer.
pub const RESTART_LIMIT: u64 = 120_000;

/// No frame for so long means that the connection is dead, whatever the browser says: 2.5 heartbeats.
const fn watchdog(heartbeat: u64) -> u64 {
    heartbeat.saturating_mul(5) / 2
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is wanted.
    Idle(Cause),
    /// Refused for good.
    Refused(Refusal),
    /// The page is not looked at; its connection was given back.
    Away,
    /// Between two attempts.
    Waiting { until: u64 },
    /// A ticket was asked for.
    Ticketing { deadline: u64 },
    /// The socket is to greet.
    Opening { deadline: u64 },
    /// Greeted; the replay or the fetching is being finished.
    CatchingUp { deadline: u64 },
    /// All is well.
    Connected { since: u64 },
}

/// The connection's decisions.
#[derive(Debug, Clone, Copy)]
pub struct Connection {
    state: State,
    generation: u64,
    /// Attempts that failed since the connection last was settled.
    failures: u32,
    was_connected: bool,
    /// The server is thought to restart until then.
    restarting: Option<u64>,
    hidden_since: Option<u64>,
    instance: Option<Uuid>,
    /// Of the present connection.
    heartbeat: u64,
    last_frame: u64,
    last_heartbeat: u64,
    life: Life,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            state: State::Idle(Cause::Closed),
            generation: 0,
            failures: 0,
            was_connected: false,
            restarting: None,
            hidden_since: None,
            instance: None,
            heartbeat: HEARTBEAT,
            last_frame: 0,
            last_heartbeat: 0,
            life: Life::default(),
        }
    }
}

impl Connection {
    /// Decides. `random` is of `0.0..1.0`.
    pub fn handle(&mut self, input: Input, now: u64, random: f64) -> Vec<Action> {
        if input.generation().is_some_and(|generation| generation != self.generation) {
            return Vec::new();
        }
        match input {
            Input::Connect => match self.state {
                State::Idle(_) | State::Refused(_) => self.attempt(now),
                _ => Vec::new(),
            },
            Input::Disconnect => self.rest(State::Idle(Cause::Closed)),
            Input::TryNow => match self.state {
                State::Waiting { .. } | State::Idle(_) | State::Refused(_) | State::Away => self.attempt(now),
                _ => Vec::new(),
            },
            Input::Online => match self.state {
                State::Waiting { .. } => self.attempt(now),
                _ => Vec::new(),
            },
            Input::Offline => match self.state {
                State::Opening { .. } | State::CatchingUp { .. } | State::Connected { .. } => self.lose(now, random, None),
                _ => Vec::new(),
            },
            Input::Hidden => {
                self.hidden_since = self.hidden_since.or(Some(now));
                self.look(now, random)
            }
            Input::Frozen => self.leave(),
            Input::Visible => {
                self.hidden_since = None;
                match self.state {
                    // Somebody may have signed in meanwhile, in another tab.
                    State::Away | State::Waiting { .. } | State::Idle(Cause::SignedOut) => self.attempt(now),
                    _ => self.look(now, random),
                }
            }
            Input::Wake => self.look(now, random),
            Input::Ticket { generation } => match self.state {
                State::Ticketing { deadline } => {
                    self.state = State::Opening { deadline };
                    vec![Action::OpenSocket { generation }]
                }
                _ => Vec::new(),
            },
            Input::TicketRefused { why, .. } => self.refused(why, now, random),
            Input::Greeted { instance, heartbeat_ms, expires_at, .. } => match self.state {
                State::Opening { .. } => {
                    self.state = State::CatchingUp { deadline: now + CATCH_UP_LIMIT };
                    self.heartbeat = heartbeat_ms.clamp(HEARTBEAT / 10, HEARTBEAT_LIMIT);
                    (self.last_frame, self.last_heartbeat) = (now, now);
                    self.life = Life::until(expires_at, now);
                    let other = self.instance.replace(instance).is_some_and(|known| known != instance);
                    if other { vec![Action::ServerRestarted] } else { Vec::new() }
                }
                _ => Vec::new(),
            },
            Input::Frame { .. } => {
                self.last_frame = now;
                Vec::new()
            }
            Input::Heartbeat { server_time, .. } => {
                (self.last_frame, self.last_heartbeat) = (now, now);
                self.life.heartbeat(server_time, now);
                Vec::new()
            }
            Input::Renewed { expires_at, .. } => {
                self.last_frame = now;
                self.life = Life::until(expires_at, now);
                Vec::new()
            }
            Input::Bye { code, retry_ms, .. } => self.goodbye(code, retry_ms, now, random),
            Input::Behind { .. } => {
                if let State::Connected { since } = self.state {
                    self.settle(since, now);
                    self.state = State::CatchingUp { deadline: now + CATCH_UP_LIMIT };
                }
                Vec::new()
            }
            Input::CaughtUp { .. } => {
                if let State::CatchingUp { .. } = self.state {
                    self.state = State::Connected { since: now };
                    self.was_connected = true;
                    self.restarting = None;
                }
                Vec::new()
            }
            Input::SocketClosed { .. } | Input::CatchUpFailed { .. } => match self.state {
                State::Opening { .. } | State::CatchingUp { .. } | State::Connected { .. } => self.lose(now, random, None),
                _ => Vec::new(),
            },
        }
    }

    /// Where the connection stands, as people are told.
    #[must_use]
    pub fn status(&self) -> Status {
        let at = if let State::Waiting { until } = self.state { until } else { 0 };
        match self.state {
            State::Idle(cause) => Status::Disconnected(cause),
            State::Refused(refusal) => Status::Error(refusal),
            State::Away => Status::Suspended { why: Why::Away, at: 0 },
            State::Connected { .. } => Status::Connected,
            _ if self.restarting.is_some() => Status::Suspended { why: Why::Restarting, at },
            State::Waiting { .. } => Status::Reconnecting { attempt: self.failures.max(1), at },
            _ if self.failures == 0 && !self.was_connected => Status::Connecting,
            _ => Status::Reconnecting { attempt: self.failures.max(1), at },
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
        let due = match self.state {
            State::Idle(_) | State::Refused(_) | State::Away => return None,
            State::Waiting { until } => until,
            State::Ticketing { deadline } | State::Opening { deadline } => deadline,
            State::CatchingUp { deadline } => deadline.min(self.silence()),
            State::Connected { .. } => self.life.renewal().map_or(self.silence(), |renewal| renewal.min(self.silence())),
        };
        Some(self.hidden_since.map_or(due, |hidden| due.min(hidden + HIDDEN_LIMIT)))
    }

    /// When the connection has been silent for too long.
    fn silence(&self) -> u64 {
        (self.last_frame + watchdog(self.heartbeat)).min(self.last_heartbeat + HEARTBEAT_LIMIT)
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
        if self.hidden_since.is_some_and(|hidden| now >= hidden + HIDDEN_LIMIT) {
            return self.leave();
        }
        match self.state {
            State::Waiting { .. } => self.attempt(now),
            State::CatchingUp { deadline } if now < deadline && now < self.silence() => Vec::new(),
            State::Connected { .. } if now < self.silence() => {
                self.life.asked(now);
                vec![Action::Renew { generation: self.generation }]
            }
            State::CatchingUp { .. } | State::Connected { .. } if now >= self.last_heartbeat + HEARTBEAT_LIMIT => {
                self.suspend(now, random, None)
            }
            _ => self.lose(now, random, None),
        }
    }

    fn refused(&mut self, why: TicketRefusal, now: u64, random: f64) -> Vec<Action> {
        match (why, self.state) {
            (_, State::Idle(_) | State::Refused(_) | State::Away | State::Waiting { .. }) => Vec::new(),
            (TicketRefusal::SignedOut, _) => self.rest(State::Idle(Cause::SignedOut)),
            (TicketRefusal::Forbidden, _) => self.rest(State::Refused(Refusal::Forbidden)),
            (TicketRefusal::Protocol, _) => self.rest(State::Refused(Refusal::Protocol)),
            // For a renewal: what is there goes on, and it is tried again before its end.
            (_, State::CatchingUp { .. } | State::Connected { .. }) => Vec::new(),
            (TicketRefusal::Busy { retry_ms }, _) => self.suspend(now, random, retry_ms),
            (TicketRefusal::Failed, _) => self.lose(now, random, None),
        }
    }

    fn goodbye(&mut self, code: ByeCode, retry_ms: Option<u64>, now: u64, random: f64) -> Vec<Action> {
        match (code, self.state) {
            (_, State::Idle(_) | State::Refused(_) | State::Away | State::Waiting { .. } | State::Ticketing { .. }) => Vec::new(),
            (ByeCode::Restart, _) => self.suspend(now, random, retry_ms),
            (ByeCode::SignedOut, _) => self.rest(State::Idle(Cause::SignedOut)),
            (ByeCode::Protocol, _) => self.rest(State::Refused(Refusal::Protocol)),
            (ByeCode::Expired | ByeCode::TooSlow | ByeCode::TooMany | ByeCode::Idle | ByeCode::Other, _) => {
                self.lose(now, random, retry_ms)
            }
        }
    }

    /// Lost: wait as long as the server said, or by the count of failures; by the pace of a restart while there is one.
    fn lose(&mut self, now: u64, random: f64, retry_ms: Option<u64>) -> Vec<Action> {
        if let State::Connected { since } = self.state {
            self.settle(since, now);
        }
        self.failures = self.failures.saturating_add(1);
        self.generation += 1;
        self.restarting = self.restarting.filter(|until| now < *until);
        let wait = match (retry_ms, self.restarting) {
            (Some(retry), _) => retry.min(MAX_RETRY),
            (None, Some(_)) => RESTART_RETRY / 2 + backoff::spread(RESTART_RETRY, random),
            (None, None) => backoff::delay(self.failures, random),
        };
        self.state = State::Waiting { until: now + wait };
        vec![Action::CloseSocket]
    }

    /// Lost, because the server restarts.
    fn suspend(&mut self, now: u64, random: f64, retry_ms: Option<u64>) -> Vec<Action> {
        self.restarting = Some(now + RESTART_LIMIT + retry_ms.unwrap_or(0).min(MAX_RETRY));
        self.lose(now, random, retry_ms)
    }

    fn settle(&mut self, since: u64, now: u64) {
        if now >= since + SETTLED {
            self.failures = 0;
        }
    }

    /// The page is not looked at.
    fn leave(&mut self) -> Vec<Action> {
        match self.state {
            State::Idle(_) | State::Refused(_) | State::Away => Vec::new(),
            _ => self.rest(State::Away),
        }
    }

    fn rest(&mut self, state: State) -> Vec<Action> {
        self.state = state;
        self.generation += 1;
        self.failures = 0;
        self.restarting = None;
        vec![Action::CloseSocket]
    }
}

#[cfg(test)]
mod tests;
