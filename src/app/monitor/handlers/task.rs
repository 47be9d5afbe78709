//! A step of a workflow began or went on.

use crate::{app::monitor::dispatch::Occurrence, domain::Task, realtime::resource_change::ResourceType};

/// A step began.
pub fn created(to: Occurrence, item: &Task) {
    put(to, item);
}

/// A step went on, or ended.
pub fn updated(to: Occurrence, item: &Task) {
    put(to, item);
}

/// A task names its workflow only. One whose workflow is not on screen is of an AIP that is not on screen either, because a
/// workflow's own event comes first.
fn put(to: Occurrence, item: &Task) {
    to.stores.aips.put_task(item);
    if !to.again {
        to.stores.refreshes.resource_changed(ResourceType::Task);
    }
}
