//! Gives each event variant to its typed handler, once, in order, and then to whoever else listens.
//!
//! What counts as "once, in order" is decided by [`Replica`]: every query on screen is a view of its own, whose answer is joined with the
//! events above the answer's position (`realtime.md` section 4).

mod connected;

use super::{
    handlers::{aip, announcement, location, task, workflow},
    messages::Hearer,
};
use crate::{
    api::{EventFrame, EventRecord},
    app::{browser, stores::Stores},
    domain::StorageEvent,
    realtime::{
        Position,
        client::replica::{Ask, Join, KEPT, Receipt, Replica, Round, ViewId},
        protocol::{EventParts, Received, ResyncReason, ServerFrame},
        topic::Topics,
    },
};
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

type Listener = Arc<dyn Fn(&EventFrame) + Send + Sync>;

/// An event on its way to a handler.
#[derive(Debug, Clone, Copy)]
pub struct Occurrence {
    /// The stores that it changes.
    pub stores: Stores,
    /// The version of the resource after the change.
    pub version: Option<u64>,
    /// Its place in the log.
    pub seq: Option<u64>,
    /// It was applied before, and is applied again to an answer that is older than it: patches only, nothing is counted or
    /// fetched because of it.
    pub again: bool,
}

/// An event of a kind that is not known here has its place, and nothing else.
pub type Kept = Option<Arc<EventFrame>>;

/// The dispatcher: one per page.
#[derive(Debug, Clone, Copy)]
pub struct Dispatcher {
    pub(super) stores: Stores,
    listeners: StoredValue<BTreeMap<u64, (Option<&'static str>, Listener)>>,
    /// Those who listen to messages, and what the connection carries of them.
    pub(super) hearers: StoredValue<BTreeMap<u64, Hearer>>,
    pub(super) carried: StoredValue<Topics>,
    next: StoredValue<u64>,
    replica: StoredValue<Replica<Kept>>,
    /// Came, and is not in the stores yet.
    pending: StoredValue<Vec<Arc<EventFrame>>>,
    /// The stores took something since the page was drawn.
    told: StoredValue<bool>,
    /// What the connection is to ask for, and the bell that says so. It rings as well when a view was answered.
    asks: StoredValue<Vec<Ask>>,
    pub(super) bell: Trigger,
}

impl Dispatcher {
    /// A dispatcher into these stores.
    #[must_use]
    pub fn new(stores: Stores) -> Self {
        Self {
            stores,
            listeners: StoredValue::new(BTreeMap::new()),
            hearers: StoredValue::new(BTreeMap::new()),
            carried: StoredValue::new(Topics::none()),
            next: StoredValue::new(0),
            replica: StoredValue::new(Replica::default()),
            pending: StoredValue::new(Vec::new()),
            told: StoredValue::new(false),
            asks: StoredValue::new(Vec::new()),
            bell: Trigger::new(),
        }
    }

    /// Takes a frame as it came, and hands control frames back: they are for whoever keeps the connection. What cannot be read is of a
    /// newer server: it is counted, and nothing else.
    #[must_use]
    pub fn receive(&self, text: &str) -> Option<ServerFrame> {
        match Received::read(text) {
            Ok(Received::Control(frame)) => return Some(frame),
            Ok(Received::Event(parts)) => self.event(parts),
            Ok(Received::Message { kind }) => self.message(&kind, text),
            Err(_) => self.count_unknown(),
        }
        None
    }

    fn event(&self, EventParts { seq, tag, version, at, person, value }: EventParts<'_>) {
        let Some(seq) = seq else { return };
        let frame =
            serde_json::from_str(value.get()).ok().map(|value| Arc::new(EventFrame { seq: Some(seq), tag, version, at, person, value }));
        if frame.is_none() {
            self.count_unknown();
        }
        let receipt = self.replica.try_update_value(|replica| replica.event(seq, tag, frame.clone()));
        if let (Some(Receipt::Fresh(_)), Some(frame)) = (receipt, frame) {
            self.put_off(frame);
        }
    }

    /// However many events come, what shows the stores is told once a frame: of the first at once, of those that follow before the page
    /// is drawn the next time. A page that nobody sees has no frames.
    fn put_off(&self, frame: Arc<EventFrame>) {
        let count = self.pending.try_update_value(|pending| {
            pending.push(frame);
            pending.len()
        });
        if !browser::visible() || count.is_none_or(|count| count >= KEPT) {
            self.flush();
        } else if !self.told.get_value() {
            self.told.set_value(true);
            self.flush();
            self.await_frame();
        }
    }

    fn await_frame(&self) {
        let this = *self;
        browser::on_frame(move || {
            if this.pending.with_value(Vec::is_empty) {
                this.told.set_value(false);
            } else {
                this.flush();
                this.await_frame();
            }
        });
    }

    /// Puts what came into the stores, now: nothing that has to be right waits for a frame.
    pub fn flush(&self) {
        for frame in self.pending.try_update_value(std::mem::take).unwrap_or_default() {
            self.dispatch(&frame);
        }
    }

    pub(super) fn count_unknown(&self) {
        self.stores.connection.note(|seen| seen.unknown += 1);
    }

    fn dispatch(&self, frame: &EventFrame) {
        self.stores.connection.note(|seen| {
            seen.events += 1;
            seen.last_event = Some((frame.value.kind(), browser::wall_clock()));
        });
        // Every store guards itself by versions, so an event may be applied to a view that waits for its answer as well.
        self.apply(frame, false);
        let listeners: Vec<Listener> = self.listeners.with_value(|all| {
            let wanted = |kind: Option<&str>| kind.is_none_or(|kind| kind == frame.value.kind());
            all.values().filter(|(kind, _)| wanted(*kind)).map(|(_, listener)| Arc::clone(listener)).collect()
        });
        for listener in listeners {
            listener(frame);
        }
    }

