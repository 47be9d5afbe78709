//! Several tabs of one browser share one connection (`realtime.md` section 5).
//!
//! The tab that holds the browser's lock leads: it alone connects, for the topics of all, and relays every frame as it came. The
//! others follow ([`Replica::relayed`](super::replica::Replica::relayed)). When it goes, the browser gives the lock to another,
//! which resumes from its own cursor. A tab that hears of nobody who leads connects by itself, lock or not.
//!
//! To the tab's own [`Connection`](super::connection::Connection) this is one more way to be connected: each attempt asks
//! [`Tabs::way`] which one. So a tab that follows backs off, watches for silence and gives up when hidden as every other one does.
//!
//! This machine decides; the shell has the lock (Web Locks) and the channel (`BroadcastChannel`). Messages may be lost, come twice or
//! late: wishes are said again and again, and a tab that is not heard of is forgotten. Times are milliseconds of a clock that does
//! not go back.

use crate::realtime::{
    Position,
    client::connection::{Cause, Refusal, Status, TicketRefusal, Why},
    protocol::MAX_TOPICS,
    topic::{Topic, Topics},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A tab says what it wants this often.
pub const ANNOUNCE: u64 = 10_000;

/// A tab that was not heard of for so long is gone. Browsers let hidden tabs say something once a minute.
pub const SILENCE: u64 = 150_000;

/// For so long an attempt waits for the lock or for word of a tab that leads.
pub const PATIENCE: u64 = 2_000;

/// Tabs that are known of at most.
pub const MOST: usize = 64;

/// What tabs say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// A tab is there, and wants this.
    Wants {
        /// Who.
        tab: Uuid,
        /// What.
        topics: Topics,
        /// It knows of nobody who leads: who does answers.
        asks: bool,
    },
    /// A tab goes.
    Goodbye {
        /// Who.
        tab: Uuid,
    },
    /// A tab leads: how it stands with the connection.
    Leads {
        /// Who.
        tab: Uuid,
        /// How it stands.
        state: Leading,
    },
    /// A frame came to the tab that leads.
    Relay {
        /// Who.
        tab: Uuid,
        /// Its cursor before the frame.
        after: Position,
        /// What it hears of.
        topics: Topics,
        /// The frame as it came.
        text: String,
    },
    /// A person does not want to wait for the next attempt.
    TryNow,
}

/// How it stands with the connection of the tab that leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leading {
    /// It is connected: what comes is relayed.
    Serves(Serving),
    /// It is about to be.
    Connecting,
    /// An attempt failed; there will be others.
    Failing,
    /// The server restarts.
    Restarting,
    /// A sign-in is needed first.
    SignedOut,
    /// Live updates are not for this person.
    Forbidden,
    /// Page and server do not understand each other.
    Protocol,
}

/// What a tab needs to know to follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// The serving process.
    pub instance: Uuid,
    /// Between two heartbeats.
    pub heartbeat_ms: u64,
    /// Everything up to here came to the tab that leads.
    pub cursor: Position,
    /// What it hears of.
    pub topics: Topics,
}

impl Leading {
    /// How it stands with a connection that is not served.
    #[must_use]
    pub fn of(status: Status) -> Self {
        match status {
            Status::Connected | Status::Connecting => Self::Connecting,
            Status::Reconnecting { at: 0, .. } | Status::Suspended { at: 0, why: Why::Restarting } => Self::Connecting,
            Status::Reconnecting { .. } | Status::Suspended { why: Why::Away, .. } | Status::Disconnected(Cause::Closed) => Self::Failing,
            Status::Suspended { why: Why::Restarting, .. } => Self::Restarting,
            Status::Disconnected(Cause::SignedOut) => Self::SignedOut,
            Status::Error(Refusal::Forbidden) => Self::Forbidden,
            Status::Error(Refusal::Protocol) => Self::Protocol,
        }
    }
}

/// How to be connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By a connection of one's own.
    Own,
    /// By the one of the tab that leads.
    Shared(Serving),
    /// Not now: the tab that leads is not either.
    Refused(TicketRefusal),
    /// That is not known yet: ask again when something was heard, and at that time.
    Unknown {
        /// When the waiting ends.
        until: u64,
    },
}

/// One tab among others.
#[derive(Debug, Clone)]
pub struct Tabs {
    me: Uuid,
    leads: bool,
    own: Topics,
    others: BTreeMap<Uuid, (Topics, u64)>,
    announced: Option<u64>,
    /// The tab that leads, as it said last.
    leader: Option<(Uuid, Leading)>,
    /// Since when an attempt waits.
    asking: Option<u64>,
    /// Following did not work the last time.
    mistrusts: bool,
}

impl Tabs {
    /// A tab that knows of no others.
    #[must_use]
    pub fn new(me: Uuid) -> Self {
        Self {
            me,
            leads: false,
            own: Topics::none(),
            others: BTreeMap::new(),
            announced: None,
            leader: None,
            asking: None,
            mistrusts: false,
        }
    }

    /// The tab wants these topics now: what to tell the others, if it is anything new.
    pub fn want(&mut self, topics: Topics, now: u64) -> Option<Message> {
        if self.own == topics {
            return None;
        }
        self.own = topics;
        Some(self.announce(now, false))
    }

    /// The tab was given the lock: it connects by itself from now on.
    pub fn lead(&mut self) {
        self.leads = true;
        self.leader = None;
    }

