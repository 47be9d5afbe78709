//! The filters of the list: an ordinary form that works by itself, and that changes the address without loading the page anew once
//! it can.

use super::query::{Deposited, ListQuery, PRESETS, field_value, preset_word};
use crate::{
    app::{
        browser,
        components::follow_address,
        stores::{Stores, locations::LocationListStoreFields},
    },
    domain::Timestamp,
};
use leptos::{html::Form, prelude::*, web_sys::SubmitEvent};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use uuid::Uuid;

/// The form.
#[component]
pub fn Filters(
    /// The path of the list's address.
    path: Signal<String>,
    /// What is shown.
    query: Memo<ListQuery>,
    /// The location whose AIPs are shown: then there is none to choose.
    inside: Signal<Option<Uuid>>,
) -> impl IntoView {
    let stores = Stores::here();
    let form = NodeRef::<Form>::new();
    follow_address(form, query);
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        let Some(search) = browser::typed(&event) else { return };
        event.prevent_default();
        let path = path.get_untracked();
        let target = match ListQuery::parse(&search) {
            Ok(query) => query.href(&path),
            Err(_) => format!("{path}?{search}"),
        };
        navigate(&target, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let range = move |read: fn(Deposited) -> Option<Timestamp>| move || read(query.get().deposited).map(field_value);
    let has_range = move || matches!(query.get().deposited, Deposited::Between(..));
    let preset = move || match query.get().deposited {
        Deposited::Last(hours) => preset_word(hours),
        _ => None,
    };
    let hidden = move |name: &'static str, value: fn(&ListQuery) -> Option<String>| {
        move || query.with(value).map(|value| view! { <input type="hidden" name=name value=value /> }.into_any())
    };
    view! {
        <form class="filters" method="get" action=path role="search" aria-label="Filter the AIPs" node_ref=form on:submit=submit>
            {hidden("status", |query| query.status.map(|status| status.to_string()))}
            {hidden("sort", |query| Some(query.sort.to_string()).filter(|sort| !sort.is_empty()))}
            {hidden("limit", |query| (query.limit != crate::api::aips::DEFAULT_LIMIT).then(|| query.limit.to_string()))}
            <label class="field field--grow">
                <span class="field__label">"Name, UUID or object key"</span>
                <input class="field__input" type="search" name="query" maxlength="500" autocomplete="off" value=move || query.get().text />
            </label>
            {move || {
                inside
                    .get()
                    .is_none()
                    .then(|| {
                        view! {
                            <label class="field">
                                <span class="field__label">"Location"</span>
                                <select class="field__input" name="location">
                                    <option value="">"All locations"</option>
                                    <For
                                        each=move || stores.locations.list.rows().get()
                                        key=|location| (location.uuid, location.name.clone())
                                        children=move |location| {
                                            let uuid = location.uuid;
                                            view! {
                                                <option value=uuid.to_string() selected=move || query.with(|query| query.location == Some(uuid))>
                                                    {location.name}
                                                </option>
                                            }
                                        }
                                    />
                                </select>
                            </label>
                        }
                    })
            }}
            <label class="field">
                <span class="field__label">"Deposited"</span>
                <select class="field__input" name="deposited">
                    <option value="">"At any time"</option>
                    {PRESETS
                        .map(|(word, words, _)| {
                            view! { <option value=word selected=move || preset() == Some(word)>{format!("In the last {words}")}</option> }.into_any()
                        })
                        .collect_view()}
                </select>
            </label>
            <details class="filters__range" open=has_range>
                <summary>"Custom range"</summary>
                <div class="filters__fields">
                    <label class="field">
                        <span class="field__label">"From (UTC)"</span>
                        <input class="field__input" type="datetime-local" step="any" name="earliestCreatedTime" value=range(|deposited| match deposited { Deposited::Between(from, _) => from, _ => None }) />
                    </label>
                    <label class="field">
                        <span class="field__label">"To (UTC)"</span>
                        <input class="field__input" type="datetime-local" step="any" name="latestCreatedTime" value=range(|deposited| match deposited { Deposited::Between(_, to) => to, _ => None }) />
                    </label>
                    <p class="field__hint">"A range counts instead of the choice above."</p>
                </div>
            </details>
            <div class="filters__actions">
                <button type="submit" class="button button--primary">"Apply"</button>
                <a class="button" href=path>"Clear"</a>
            </div>
        </form>
    }
}
