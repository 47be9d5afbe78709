//! What happens to the AIP on screen: how far its tasks are, which events do not tell, and a message when work on it has ended.

use crate::{
    api::client,
    app::{
        browser,
        monitor::Dispatcher,
        sentences::work_name,
        stores::{Stores, aips::AipDetailStoreFields},
    },
    domain::{StorageEvent, TaskStatus, Workflow, WorkflowStatus},
};
use leptos::{prelude::*, task::spawn_local};
use uuid::Uuid;

/// Between two looks at how far tasks are, in milliseconds.
const EVERY: u64 = 1_000;

/// Follows the AIP until the calling component goes.
pub fn follow(uuid: Uuid) {
    let stores = Stores::here();
    let dispatcher: Dispatcher = expect_context();
    // In an effect, so that it happens in the browser only.
    Effect::new(move |_| {
        let listening = dispatcher.listen(Some("aip_workflow_updated_event"), move |frame| {
            if let StorageEvent::AipWorkflowUpdated { item, .. } = &frame.value
                && item.aip_uuid == uuid
            {
                tell(stores, item);
            }
        });
        on_cleanup(move || drop(listening));
    });

    let at_work = |workflow: &Workflow| workflow.tasks.iter().any(|task| task.status == TaskStatus::InProgress);
    let working = Memo::new(move |_| stores.aips.detail.workflows().with(|workflows| workflows.iter().any(at_work)));
    let waits = StoredValue::new(false);
    Effect::new(move |_| {
        if working.get() {
            look_again(uuid, stores, working, waits);
        }
    });
}

/// Looks once a second as long as a task is at work, one look at a time, and only for a page that can be seen.
fn look_again(uuid: Uuid, stores: Stores, working: Memo<bool>, waits: StoredValue<bool>) {
    if waits.try_get_value() != Some(false) {
        return;
    }
    waits.set_value(true);
    browser::after(EVERY, move || {
        spawn_local(async move {
            let goes_on = move || working.try_get_untracked() == Some(true);
            if goes_on()
                && browser::visible()
                && let Ok(answer) = client::workflows(uuid).await
            {
                stores.aips.show_workflows(uuid, answer.data);
            }
            waits.try_set_value(false);
            if goes_on() {
                look_again(uuid, stores, working, waits);
            }
        });
    });
}

/// Says how work on the AIP ended.
fn tell(stores: Stores, workflow: &Workflow) {
    let Some(name) = stores.aips.current_name() else { return };
    let what = work_name(workflow);
    match workflow.status {
        WorkflowStatus::Done => stores.toasts.done(format!("{what} of {name}: done.")),
        WorkflowStatus::Canceled => stores.toasts.done(format!("{what} of {name}: not done, as was decided. It stays as it is.")),
        WorkflowStatus::Error if workflow.is_fixity_check() => {
            stores.toasts.failed(format!("{what} of {name}: its bytes are not known to be unchanged. What was found stands under Fixity."));
        }
        WorkflowStatus::Error => stores.toasts.failed(format!("{what} of {name}: failed. Its tasks on this page tell what happened.")),
        WorkflowStatus::InProgress | WorkflowStatus::Queued | WorkflowStatus::Pending | WorkflowStatus::Unspecified => {}
    }
}
