//! Locations came to be, changed or went.

use crate::{app::monitor::dispatch::Occurrence, domain::Location, realtime::resource_change::ResourceType};
use uuid::Uuid;

/// A location was recorded.
pub fn created(to: Occurrence, item: &Location) {
    put(to, item);
}

/// A location's name or description changed; every AIP that names it shows the new name.
pub fn updated(to: Occurrence, item: &Location) {
    put(to, item);
}

/// An empty location was removed.
pub fn deleted(to: Occurrence, uuid: Uuid) {
    to.stores.locations.remove(uuid, to.seq.unwrap_or(u64::MAX));
    touch(to);
}

fn put(to: Occurrence, item: &Location) {
    to.stores.locations.put(item.clone(), false);
    touch(to);
}

fn touch(to: Occurrence) {
    if !to.again {
        to.stores.refreshes.resource_changed(ResourceType::Location);
    }
}
