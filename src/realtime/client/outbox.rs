//! What waits to be sent while the connection is down (`realtime.md` section 5).
//!
//! Subscriptions do not wait as messages: what counts is the set that is wanted when the connection is back, which goes into
//! `session.init` as a whole. Invariants: at most [`MOST`] messages wait, none longer than [`LONGEST`]; they are given out in
//! order, each once; what is given up is told. Times are milliseconds of a clock that does not go back.

use crate::realtime::topic::{TooManyTopics, Topics};
use std::collections::VecDeque;

/// Messages that wait at most; the oldest give way.
pub const MOST: usize = 100;

/// What waited for so long is not sent any more.
pub const LONGEST: u64 = 60_000;

/// What waits. `M` is a message.
#[derive(Debug, Clone)]
pub struct Outbox<M> {
    wanted: Topics,
    waiting: VecDeque<(u64, M)>,
}

impl<M> Default for Outbox<M> {
    fn default() -> Self {
        Self { wanted: Topics::none(), waiting: VecDeque::new() }
    }
}

impl<M> Outbox<M> {
    /// These topics are wanted as well.
    ///
    /// # Errors
    /// When a connection cannot have so many.
    pub fn subscribe(&mut self, topics: &Topics) -> Result<(), TooManyTopics> {
        self.wanted.add(topics)
    }

    /// These topics are wanted no longer.
    pub fn unsubscribe(&mut self, topics: &Topics) {
        self.wanted.remove(topics);
    }

    /// The set that is wanted: for `session.init`.
    #[must_use]
    pub fn wanted(&self) -> &Topics {
        &self.wanted
    }

    /// A message waits. What has to be given up for it is returned, oldest first.
    #[must_use = "whoever sent what is given up has to be told"]
    pub fn push(&mut self, message: M, now: u64) -> Vec<M> {
        let mut given_up = self.expire(now);
        if self.waiting.len() == MOST {
            given_up.extend(self.waiting.pop_front().map(|(_, message)| message));
        }
        self.waiting.push_back((now, message));
        given_up
    }

    /// The next message to send; call until there is none. What waited for too long has to be taken first, by
    /// [`expire`](Self::expire): otherwise it is dropped here.
    pub fn next(&mut self, now: u64) -> Option<M> {
        drop(self.expire(now));
        self.waiting.pop_front().map(|(_, message)| message)
    }

    /// Gives up what waited for too long, oldest first.
    #[must_use = "whoever sent what is given up has to be told"]
    pub fn expire(&mut self, now: u64) -> Vec<M> {
        let mut given_up = Vec::new();
        while self.waiting.front().is_some_and(|(since, _)| now >= since.saturating_add(LONGEST)) {
            given_up.extend(self.waiting.pop_front().map(|(_, message)| message));
        }
        given_up
    }

    /// When something will have waited for too long.
    #[must_use]
    pub fn next_expiry(&self) -> Option<u64> {
        self.waiting.front().map(|(since, _)| since.saturating_add(LONGEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::topic::Topic;
    use proptest::prelude::*;

    #[test]
    fn subscriptions_become_one_set() {
        let mut outbox = Outbox::<()>::default();
        for topic in [Topic::Storage, Topic::Tasks, Topic::Storage] {
            outbox.subscribe(&topic.into()).expect("few");
        }
        outbox.unsubscribe(&Topic::Tasks.into());
        assert_eq!(outbox.wanted(), &Topic::Storage.into());
    }

    proptest! {
        /// Every message comes out once, in order, or is given up; neither too many nor too old ones wait.
        #[test]
        fn each_once_in_order_or_given_up(steps in prop::collection::vec((0u64..600, 0u8..9), 0..400)) {
            let (mut outbox, mut now, mut sent) = (Outbox::default(), 0, 0u64);
            let (mut out, mut waiting) = (Vec::new(), VecDeque::new());
            for (wait, what) in steps {
                now += wait;
                if what < 8 {
                    out.extend(outbox.push(sent, now));
                    waiting.push_back((now, sent));
                    sent += 1;
                } else {
                    out.extend(outbox.expire(now));
                    out.extend(outbox.next(now));
                }
                waiting.retain(|(_, message)| !out.contains(message));
                prop_assert!(waiting.len() <= MOST && waiting.iter().all(|(since, _)| now < since + LONGEST));
                prop_assert_eq!(outbox.next_expiry(), waiting.front().map(|(since, _)| since + LONGEST));
            }
            out.extend(std::iter::from_fn(|| outbox.next(now)));
            prop_assert_eq!(out, (0..sent).collect::<Vec<_>>());
        }
    }
}
