//! Several tabs of one browser share one connection (`realtime.md` section 5).
//!
//! The tab that holds the browser's lock leads: it alone connects, for the topics of all, and relays every frame as it came. The
//! others follow ([`Replica::relayed`](super::replica::Replica::relayed)). When it goes, the browser gives the lock to another,
//! which resumes from its own cursor. This machine decides who wants what; the shell has the lock (Web Locks) and the channel
//! (`BroadcastChannel`). Messages may be lost, come twice or late: wishes are said again and again, and a tab that is not heard
//! of is forgotten. Times are milliseconds of a clock that does not go back.

use crate::realtime::{
    Position,
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
    },
    /// A tab goes.
    Goodbye {
        /// Who.
        tab: Uuid,
    },
    /// A tab leads from now on: whoever hears it says what it wants.
    Leads {
        /// Who.
        tab: Uuid,
    },
    /// A frame came to the tab that leads.
    Relay {
        /// Its cursor before the frame.
        after: Position,
        /// What it hears of.
        topics: Topics,
        /// The frame as it came.
        text: String,
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
}

impl Tabs {
    /// A tab that knows of no others.
    #[must_use]
    pub fn new(me: Uuid) -> Self {
        Self { me, leads: false, own: Topics::none(), others: BTreeMap::new(), announced: None }
    }

    /// The tab wants these topics now: what to tell the others.
    pub fn want(&mut self, topics: Topics, now: u64) -> Message {
        self.own = topics;
        self.announce(now)
    }

    /// The tab was given the lock: it connects, and tells the others.
    pub fn lead(&mut self) -> Message {
        self.leads = true;
        Message::Leads { tab: self.me }
    }

    /// Whether the tab leads. A relay of another is not for a tab that leads.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.leads
    }

    /// Another tab said something; what to answer. A `Relay` is for the replica, and changes nothing here.
    pub fn heard(&mut self, message: &Message, now: u64) -> Option<Message> {
        match message {
            Message::Wants { tab, topics } if *tab != self.me => {
                if self.others.len() < MOST || self.others.contains_key(tab) {
                    self.others.insert(*tab, (topics.clone(), now));
                }
                None
            }
            Message::Goodbye { tab } => {
                self.others.remove(tab);
                None
            }
            Message::Leads { tab } if *tab != self.me => Some(self.announce(now)),
            Message::Wants { .. } | Message::Leads { .. } | Message::Relay { .. } => None,
        }
    }

    /// Time passed: what to tell the others, if anything. Tabs that were not heard of are forgotten.
    pub fn tick(&mut self, now: u64) -> Option<Message> {
        self.others.retain(|_, (_, heard)| now < heard.saturating_add(SILENCE));
        let due = self.announced.is_none_or(|announced| now >= announced + ANNOUNCE);
        due.then(|| self.announce(now))
    }

    /// What all tabs want, for the connection of the one that leads. Its own wishes come first: if all together are more than a
    /// connection may have, some of the others' are left out, and those tabs see by the topics of the relays that they are not live.
    #[must_use]
    pub fn wanted(&self) -> Topics {
        let others = self.others.values().flat_map(|(topics, _)| topics.iter()).filter(|topic| !self.own.contains(*topic));
        let mut extra: Vec<Topic> = others.collect();
        extra.sort_unstable();
        extra.dedup();
        extra.truncate(MAX_TOPICS - self.own.len());
        Topics::of(self.own.iter().chain(extra)).unwrap_or_else(|_too_many| self.own.clone())
    }

    /// The tab goes: what to tell the others.
    #[must_use]
    pub fn goodbye(&self) -> Message {
        Message::Goodbye { tab: self.me }
    }

    fn announce(&mut self, now: u64) -> Message {
        self.announced = Some(now);
        Message::Wants { tab: self.me, topics: self.own.clone() }
    }
}

#[cfg(test)]
mod tests;
