//! What happens to the AIP on screen: how far its tasks are, which events do not tell, and a message when work on it has ended.

use crate::{
    app::{
        monitor::Dispatcher,
        sentences::work_name,
        stores::{Stores, aips::AipDetailStoreFields},
    },
    domain::{StorageEvent, TaskProgress, TaskStatus, Workflow, WorkflowStatus},
    realtime::progress::TaskMessage,
};
use leptos::prelude::*;
use uuid::Uuid;

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

    // While a task is at work the messages about it are heard as well; no event tells how far it is.
    let at_work = |workflow: &Workflow| workflow.tasks.iter().any(|task| task.status == TaskStatus::InProgress);
    let working = Memo::new(move |_| stores.aips.detail.workflows().with(|workflows| workflows.iter().any(at_work)));
    Effect::new(move |_| {
        if working.get() {
            let hearing = dispatcher.hear(move |message: TaskMessage| {
                if let (Some(of), Some(transfer), Ok(task)) = (message.aip_uuid, message.transfer, message.task_id.as_str().parse())
                    && of == uuid
                {
                    stores.aips.put_progress(task, TaskProgress { done: transfer.done, total: transfer.total });
                }
            });
            on_cleanup(move || drop(hearing));
        }
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
