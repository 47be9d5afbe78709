//! AIPs came to be or changed.

use crate::{
    app::monitor::dispatch::Occurrence,
    domain::{Aip, AipStatus},
    realtime::resource_change::ResourceType,
};
use uuid::Uuid;

/// An AIP was recorded: the first page of a list is fetched again to learn its place; later pages offer it instead of moving.
pub fn created(to: Occurrence, item: &Aip) {
    patch(to, item.uuid, |aip| item.clone_into(aip));
    if !to.again {
        to.stores.aips.note_arrival(item);
    }
    touch(to);
}

/// Several fields of an AIP changed.
pub fn updated(to: Occurrence, item: &Aip) {
    patch(to, item.uuid, |aip| item.clone_into(aip));
    touch(to);
}

/// An AIP stands elsewhere now.
pub fn status_updated(to: Occurrence, uuid: Uuid, status: AipStatus) {
    patch(to, uuid, |aip| aip.status = status);
    touch(to);
}

/// An AIP is kept elsewhere now.
pub fn location_updated(to: Occurrence, uuid: Uuid, location_uuid: Uuid) {
    patch(to, uuid, |aip| aip.location_uuid = Some(location_uuid));
    touch(to);
}

fn patch(to: Occurrence, uuid: Uuid, change: impl Fn(&mut Aip)) {
    if to.stores.aips.patch(uuid, to.version, change) && !to.again {
        to.stores.connection.note(|seen| seen.unannounced += 1);
    }
}

fn touch(to: Occurrence) {
    if !to.again {
        to.stores.refreshes.resource_changed(ResourceType::Aip);
    }
}
