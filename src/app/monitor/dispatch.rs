//! Gives each event variant to its typed handler, once, in order, and then to whoever else listens.

use super::handlers::{aip, location, task, workflow};
use crate::{
    api::{EventFrame, EventRecord},
    app::{browser, stores::Stores},
    domain::StorageEvent,
    realtime::{
        Position,
        ring::{Read, Ring},
    },
};
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

/// Events kept to be applied again to answers that are older than they are.
const KEPT: usize = 512;

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

/// The dispatcher: one per page.
#[derive(Debug, Clone, Copy)]
pub struct Dispatcher {
    stores: Stores,
    listeners: StoredValue<BTreeMap<u64, (Option<&'static str>, Listener)>>,
    next: StoredValue<u64>,
    recent: StoredValue<Ring<Arc<EventFrame>>>,
}

impl Dispatcher {
    /// A dispatcher into these stores.
    #[must_use]
    pub fn new(stores: Stores) -> Self {
        Self {
            stores,
            listeners: StoredValue::new(BTreeMap::new()),
            next: StoredValue::new(0),
            recent: StoredValue::new(Ring::new(KEPT, 0)),
        }
    }

    /// A new connection begins: places in the log are counted from what it sends first.
    pub fn begin(&self) {
        self.recent.set_value(Ring::new(KEPT, 0));
    }

    /// Takes a frame as it came. One that cannot be read is of a newer server: it is counted, and nothing else.
    pub fn receive(&self, text: &str) {
        match serde_json::from_str::<EventFrame>(text) {
            Ok(EventFrame { value: StorageEvent::Ping { .. }, .. }) => {}
            Ok(frame) => self.dispatch(frame),
            Err(_) => self.stores.connection.note(|seen| seen.unknown += 1),
        }
    }

    /// Applies an event, unless it was applied before.
    pub fn dispatch(&self, frame: EventFrame) {
        let frame = Arc::new(frame);
        if let Some(seq) = frame.seq {
            if seq <= self.recent.with_value(Ring::last) {
                return;
            }
            self.recent.update_value(|recent| recent.push(seq, Arc::clone(&frame)));
        }
        self.stores.connection.note(|seen| {
            seen.events += 1;
            seen.last_event = Some((frame.value.kind(), browser::wall_clock()));
        });
        self.apply(&frame, false);
        let listeners: Vec<Listener> = self.listeners.with_value(|all| {
            let wanted = |kind: Option<&str>| kind.is_none_or(|kind| kind == frame.value.kind());
            all.values().filter(|(kind, _)| wanted(*kind)).map(|(_, listener)| Arc::clone(listener)).collect()
        });
        for listener in listeners {
            listener(&frame);
        }
    }

    /// An answer that came with this position was put into a store: events that are newer than it and were applied while it was on
    /// its way are applied again (`realtime.md` section 4). False when that cannot be done for want of them: then ask again.
    pub fn replay_after(&self, position: Position) -> bool {
        let recent = self.recent.with_value(|recent| {
            if position.seq >= recent.last() { Read::Entries(Vec::new()) } else { recent.read_after(position.seq, KEPT) }
        });
        let Read::Entries(frames) = recent else { return false };
        for frame in frames {
            self.apply(&frame, true);
        }
        true
    }

    /// Calls `listener` for every event of a type (of any, with `None`) until the guard is dropped.
    #[must_use = "dropping the guard ends the subscription"]
    pub fn listen(&self, kind: Option<&'static str>, listener: impl Fn(&EventFrame) + Send + Sync + 'static) -> Subscription {
        let id = self.next.with_value(|next| *next);
        self.next.set_value(id + 1);
        self.listeners.update_value(|all| {
            all.insert(id, (kind, Arc::new(listener)));
        });
        Subscription { id, dispatcher: *self }
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
        }
        self.record(frame);
    }

    /// The history of the AIP on screen grows by what concerns it.
    fn record(&self, frame: &EventFrame) {
        let aips = self.stores.aips;
        let (Some(seq), Some(at), Some(aip_uuid)) = (frame.seq, frame.at, self.aip_of(&frame.value)) else { return };
        if aips.is_current(aip_uuid) {
            let (value, version) = (frame.value.clone(), frame.version.unwrap_or_default());
            aips.push_event(EventRecord { seq, at, version, aip_uuid: Some(aip_uuid), name: aips.current_name(), value });
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
            | StorageEvent::LocationDeleted { .. } => None,
        }
    }
}

/// A listener's place: it listens until this is dropped.
#[derive(Debug)]
pub struct Subscription {
    id: u64,
    dispatcher: Dispatcher,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let _ = self.dispatcher.listeners.try_update_value(|all| all.remove(&self.id));
    }
}

#[cfg(test)]
mod tests;
