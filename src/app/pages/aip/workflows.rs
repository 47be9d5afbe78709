//! What is and was done to an AIP, newest first, each with its steps.

use super::progress::HowFar;
use crate::{
    app::{
        components::{EmptyState, Note, TaskBadge, Time, WorkflowBadge},
        format,
        stores::{Stores, aips::AipDetailStoreFields},
    },
    domain::{Task, Timestamp, Workflow, WorkflowStatus, WorkflowType},
};
use leptos::prelude::*;
use reactive_stores::Field;

fn title(workflow: &Workflow) -> &'static str {
    match workflow.kind {
        WorkflowType::UploadAip => "Deposit",
        WorkflowType::MoveAip => "Move to another location",
        WorkflowType::DeleteAip => "Deletion",
        WorkflowType::Unspecified if workflow.is_fixity_check() => "Fixity check",
        WorkflowType::Unspecified => "Workflow",
    }
}

/// All workflows of the AIP on screen.
#[component]
pub fn Workflows() -> impl IntoView {
    let detail = Stores::here().aips.detail;
    let is_empty = Memo::new(move |_| detail.workflows().with(Vec::is_empty));
    view! {
        <section class="section" aria-labelledby="workflows">
            <h2 id="workflows">"Workflows"</h2>
            <Show when=move || is_empty.get()>
                <EmptyState title="Nothing was done to this AIP yet">"Deposits, moves, checks and deletions appear here, each with its steps."</EmptyState>
            </Show>
            <ol class="workflows">
                <For each=move || detail.workflows() key=|workflow| workflow.read_untracked().uuid children=move |workflow| view! { <OneWorkflow workflow /> } />
            </ol>
        </section>
    }
}

#[component]
fn OneWorkflow(#[prop(into)] workflow: Field<Workflow>) -> impl IntoView {
    let initial = workflow.get_untracked();
    let workflow = Memo::new(move |before: Option<&Workflow>| workflow.try_get().unwrap_or_else(|| before.unwrap_or(&initial).clone()));
    let tasks = Memo::new(move |_| workflow.with(|workflow| workflow.tasks.clone()));
    let state = move || {
        workflow.with(|workflow| match workflow.status {
            _ if workflow.completed_at.is_some() => None,
            WorkflowStatus::Pending => Some(", awaits a decision"),
            _ => Some(", at work"),
        })
    };
    // What is at work is shown in full; what is over is one line until it is opened.
    let open = workflow.with_untracked(|workflow| workflow.completed_at.is_none());
    view! {
        <li class="workflow">
            <div class="workflow__head">
                <h3>{move || workflow.with(title)}</h3>
                <WorkflowBadge status=Signal::derive(move || workflow.with(|workflow| workflow.status)) />
                <Span start=Signal::derive(move || workflow.with(|workflow| workflow.started_at)) end=Signal::derive(move || workflow.with(|workflow| workflow.completed_at)) />
            </div>
            <details class="workflow__tasks" open=open>
                <summary>{move || format::plural(tasks.with(Vec::len) as u64, "task", "tasks")}{state}</summary>
                <ol class="tasks">
                    <ForEnumerate
                        each=move || tasks.get()
                        key=|task| task.uuid
                        children=move |at, task| {
                            let uuid = task.uuid;
                            let task = Memo::new(move |before: Option<&Task>| {
                                tasks.with(|tasks| tasks.iter().find(|task| task.uuid == uuid).cloned()).unwrap_or_else(|| before.unwrap_or(&task).clone())
                            });
                            view! { <OneTask number=at task /> }
                        }
                    />
                </ol>
            </details>
        </li>
    }
}

#[component]
fn OneTask(#[prop(into)] number: Signal<usize>, task: Memo<Task>) -> impl IntoView {
    // By itself: a long note that was opened stays so while the progress beside it changes.
    let task_note = Memo::new(move |_| task.with(|task| task.note.clone()));
    view! {
        <li class="task">
            <span class="task__number" aria-hidden="true">{move || number.get() + 1}</span>
            <div class="task__body">
                <div class="task__head">
                    <h4>{move || task.with(|task| task.name.clone())}</h4>
                    <TaskBadge status=Signal::derive(move || task.with(|task| task.status)) />
                    <Span start=Signal::derive(move || task.with(|task| task.started_at)) end=Signal::derive(move || task.with(|task| task.completed_at)) />
                </div>
                {move || task_note.get().map(|text| view! { <Note text /> })}
                <HowFar task />
            </div>
        </li>
    }
}

/// When something began and how long it took, as far as that is known.
#[component]
fn Span(start: Signal<Option<Timestamp>>, end: Signal<Option<Timestamp>>) -> impl IntoView {
    // The time stands last: it grows by its zone when the page comes alive, and nothing may shift.
    move || {
        let start = start.get()?;
        let took = end.get().map(|end| format!("took {}, ", format::between(start, end)));
        Some(view! { <span class="span">{took}<Time at=start /></span> })
    }
}