    /// A query appears on screen, not answered yet. It needs to hear of these topics.
    pub fn open(&self, view: ViewId, topics: Topics) {
        self.replica.update_value(|replica| replica.open(view, topics));
        self.bell.notify();
    }

    /// A query is gone from the screen, or there is nothing that answers it.
    pub fn close(&self, view: ViewId) {
        self.replica.try_update_value(|replica| replica.close(view));
        self.bell.notify();
    }

    /// To be taken before a query is sent, and given back with its answer.
    #[must_use]
    pub fn round(&self) -> Round {
        self.replica.with_value(Replica::round)
    }

    /// The answer to a view's query was put into its store: events that are newer than it and came while it was on its way are applied
    /// again. False when that cannot be done: then ask again.
    #[must_use]
    pub fn answered(&self, view: ViewId, round: Round, position: Position) -> bool {
        let Some(join) = self.replica.try_update_value(|replica| replica.answered(view, round, position)) else { return true };
        match join {
            Join::Apply(events) => {
                for frame in events.iter().flatten() {
                    self.apply(frame, true);
                }
            }
            Join::Again => return false,
            Join::OtherLog => self.ask(self.with(|replica| replica.ask_resync(ResyncReason::Epoch))),
        }
        self.bell.notify();
        true
    }

    /// Reads or changes the replica.
    pub(in crate::app::monitor) fn with<T: Default>(&self, change: impl FnOnce(&mut Replica<Kept>) -> T) -> T {
        self.replica.try_update_value(change).unwrap_or_default()
    }

    fn ask(&self, asks: Vec<Ask>) {
        self.asks.update_value(|waiting| waiting.extend(asks));
        self.bell.notify();
    }

    /// Calls `listener` for every event of a type (of any, with `None`) until the guard is dropped.
    #[must_use = "dropping the guard ends the subscription"]
    pub fn listen(&self, kind: Option<&'static str>, listener: impl Fn(&EventFrame) + Send + Sync + 'static) -> Subscription {
        let id = self.next_id();
        self.listeners.update_value(|all| {
            all.insert(id, (kind, Arc::new(listener)));
        });
        Subscription { id, dispatcher: *self }
    }

    pub(super) fn next_id(&self) -> u64 {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        id
    }

    fn apply(&self, frame: &EventFrame, again: bool) {
        let to = Occurrence { stores: self.stores, version: frame.version, seq: frame.seq, again };
        match &frame.value {
            StorageEvent::Ping { .. } => {}
            StorageEvent::LocationCreated { item, .. } => location::created(to, item),
            StorageEvent::LocationUpdated { item, .. } => location::updated(to, item),
            StorageEvent::LocationDeleted { uuid } => location::deleted(to, *uuid),
            StorageEvent::AipCreated { item, .. } => aip::created(to, item),
            StorageEvent::AipUpdated { item, .. } => aip::updated(to, item),
            StorageEvent::AipStatusUpdated { uuid, status } => aip::status_updated(to, *uuid, *status),
            StorageEvent::AipLocationUpdated { uuid, location_uuid } => aip::location_updated(to, *uuid, *location_uuid),
            StorageEvent::AipWorkflowCreated { item, .. } => workflow::created(to, item),
            StorageEvent::AipWorkflowUpdated { item, .. } => workflow::updated(to, item),
            StorageEvent::AipTaskCreated { item, .. } => task::created(to, item),
            StorageEvent::AipTaskUpdated { item, .. } => task::updated(to, item),
            StorageEvent::Announced { item, .. } => announcement::announced(to, item),
        }
        self.record(frame);
    }

    /// The history of the AIP on screen grows by what concerns it.
    fn record(&self, frame: &EventFrame) {
        let aips = self.stores.aips;
        let (Some(seq), Some(at), Some(aip_uuid)) = (frame.seq, frame.at, self.aip_of(&frame.value)) else { return };
        if aips.is_current(aip_uuid) {
            let EventFrame { value, person, version, .. } = frame.clone();
            let (version, name) = (version.unwrap_or_default(), aips.current_name());
            aips.push_event(EventRecord { seq, at, version, aip_uuid: Some(aip_uuid), name, person, value });
        }
    }

    fn aip_of(&self, event: &StorageEvent) -> Option<Uuid> {
        match event {
            StorageEvent::AipCreated { uuid, .. }
            | StorageEvent::AipUpdated { uuid, .. }
            | StorageEvent::AipStatusUpdated { uuid, .. }
            | StorageEvent::AipLocationUpdated { uuid, .. } => Some(*uuid),
            StorageEvent::AipWorkflowCreated { item, .. } | StorageEvent::AipWorkflowUpdated { item, .. } => Some(item.aip_uuid),
            StorageEvent::AipTaskCreated { item, .. } | StorageEvent::AipTaskUpdated { item, .. } => {
                self.stores.aips.aip_of_workflow(item.workflow_uuid)
            }
            StorageEvent::Ping { .. }
            | StorageEvent::LocationCreated { .. }
            | StorageEvent::LocationUpdated { .. }
            | StorageEvent::LocationDeleted { .. }
            | StorageEvent::Announced { .. } => None,
        }
    }
}

/// The place of a listener to events or messages: it listens until this is dropped.
#[derive(Debug)]
pub struct Subscription {
    pub(super) id: u64,
    pub(super) dispatcher: Dispatcher,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let _ = self.dispatcher.listeners.try_update_value(|all| all.remove(&self.id));
        self.dispatcher.unhear(self.id);
    }
}

#[cfg(test)]
mod tests;
