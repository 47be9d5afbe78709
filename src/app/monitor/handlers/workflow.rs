//! Work on an AIP began or went on.

use crate::{
    app::{monitor::dispatch::Occurrence, stores::Touched},
    domain::{Workflow, WorkflowType},
    realtime::resource_change::ResourceType,
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
        to.stores.refreshes.resource_changed(ResourceType::Workflow);
        // What a check found and what was asked and decided is not in the event. Which AIP's page is being opened is not known here; only
        // such a page asks for them.
        if item.is_fixity_check() && item.completed_at.is_some() {
            to.stores.refreshes.changed(Touched::Fixity);
        }
        if item.kind == WorkflowType::DeleteAip {
            to.stores.refreshes.resource_changed(ResourceType::DeletionRequest);
        }
    }
}
