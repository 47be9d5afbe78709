//! The log: what happened in the archive, newest first, in sentences with links.

mod query;

use crate::{
    api::{Problem, client},
    app::{
        browser,
        components::{EmptyState, Glyph, Icon, Time, follow_address, in_place},
        sentences::{Sentence, sentence},
        status,
        stores::{Loaded, Permitted, Stores, Touched, WithUser, page_data},
    },
    domain::{EventKind, Timestamp, attribute},
    realtime::topic::Topic,
};
use leptos::{html::Form, prelude::*, web_sys::SubmitEvent};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use query::ActivityQuery;

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    view! {
        <Title text="Activity" />
        <div class="page page--wide">
            <h1>"Activity"</h1>
            <WithUser>
                <Permitted attribute=attribute::AIPS_LIST>
                    <Read />
                </Permitted>
            </WithUser>
        </div>
    }
}

/// Reads the address.
#[component]
fn Read() -> impl IntoView {
    let location = use_location();
    // While another page is being opened the address is that one's already.
    let search = Memo::new(move |before: Option<&String>| match before {
        Some(before) if location.pathname.with(|path| path != "/activity") => before.clone(),
        _ => location.search.get(),
    });
    let parsed = Memo::new(move |_| ActivityQuery::parse(&search.get()));
    let understood = Memo::new(move |_| parsed.with(Result::is_ok));
    let query = Memo::new(move |before: Option<&ActivityQuery>| parsed.get().unwrap_or_else(|_| before.cloned().unwrap_or_default()));
    in_place(move || {
        if understood.get() {
            view! { <Understood query /> }.into_any()
        } else {
            view! { <WrongAddress wrong=parsed.get_untracked().err().unwrap_or_default() /> }.into_any()
        }
    })
}

#[component]
fn WrongAddress(wrong: Vec<String>) -> impl IntoView {
    status::of_problem(&Problem { status: 400, name: "not_valid".into(), message: String::new(), verdict: None });
    view! {
        <section class="panel panel--problem" role="alert">
            <h2 class="panel__title"><Icon glyph=Glyph::Alert />"This part of the log cannot be shown"</h2>
            <p>"The address asks for something that cannot be understood:"</p>
            <ul>{wrong.into_iter().map(|sentence| view! { <li>{sentence}</li> }).collect_view()}</ul>
            <p>"Nothing was lost or changed. Correct the address, or begin with everything."</p>
            <a class="button" href="/activity">"Show all activity"</a>
        </section>
    }
}

#[component]
fn Understood(query: Memo<ActivityQuery>) -> impl IntoView {
    let stores = Stores::here();
    let may_name = stores.user.may(attribute::LOCATIONS_LIST);
    let locations = page_data(
        &[],
        |()| Topic::Locations.into(),
        || (),
        move |()| may_name.then(client::locations),
        move |(), answer, _| stores.locations.show_known(answer),
    );
    let data = page_data(
        &[Touched::Activity],
        |_| Topic::Activity.into(),
        move || query.get().to_api(),
        |asked| client::events(&asked),
        move |_, answer, _| stores.activity.show(answer),
    );
    view! {
        <Loaded data=locations>
            <Filters query />
            <Loaded data=data.clone()>
                <Entries query />
            </Loaded>
        </Loaded>
    }
}

#[component]
fn Entries(query: Memo<ActivityQuery>) -> impl IntoView {
    let stores = Stores::here();
    let records = stores.activity.part(|records| records.items.clone());
    let older = stores.activity.part(|records| records.next_before);
    let place = move |before| query.with(|query| ActivityQuery { before, ..query.clone() }).href();
    let line = move |record: crate::api::EventRecord| {
        let (at, who) = (record.at, record.person.clone());
        view! {
            <li class="history__entry">
                <Time at />
                <span>
                    // A location that gets another name has it in every line.
                    {move || view! { <Sentence parts=sentence(&record, |uuid| stores.locations.place(uuid)) /> }}
                    {who.map(|who| view! { <span class="history__person">{format!(" by {who}")}</span> })}
                </span>
            </li>
        }
    };
    let is_empty = Memo::new(move |_| records.with(Vec::is_empty));
    view! {
        <Show
            when=move || !is_empty.get()
            fallback=move || {
                let words = if query.with(ActivityQuery::filters) { "Nothing in the log matches these filters" } else { "Nothing has happened yet" };
                view! { <EmptyState title=words><a class="button" href="/activity">"Show all activity"</a></EmptyState> }
            }
        >
            <ol class="history" aria-label="Activity, newest first">
                <For each=move || records.get() key=|record| (record.seq, record.name.clone()) children=line />
            </ol>
        </Show>
        <nav class="activity__pages" aria-label="Pages">
            <Show when=move || query.with(|query| query.before.is_some())>
                <a class="button" href=move || place(None)>"Newest"</a>
            </Show>
            <Show when=move || older.get().is_some()>
                <a class="button" href=move || place(older.get())>"Older"</a>
            </Show>
        </nav>
    }
}

const KINDS: [(EventKind, &str); 5] = [
    (EventKind::Aip, "AIPs"),
    (EventKind::Location, "Locations"),
    (EventKind::Workflow, "Workflows"),
    (EventKind::Task, "Steps of workflows"),
    (EventKind::Announcement, "Announcements"),
];

/// An ordinary form that works by itself, and that changes the address without loading the page anew once it can.
#[component]
fn Filters(query: Memo<ActivityQuery>) -> impl IntoView {
    let form = NodeRef::<Form>::new();
    follow_address(form, query);
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        let Some(search) = browser::typed(&event) else { return };
        event.prevent_default();
        let target = ActivityQuery::parse(&search).map_or_else(|_| format!("/activity?{search}"), |query| query.href());
        navigate(&target, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let field = |at: Option<Timestamp>| at.map(super::aips::query::field_value);
    view! {
        <form class="filters" method="get" action="/activity" role="search" aria-label="Filter the log" node_ref=form on:submit=submit>
            <label class="field">
                <span class="field__label">"What"</span>
                <select class="field__input" name="kind">
                    <option value="">"Everything"</option>
                    {KINDS
                        .map(|(kind, words)| {
                            view! {
                                <option value=kind.as_str() selected=move || query.with(|query| query.kind == Some(kind))>
                                    {words}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="field">
                <span class="field__label">"Person"</span>
                <input class="field__input" name="person" maxlength="200" autocomplete="off" value=move || query.get().person />
            </label>
            <label class="field field--grow">
                <span class="field__label">"AIP (UUID)"</span>
                <input class="field__input" name="aip" maxlength="36" autocomplete="off" value=move || query.get().aip.map(|aip| aip.to_string()) />
            </label>
            <label class="field">
                <span class="field__label">"From (UTC)"</span>
                <input class="field__input" type="datetime-local" step="any" name="from" value=move || field(query.get().from) />
            </label>
            <label class="field">
                <span class="field__label">"To (UTC)"</span>
                <input class="field__input" type="datetime-local" step="any" name="to" value=move || field(query.get().to) />
            </label>
            <div class="filters__actions">
                <button type="submit" class="button button--primary">"Apply"</button>
                <a class="button" href="/activity">"Clear"</a>
                <a class="button" rel="external" download href=move || client::events_file(&query.with(|query| ActivityQuery { before: None, ..query.clone() }).to_api())>
                    "CSV"
                </a>
            </div>
        </form>
    }
}
