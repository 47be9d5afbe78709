//! Messages of topics: what is told while somebody looks, and kept nowhere (`realtime.md` section 4). The newest one counts.
//!
//! Events are the log's and change the stores whoever looks; a message concerns only the page that asks for it. So each type has the
//! topic that it is told under, and whoever [hears](Dispatcher::hear) it asks for that topic, as long as the guard is kept: the tab
//! that leads tells the server so, a tab that follows tells the tab that leads, which relays what comes.

use super::{Dispatcher, Subscription};
use crate::{
    app::stores::Touched,
    realtime::{
        metrics::MetricsMessage,
        progress::TaskMessage,
        topic::{Topic, Topics},
    },
};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A type of message.
pub trait Message: DeserializeOwned {
    /// Its `type`.
    const KIND: &'static str;
    /// What it is told under.
    const TOPIC: Topic;
}

impl Message for TaskMessage {
    const KIND: &'static str = "task.progress";
    const TOPIC: Topic = Topic::Tasks;
}

impl Message for MetricsMessage {
    const KIND: &'static str = "metrics";
    const TOPIC: Topic = Topic::Metrics;
}

/// Types that come though nobody here hears them: another tab may, or an event tells the same.
const KNOWN: [&str; 3] = [TaskMessage::KIND, MetricsMessage::KIND, "resource_change"];

/// Somebody who hears messages. Each reads them by itself, so that what reads a type is in the file of the pages that hear it.
#[derive(Clone)]
pub(super) struct Hearer {
    kind: &'static str,
    topic: Topic,
    /// False when it cannot be read.
    take: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

impl Dispatcher {
    /// Calls `listener` for every message of its type, and asks for the topic of the type, until the guard is dropped.
    #[must_use = "dropping the guard ends the subscription"]
    pub fn hear<M: Message>(&self, listener: impl Fn(M) + Send + Sync + 'static) -> Subscription {
        let take = move |text: &str| serde_json::from_str(text).map(&listener).is_ok();
        let id = self.next_id();
        self.hearers.update_value(|all| {
            all.insert(id, Hearer { kind: M::KIND, topic: M::TOPIC, take: Arc::new(take) });
        });
        self.bell.notify();
        Subscription { id, dispatcher: *self }
    }

    /// A message came. One of a type that is not known here, or that cannot be read, is of a newer server: it is counted.
    pub(super) fn message(&self, kind: &str, text: &str) {
        let hearers: Vec<Hearer> = self.hearers.with_value(|all| all.values().filter(|hearer| hearer.kind == kind).cloned().collect());
        if hearers.iter().any(|hearer| !(hearer.take)(text)) || !KNOWN.contains(&kind) {
            self.count_unknown();
        }
    }

    /// Whoever had this guard hears nothing any more.
    pub(super) fn unhear(&self, id: u64) {
        if self.hearers.try_update_value(|all| all.remove(&id)).flatten().is_some() {
            self.bell.notify();
        }
    }

    /// What the page needs to hear of: its queries, and whoever hears messages. What there is no room for is left out.
    #[must_use]
    pub fn wanted(&self) -> Topics {
        let mut wanted = self.with(|replica| replica.wanted());
        for topic in self.hearers.with_value(|all| all.values().map(|hearer| hearer.topic).collect::<Vec<_>>()) {
            let _too_many = wanted.add(&topic.into());
        }
        wanted
    }

    /// The connection carries these topics from now on. What was told under a new one before is not told again, so it is asked for.
    pub fn carries(&self, topics: &Topics) {
        let linked = self.stores.connection.linked;
        if linked.get_untracked() && self.carried.with_value(|carried| carried == topics) {
            return;
        }
        let before = self.carried.try_update_value(|carried| std::mem::replace(carried, topics.clone())).unwrap_or_default();
        if topics.contains(Topic::Tasks) && !before.contains(Topic::Tasks) {
            self.stores.refreshes.changed(Touched::Tasks);
        }
        if !linked.get_untracked() {
            linked.set(true);
        }
    }

    /// The connection is gone, and carries nothing.
    pub fn carries_nothing(&self) {
        self.carried.set_value(Topics::none());
        self.stores.connection.linked.set(false);
    }
}
