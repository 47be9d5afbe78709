//! How tasks get on, ours and those of other systems: what runs, then what ended lately.

mod readable;
mod row;

use crate::{
    api::client,
    app::{
        browser,
        components::EmptyState,
        monitor::Dispatcher,
        stores::{Loaded, Permitted, Refreshes, Stores, Touched, WithUser, page_data},
    },
    domain::attribute,
    realtime::{progress::TaskMessage, refresh::FRESH, topic::Topic},
};
use leptos::prelude::*;
use leptos_meta::Title;
use row::OneTask;

/// The page.
#[component]
pub fn TasksPage() -> impl IntoView {
    view! {
        <Title text="Tasks" />
        <div class="page page--wide">
            <h1>"Tasks"</h1>
            <WithUser>
                <Permitted attribute=attribute::AIPS_WORKFLOWS_LIST>
                    <Known />
                </Permitted>
            </WithUser>
        </div>
    }
}

#[component]
fn Known() -> impl IntoView {
    let stores = Stores::here();
    let dispatcher: Dispatcher = expect_context();
    let data = page_data(
        &[Touched::Tasks],
        |()| Topic::Tasks.into(),
        || (),
        |()| client::tasks(),
        move |(), answer, _| stores.tasks.show(answer.data),
    );
    // That the service lets tasks go is told to nobody.
    Effect::new(move |_| every_now_and_then(stores.refreshes, StoredValue::new(())));
    // In an effect, so that it happens in the browser only; and once, whatever listening looks at.
    Effect::new(move |_| {
        let hearing = untrack(|| dispatcher.hear(move |message: TaskMessage| stores.tasks.hear(message)));
        on_cleanup(move || {
            drop(hearing);
            stores.tasks.hold(false);
        });
    });
    view! {
        <Loaded data>
            <Shown />
        </Loaded>
    }
}

/// Asks for all tasks now and then, as long as the page lives.
fn every_now_and_then(refreshes: Refreshes, page: StoredValue<()>) {
    browser::after(FRESH, move || {
        if !page.is_disposed() {
            refreshes.changed(Touched::Tasks);
            every_now_and_then(refreshes, page);
        }
    });
}

#[component]
fn Shown() -> impl IntoView {
    let tasks = Stores::here().tasks;
    let none = Memo::new(move |_| tasks.rows(false).is_empty() && tasks.rows(true).is_empty());
    let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
    Effect::new(move |_| tasks.hold(pointed.get() || focused.get()));
    view! {
        <Show
            when=move || !none.get()
            fallback=|| {
                view! {
                    <EmptyState title="No task was reported lately">
                        "Checks, moves and deletions of AIPs appear here while they run, and so does the work that other systems report. Those that ended stay for a while."
                    </EmptyState>
                }
            }
        >
            // While somebody is about to press something here, nothing moves away under the pointer or the focus.
            <div
                class="reports"
                on:mouseenter=move |_| pointed.set(true)
                on:mouseleave=move |_| pointed.set(false)
                on:focusin=move |_| focused.set(true)
                on:focusout=move |_| focused.set(false)
            >
                <Part id="running" title="Running" nothing="Nothing runs at the moment." ended=false />
                <Part id="recent" title="Ended lately" nothing="Nothing has ended lately." ended=true />
            </div>
        </Show>
    }
}

#[component]
fn Part(id: &'static str, title: &'static str, nothing: &'static str, ended: bool) -> impl IntoView {
    let tasks = Stores::here().tasks;
    let empty = Memo::new(move |_| tasks.rows(ended).is_empty());
    view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <Show when=move || empty.get()>
                <p class="quiet">{nothing}</p>
            </Show>
            <ol class="reports__list" hidden=move || empty.get()>
                <For each=move || tasks.rows(ended) key=|row| row.id.clone() children=|row| view! { <OneTask told=row.told /> } />
            </ol>
        </section>
    }
}
