//! What waits to be sent (`realtime.md` section 5).
//!
//! Subscriptions do not wait as messages: what counts is the set that is wanted. It goes into `session.init` as a whole; what changes
//! of it later is told at most every [`PACE`], so that somebody who leafs through pages stays within what a connection may send. What
//! is new is told first: what is no longer wanted does no harm for a moment.
//!
//! Invariants: at most [`MOST`] messages wait, none longer than [`LONGEST`]; they are given out in order, each once; what is given up
//! is told. Times are milliseconds of a clock that does not go back.

use crate::realtime::{protocol::ClientFrame, topic::Topics};
use std::collections::VecDeque;

/// Messages that wait at most; the oldest give way.
pub const MOST: usize = 100;

/// What waited for so long is not sent any more.
pub const LONGEST: u64 = 60_000;

/// Between two changes of the topics that a connection is told.
pub const PACE: u64 = 500;

/// What waits. `M` is a message.
#[derive(Debug, Clone)]
pub struct Outbox<M> {
    wanted: Topics,
    /// What the connection was told of it; none while there is no connection.
    told: Option<Topics>,
    not_before: u64,
    waiting: VecDeque<(u64, M)>,
}

impl<M> Default for Outbox<M> {
    fn default() -> Self {
        Self { wanted: Topics::none(), told: None, not_before: 0, waiting: VecDeque::new() }
    }
}

impl<M> Outbox<M> {
    /// This is what is wanted now, and nothing else.
    pub fn want(&mut self, topics: Topics) {
        self.wanted = topics;
    }

    /// A connection begins: the set for its `session.init`.
    pub fn begin(&mut self) -> &Topics {
        self.told.insert(self.wanted.clone())
    }

    /// The connection is gone.
    pub fn lost(&mut self) {
        self.told = None;
    }

    /// What the connection was told to listen to; nothing while there is none.
    #[must_use]
    pub fn told(&self) -> Topics {
        self.told.clone().unwrap_or_default()
    }

    /// The frame that tells what changed, if it is time for one; ask again at [`next_change`](Self::next_change).
    pub fn change(&mut self, now: u64) -> Option<ClientFrame> {
        let told = self.told.as_mut().filter(|told| **told != self.wanted && now >= self.not_before)?;
        self.not_before = now + PACE;
        let new = self.wanted.without(told);
        if !new.is_empty() && told.add(&new).is_ok() {
            return Some(ClientFrame::Subscribe { topics: new });
        }
        // Also where there is room for what is new only after this.
        let gone = told.without(&self.wanted);
        told.remove(&gone);
        Some(ClientFrame::Unsubscribe { topics: gone })
    }

    /// When there is a change to be told.
    #[must_use]
    pub fn next_change(&self) -> Option<u64> {
        self.told.as_ref().filter(|told| **told != self.wanted).map(|_| self.not_before)
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

    fn aip(n: u128) -> Topic {
        Topic::Aip(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn what_is_new_is_told_first_and_what_is_gone_a_moment_later() {
        let mut outbox = Outbox::<()>::default();
        outbox.want(Topic::Storage.into());
        assert_eq!(outbox.change(0), None, "there is no connection");
        assert_eq!(outbox.begin(), &Topic::Storage.into());
        assert_eq!((outbox.change(1), outbox.next_change()), (None, None));
        outbox.want(aip(1).into());
        assert_eq!(outbox.change(1), Some(ClientFrame::Subscribe { topics: aip(1).into() }));
        assert_eq!((outbox.change(2), outbox.next_change()), (None, Some(1 + PACE)));
        outbox.want(Topics::of([aip(1), aip(2)]).expect("two"));
        assert_eq!(outbox.change(1 + PACE), Some(ClientFrame::Subscribe { topics: aip(2).into() }));
        assert_eq!(outbox.change(1 + 2 * PACE), Some(ClientFrame::Unsubscribe { topics: Topic::Storage.into() }));
        assert_eq!(outbox.next_change(), None);
        outbox.lost();
        assert_eq!(outbox.told(), Topics::none());
    }

    proptest! {
        /// However wishes change: what the connection was told is what the frames say, it comes to be what is wanted, and no more
        /// than two frames a second are sent.
        #[test]
        fn the_connection_comes_to_hear_what_is_wanted(steps in prop::collection::vec((0u64..400, prop::collection::btree_set(0u128..300, 0..128)), 1..60)) {
            let (mut outbox, mut server, mut now) = (Outbox::<()>::default(), Topics::none(), 0);
            outbox.begin();
            let mut last: Option<u64> = None;
            let mut hear = |outbox: &mut Outbox<()>, server: &mut Topics, now: u64| {
                match outbox.change(now) {
                    Some(ClientFrame::Subscribe { topics }) => server.add(&topics).expect("within the limit"),
                    Some(ClientFrame::Unsubscribe { topics }) => server.remove(&topics),
                    Some(_) => unreachable!("other frames are not made here"),
                    None => return Ok(()),
                }
                prop_assert!(last.replace(now).is_none_or(|last| now >= last + PACE));
                prop_assert_eq!(&outbox.told(), server);
                Ok(())
            };
            for (wait, wanted) in steps {
                now += wait;
                outbox.want(Topics::of(wanted.into_iter().map(aip)).expect("within the limit"));
                hear(&mut outbox, &mut server, now)?;
            }
            while let Some(due) = outbox.next_change() {
                now = now.max(due);
                hear(&mut outbox, &mut server, now)?;
            }
            prop_assert_eq!(server, outbox.wanted.clone());
        }
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
