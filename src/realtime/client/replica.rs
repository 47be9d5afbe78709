//! What a page knows of the log: nothing missed, nothing twice, nothing out of order (`realtime.md` section 4).
//!
//! A **view** is one query whose answer is on screen: a page of a list, one AIP. Each is a reader of the log of its own, because
//! each answer stands at a position of its own (`Strongroom-Position`, which the server reads before the data). The events that
//! came are **kept**, so that an answer is joined with those above its position, whether they came before or after it.
//!
//! How the shell uses it: before it sends a query it takes [`Replica::round`]; the answer goes to [`Replica::answered`], which
//! gives the events to apply to that view after the answer was put in place. Every frame goes to [`Replica::event`],
//! [`Replica::heartbeat`] and so on; an event is applied to the views that are named. The views that an [`Ask`] names are fetched
//! again. The screen is right once [`Replica::caught_up`].
//!
//! Invariants: for each view, the events that are applied after its answer are those above the answer's position, in order, each
//! once; a cursor moves before the event is applied, so that an event which breaks its handler is not tried for ever; whatever
//! cannot be proven ends in `Fetch` or `Resync`; at most `capacity` events are kept.

mod kept;
mod relay;
#[cfg(test)]
mod tests;

use crate::realtime::{
    Position,
    protocol::{Greeting, ResyncReason},
    topic::Topics,
};
use kept::Kept;
use std::collections::BTreeMap;

/// Events kept for answers that are under way, if nothing else is wanted.
pub const KEPT: usize = 512;

/// Names a view.
pub type ViewId = u64;

/// What was known when a query was sent. Rises whenever continuity is lost: an answer to a query of an earlier round may be of a
/// state that the log took back.
pub type Round = u64;

/// What the shell has to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Fetch these views: they are heard now, and need an answer from after that.
    Fetch(Vec<ViewId>),
    /// What is held is in doubt: forget the versions that were known ([`versions`](super::versions)), then fetch these views, which
    /// are all.
    Anew(Vec<ViewId>),
    /// Send `resync` with this count and reason.
    Resync {
        /// The client's count.
        delivered: u64,
        /// Why.
        reason: ResyncReason,
    },
}

/// What becomes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It came before: nothing is applied.
    Repeated,
    /// It is new. Apply it to these views; the others wait for an answer, with which it will be joined.
    Fresh(Vec<ViewId>),
}

/// What becomes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Join<E> {
    /// Put it in place of what the view holds, then apply these events to it, in order.
    Apply(Vec<E>),
    /// It cannot be joined: it is older than what is kept, than the last resync, or than the view's topics are heard. Fetch again.
    Again,
    /// It is of another log: the server's data was replaced. Show it; nothing can be joined with it until the connection is made
    /// anew or the server has answered the `resync` that is to be sent now.
    OtherLog,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct View {
    /// What it has to hear of.
    topics: Topics,
    /// Its topics are heard after this seq. None: not yet, so that it takes no events.
    heard_after: Option<u64>,
    /// It holds the state of this seq, or of a later one before the next event for it. None: it waits for an answer.
    holds: Option<u64>,
    /// Where the answer stands that it was given last: before the first connection that is all that is known.
    answer: Option<Position>,
}

/// The client's side of continuity. `E` is an event, cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Replica<E> {
    /// Everything up to here is known, with the tag that proves it. None before the first greeting.
    cursor: Option<Position>,
    kept: Kept<E>,
    views: BTreeMap<ViewId, View>,
    heard: Topics,
    /// Something of it is heard only from after this seq on; all of it since.
    heard_since: u64,
    round: Round,
    /// Where this connection began anew, if it did.
    begun_at: Option<Position>,
    /// Event frames since the greeting or the last resync of this connection.
    delivered: u64,
    /// Event frames of the replay that are still to come; none before the greeting.
    replay: Option<u64>,
    /// A resync was asked for and has not come.
    asked: bool,
    /// An answer that came without a connection was of before what its view held. It may have come late; or the log was taken back, and
    /// what is on screen by its version is of what was lost.
    doubted: bool,
}

impl<E: Clone> Default for Replica<E> {
    fn default() -> Self {
        Self::new(KEPT)
    }
}

