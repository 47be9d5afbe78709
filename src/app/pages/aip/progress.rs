//! How far a task is: bytes of bytes, the rate, and the time left.

use crate::{
    app::{
        browser,
        components::Progress,
        rate::{Rate, pace},
    },
    domain::{Task, TaskProgress, TaskStatus},
};
use leptos::prelude::*;

/// The progress of a task; absent where none is known, as for one that is over.
#[component]
pub fn HowFar(
    /// The task.
    task: Memo<Task>,
) -> impl IntoView {
    let progress = Memo::new(move |_| task.with(|task| task.progress.filter(|_| task.status == TaskStatus::InProgress)));
    let known = Memo::new(move |_| progress.with(Option::is_some));
    let now = move || progress.get().unwrap_or(TaskProgress { done: 0, total: 0 });
    let per_second = RwSignal::new(None);
    let rate = StoredValue::new(Rate::default());
    Effect::new(move |_| {
        if let Some(TaskProgress { done, .. }) = progress.get() {
            rate.update_value(|rate| rate.sample(browser::monotonic(), done));
            per_second.set(rate.with_value(Rate::per_second));
        }
    });
    let label = Signal::derive(move || task.with(|task| task.name.clone()));
    view! {
        <Show when=move || known.get()>
            <div class="how-far">
                <Progress done=Signal::derive(move || now().done) whole=Signal::derive(move || now().total) label />
                <p class="how-far__pace">{move || pace(now().done, now().total, per_second.get())}</p>
            </div>
        </Show>
    }
}
