//! One task: what it is, who reports it, how far it is, and what came of it.

use super::readable::readable;
use crate::{
    app::{
        components::{Glyph, Icon, Note, Progress, TaskStateBadge, Time},
        format,
        rate::pace,
    },
    realtime::progress::{TaskMessage, Transfer},
};
use leptos::prelude::*;

/// A task. Each part of it changes only when that part does: what was opened stays open while the bar moves.
#[component]
pub fn OneTask(
    /// How it stands.
    told: ArcRwSignal<TaskMessage>,
) -> impl IntoView {
    let told = RwSignal::from(told);
    let part = move |read: fn(&TaskMessage) -> Option<String>| Memo::new(move |_| told.with(read));
    let name = Memo::new(move |_| told.with(name));
    let page = part(|task| task.aip_uuid.map(|aip| format!("/storage/aips/{aip}")));
    let message = part(|task| task.message.clone());
    let result = part(|task| task.result.as_ref().map(readable).filter(|text| !text.is_empty()));
    let transfer = Memo::new(move |_| told.with(bytes));
    let source = Memo::new(move |_| told.with(|task| task.source.clone()));
    let state = Memo::new(move |_| told.with(|task| task.state));
    // Own work counts bytes, others say a percentage.
    let far = Memo::new(move |_| told.with(|task| bytes(task).map_or((u64::from(task.progress), 100), |bytes| (bytes.done, bytes.total))));
    view! {
        <li class="report">
            <div class="report__head">
                <h3 class="report__name">
                    {move || match page.get() {
                        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
                        None => view! { <span>{name}</span> }.into_any(),
                    }}
                </h3>
                <TaskStateBadge state />
                <span class="quiet">
                    {move || source.get().map_or_else(|| "work of this service".to_owned(), |source| format!("reported by {source}"))}
                </span>
            </div>
            <Progress done=Signal::derive(move || far.get().0) whole=Signal::derive(move || far.get().1) label=name />
            {move || {
                transfer.get().map(|bytes| view! { <p class="how-far__pace">{pace(bytes.done, bytes.total, bytes.per_second)}</p> })
            }}
            {move || message.get().map(|text| view! { <p class="note">{text}</p> })}
            <Stalled told />
            {move || {
                result.get().map(|text| view! { <div class="report__result"><span class="report__label">"Result"</span><Note text /></div> })
            }}
            <Times told />
        </li>
    }
}

/// The bytes of own work while they move: it may end between two looks at them, and is not as far as the last one says then.
fn bytes(task: &TaskMessage) -> Option<Transfer> {
    task.transfer.filter(|_| !task.state.is_final())
}

/// What people call it, else what it is known by.
fn name(task: &TaskMessage) -> String {
    task.name.clone().unwrap_or_else(|| task.task_id.to_string())
}

/// That nothing was heard of it for long, though it has not ended.
#[component]
fn Stalled(told: RwSignal<TaskMessage>) -> impl IntoView {
    let stalled = Memo::new(move |_| told.with(|task| task.stalled && !task.state.is_final()));
    view! {
        <Show when=move || stalled.get()>
            <p class="banner banner--waiting">
                <Icon glyph=Glyph::Warning />
                <span>"Stalled: nothing was heard of it for a long time, though it has not ended. Ask whoever runs it whether it is still at work."</span>
            </p>
        </Show>
    }
}

/// When it began, and when it ended or was last heard of.
#[component]
fn Times(told: RwSignal<TaskMessage>) -> impl IntoView {
    let started = Memo::new(move |_| told.with(|task| task.started_at));
    let finished = Memo::new(move |_| told.with(|task| task.finished_at));
    let heard = Memo::new(move |_| told.with(|task| task.timestamp));
    let took =
        move || started.get().zip(finished.get()).map(|(from, to)| view! { <span>{format!("Took {}", format::between(from, to))}</span> });
    view! {
        <p class="report__times">
            {move || started.get().map(|at| view! { <span>"Started "<Time at /></span> })}
            <span>
                {move || if finished.get().is_some() { "Ended " } else { "Last heard of " }} <Time at=Signal::derive(move || finished.get().unwrap_or_else(|| heard.get())) />
            </span>
            {took}
        </p>
    }
}
