//! Work on an AIP began or went on.

use crate::{
    app::{monitor::dispatch::Occurrence, stores::Topic},
    domain::Workflow,
};

/// A workflow began.
pub fn created(to: Occurrence, item: &Workflow) {
    put(to, item);
}

/// A workflow went on, or ended.
pub fn updated(to: Occurrence, item: &Workflow) {
    put(to, item);
}

fn put(to: Occurrence, item: &Workflow) {
    to.stores.aips.put_workflow(item);
    if !to.again {
        to.stores.refreshes.changed(Topic::Overview);
    }
}