    /// What it calls itself.
    #[must_use]
    pub fn me(&self) -> Uuid {
        self.me
    }

    /// Whether the tab leads. A relay of another is not for a tab that leads.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leads
    }

    /// Whether there is anybody to relay to.
    #[must_use]
    pub fn has_followers(&self) -> bool {
        self.leads && !self.others.is_empty()
    }

    /// An attempt begins, and asks for its [`way`](Self::way): what to ask the others first.
    pub fn attempt(&mut self, now: u64) -> Option<Message> {
        self.asking = Some(now);
        (!self.leads && self.leader.is_none()).then(|| self.announce(now, true))
    }

    /// The attempt or connection is over. `followed`: over the tab that leads, which did not say so; what it says may be long past.
    pub fn ended(&mut self, followed: bool) {
        self.asking = None;
        self.leader.take_if(|(_, state)| followed && matches!(state, Leading::Serves(_)));
    }

    /// A relay of this tab was not taken: where it said that it stood is no longer where it stands.
    pub fn missed(&mut self, tab: Uuid) {
        self.leader.take_if(|(leader, _)| *leader == tab);
    }

    /// Whether the tab that leads serves, as far as is known, and following is worth trying.
    #[must_use]
    pub fn is_served(&self) -> bool {
        !self.mistrusts && matches!(&self.leader, Some((_, Leading::Serves(_))))
    }

    /// Whether an attempt waits for its way.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// Whether this is the tab that leads, as far as is known.
    #[must_use]
    pub fn follows(&self, tab: Uuid) -> bool {
        self.leader.as_ref().is_some_and(|(leader, _)| *leader == tab)
    }

    /// How the attempt is to be made.
    pub fn way(&mut self, now: u64) -> Way {
        let until = self.asking.unwrap_or(now) + PATIENCE;
        let way = if self.leads || self.mistrusts {
            Way::Own
        } else {
            match &self.leader {
                // Its own attempt takes its time, as this one may.
                Some((_, Leading::Connecting)) => return Way::Unknown { until: u64::MAX },
                Some((_, Leading::Serves(serving))) => {
                    self.mistrusts = true;
                    Way::Shared(serving.clone())
                }
                Some((_, Leading::Failing)) => Way::Refused(TicketRefusal::Failed),
                Some((_, Leading::Restarting)) => Way::Refused(TicketRefusal::Busy { retry_ms: None }),
                Some((_, Leading::SignedOut)) => Way::Refused(TicketRefusal::SignedOut),
                Some((_, Leading::Forbidden)) => Way::Refused(TicketRefusal::Forbidden),
                Some((_, Leading::Protocol)) => Way::Refused(TicketRefusal::Protocol),
                None if now < until => return Way::Unknown { until },
                None => Way::Own,
            }
        };
        self.asking = None;
        way
    }

    /// The screen was proven right: the way that was taken is a good one.
    pub fn proven(&mut self) {
        self.mistrusts = false;
    }

    /// Another tab said something; what to answer. A `Relay` is for the replica, and changes nothing here.
    pub fn heard(&mut self, message: &Message, now: u64) -> Option<Message> {
        match message {
            Message::Wants { tab, topics, .. } if *tab != self.me => {
                if self.others.len() < MOST || self.others.contains_key(tab) {
                    self.others.insert(*tab, (topics.clone(), now));
                }
                None
            }
            Message::Goodbye { tab } => {
                self.others.remove(tab);
                self.leader.take_if(|(leader, _)| leader == tab);
                None
            }
            Message::Leads { tab, state } if *tab != self.me && !self.leads => {
                let other = self.leader.replace((*tab, state.clone())).is_none_or(|(before, _)| before != *tab);
                other.then(|| self.announce(now, false))
            }
            Message::Wants { .. } | Message::Leads { .. } | Message::Relay { .. } | Message::TryNow => None,
        }
    }

    /// Time passed: what to tell the others, if anything. Tabs that were not heard of are forgotten.
    pub fn tick(&mut self, now: u64) -> Option<Message> {
        self.others.retain(|_, (_, heard)| now < heard.saturating_add(SILENCE));
        let due = self.announced.is_none_or(|announced| now >= announced + ANNOUNCE);
        due.then(|| self.announce(now, false))
    }

    /// What all tabs want, for the connection of the one that leads; what this one wants, for one of its own. Its own wishes come first:
    /// if all together are more than a connection may have, some of the others' are left out, and those tabs see by the topics of the
    /// relays that they are not live.
    #[must_use]
    pub fn wanted(&self) -> Topics {
        let others = self.others.values().filter(|_| self.leads).flat_map(|(topics, _)| topics.iter());
        let mut extra: Vec<Topic> = others.filter(|topic| !self.own.contains(*topic)).collect();
        extra.sort_unstable();
        extra.dedup();
        extra.truncate(MAX_TOPICS - self.own.len());
        Topics::of(self.own.iter().chain(extra)).unwrap_or_else(|_too_many| self.own.clone())
    }

    /// The tab goes, and with it the lock if it has it: what to tell the others. It knows of no others from then on.
    pub fn leave(&mut self) -> Message {
        *self = Self { own: std::mem::take(&mut self.own), ..Self::new(self.me) };
        Message::Goodbye { tab: self.me }
    }

    fn announce(&mut self, now: u64, asks: bool) -> Message {
        self.announced = Some(now);
        Message::Wants { tab: self.me, topics: self.own.clone(), asks }
    }
}

#[cfg(test)]
mod tests;