impl<E: Clone> Replica<E> {
    /// Knows nothing yet, and will keep at most `capacity` events.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            cursor: None,
            kept: Kept::new(capacity),
            views: BTreeMap::new(),
            heard: Topics::none(),
            heard_since: 0,
            round: 0,
            begun_at: None,
            delivered: 0,
            replay: None,
            asked: false,
            doubted: false,
        }
    }

    /// A view appears, waiting for its answer. `topics` are those that it needs to hear of; the shell subscribes them.
    pub fn open(&mut self, view: ViewId, topics: Topics) {
        let heard_after = self.heard.contain_all(&topics).then_some(self.heard_since);
        self.views.insert(view, View { topics, heard_after, holds: None, answer: None });
    }

    /// A view is gone from the screen.
    pub fn close(&mut self, view: ViewId) {
        self.views.remove(&view);
    }

    /// What all views need to hear of; what there is no room for is left out.
    #[must_use]
    pub fn wanted(&self) -> Topics {
        let mut wanted = Topics::none();
        for view in self.views.values() {
            // A page has a handful of views with a topic or two each.
            let _too_many = wanted.add(&view.topics);
        }
        wanted
    }

    /// What is heard of.
    #[must_use]
    pub fn heard(&self) -> &Topics {
        &self.heard
    }

    /// To be taken before a query is sent, and given back with its answer.
    #[must_use]
    pub fn round(&self) -> Round {
        self.round
    }

    /// The answer to a view's query came, with the position in its header. It may come at any time, connected or not, in any
    /// order with others, and for any reason.
    pub fn answered(&mut self, view: ViewId, round: Round, position: Position) -> Join<E> {
        let current = self.round;
        let Some(view) = self.views.get_mut(&view) else { return Join::Again };
        if round != current {
            return Join::Again;
        }
        if self.cursor.is_some_and(|cursor| cursor.epoch != position.epoch) {
            view.holds = None;
            return Join::OtherLog;
        }
        if self.cursor.is_some() && self.kept.contradicts(position) {
            view.holds = None;
            return Join::OtherLog;
        }
        // While nothing comes it cannot be told whether the answer is older than what came last, or of a log that was taken back.
        if self.cursor.is_some() && self.replay.is_none() && position.seq < self.kept.last() {
            return Join::Again;
        }
        self.doubted |= self.replay.is_none() && view.holds.is_some_and(|holds| position.seq < holds);
        let (Some(_), Some(heard_after)) = (self.cursor, view.heard_after) else {
            (view.holds, view.answer) = (Some(position.seq), Some(position));
            return Join::Apply(Vec::new());
        };
        match self.kept.above(position.seq) {
            Some(events) if heard_after <= position.seq => {
                (view.holds, view.answer) = (Some(position.seq.max(self.kept.last())), Some(position));
                Join::Apply(events)
            }
            _ => Join::Again,
        }
    }

    /// Where to resume: what goes into `session.init`. None: nothing is known for certain, start without.
    #[must_use]
    pub fn resume(&self) -> Option<Position> {
        if self.asked {
            return None;
        }
        // Before the first connection, the oldest answer on screen: what is above the others is theirs to ignore.
        self.cursor.or_else(|| {
            let mut answers = self.views.values().filter_map(|view| view.answer);
            let first = answers.next()?;
            answers.try_fold(first, |oldest, answer| {
                (answer.epoch == oldest.epoch).then_some(if answer.seq < oldest.seq { answer } else { oldest })
            })
        })
    }

    /// The session is restored: the greeting answers an init with these topics and this resume position. If a view
    /// holds more than that, or did before an answer that came without a connection, all are fetched again, as are queries that are under
    /// way: the log may have been taken back to the position and have gone on otherwise since, which the position alone cannot tell.
    pub fn restored(&mut self, greeting: &Greeting, topics: &Topics, resumed: Position) -> Vec<Ask> {
        self.greeted(greeting.replayed);
        if self.cursor.is_none() {
            self.kept.start(resumed);
            self.cursor = Some(resumed);
        }
        self.round += 1;
        let proven = resumed.seq.max(self.kept.last());
        let holds_more = self.views.values().any(|view| view.holds.is_some_and(|holds| holds > proven));
        let in_doubt = std::mem::take(&mut self.doubted) || holds_more;
        if in_doubt {
            self.views.values_mut().for_each(|view| view.holds = None);
        }
        let mut asks = self.hear(topics, proven);
        if in_doubt {
            asks = vec![Ask::Anew(self.views.keys().copied().collect())];
        }
        if greeting.replayed == 0 {
            self.advance(greeting.position);
        }
        asks
    }

    /// The session is started after an init with these topics, because there was nothing to resume from or that was refused:
    /// every view is fetched again. The `resync` that follows a refusal then has nothing to add.
    pub fn started(&mut self, greeting: &Greeting, topics: &Topics) -> Vec<Ask> {
        self.greeted(0);
        self.heard = topics.clone();
        self.begin_at(greeting.position)
    }

    /// The server's answer to a change of topics. It comes after everything up to its position that is of the topics from before; of
    /// new ones nothing up to there will come, so whoever follows must not begin before it.
    pub fn subscribed(&mut self, topics: &Topics, position: Position) -> Vec<Ask> {
        let asks = self.hear(topics, position.seq);
        self.advance(position);
        asks
    }

    /// An event frame came. `tag` proves its place; a server that does not send it makes resuming begin a little earlier.
    pub fn event(&mut self, seq: u64, tag: Option<u64>, event: E) -> Receipt {
        let Some(cursor) = self.cursor.as_mut() else { return Receipt::Repeated };
        self.delivered += 1;
        self.replay = self.replay.map(|left| left.saturating_sub(1));
        if seq <= self.kept.last() || seq <= cursor.seq {
            return Receipt::Repeated;
        }
        if let Some(tag) = tag {
            *cursor = Position { seq, tag, ..*cursor };
        }
        self.kept.push(seq, tag, event);
        let mut takers = Vec::new();
        for (id, view) in &mut self.views {
            if view.heard_after.is_some() && view.holds.is_some_and(|holds| holds < seq) {
                view.holds = Some(seq);
                takers.push(*id);
            }
        }
        Receipt::Fresh(takers)
    }

    /// A heartbeat came: everything up to its position was sent, or is not for the viewer; that many events were sent.
    pub fn heartbeat(&mut self, position: Position, delivered: u64) -> Vec<Ask> {
        let Some(cursor) = self.cursor.filter(|_| !self.asked) else { return Vec::new() };
        let contradicts = position.epoch != cursor.epoch
            || position.seq < cursor.seq
            || (position.seq == cursor.seq && position.tag != cursor.tag)
            || (position.seq < self.kept.last() && self.replay == Some(0));
        if contradicts || delivered != self.delivered {
            return self.ask_resync(ResyncReason::Diverged);
        }
        self.advance(position);
        Vec::new()
    }

    /// The server says that continuity is lost: every view is fetched again; events are kept for their answers.
    pub fn resync(&mut self, position: Position) -> Vec<Ask> {
        if self.begun_at == Some(position) && self.delivered == 0 && !self.asked {
            return Vec::new();
        }
        self.greeted(0);
        self.begin_at(position)
    }

    /// Asks the server for a resync, e.g. because an answer was of another log or a relay lost frames. Once, until it comes.
    pub fn ask_resync(&mut self, reason: ResyncReason) -> Vec<Ask> {
        if std::mem::replace(&mut self.asked, true) {
            return Vec::new();
        }
        vec![Ask::Resync { delivered: self.delivered, reason }]
    }

    /// The connection is gone. What is held stays as it was, and may be resumed from, unless a resync was asked for: that doubt
    /// outlives the connection.
    pub fn lost(&mut self) {
        self.replay = None;
    }

    /// Whether what is on screen is right: the session began, its replay is finished, every view has its answer.
    #[must_use]
    pub fn caught_up(&self) -> bool {
        self.replay == Some(0) && !self.asked && self.views.values().all(|view| view.holds.is_some() && view.heard_after.is_some())
    }

    /// Everything up to here is known. None before the first greeting.
    #[must_use]
    pub fn cursor(&self) -> Option<Position> {
        self.cursor
    }

    /// Event frames since the greeting or the last resync.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    fn greeted(&mut self, replayed: u64) {
        self.begun_at = None;
        self.delivered = 0;
        self.replay = Some(replayed);
        self.asked = false;
    }

    /// Nothing that was known before counts any more.
    fn begin_at(&mut self, position: Position) -> Vec<Ask> {
        self.cursor = Some(position);
        self.begun_at = Some(position);
        self.doubted = false;
        self.kept.start(position);
        self.heard_since = position.seq;
        self.round += 1;
        for view in self.views.values_mut() {
            view.holds = None;
            view.heard_after = self.heard.contain_all(&view.topics).then_some(position.seq);
        }
        vec![Ask::Anew(self.views.keys().copied().collect())]
    }

    /// These topics are listened to now; new ones are heard after `after`. Views that hold something older miss what was between.
    fn hear(&mut self, topics: &Topics, after: u64) -> Vec<Ask> {
        for view in self.views.values_mut() {
            let heard = topics.contain_all(&view.topics);
            if heard && view.heard_after.is_none() {
                view.heard_after = Some(after);
                view.holds = view.holds.filter(|holds| *holds >= after);
            } else if !heard {
                view.heard_after = None;
            }
        }
        if !self.heard.contain_all(topics) {
            self.heard_since = after;
        }
        self.heard = topics.clone();
        self.fetch()
    }

    /// Those that wait for an answer though their topics are heard.
    fn fetch(&self) -> Vec<Ask> {
        let waiting: Vec<ViewId> =
            self.views.iter().filter(|(_, view)| view.holds.is_none() && view.heard_after.is_some()).map(|(id, _)| *id).collect();
        if waiting.is_empty() { Vec::new() } else { vec![Ask::Fetch(waiting)] }
    }

    fn advance(&mut self, position: Position) {
        if let Some(cursor) = self.cursor.as_mut().filter(|cursor| cursor.seq < position.seq) {
            *cursor = position;
        }
    }
}
