//! The search box: a form that works before and without script. `/` focuses it.

use crate::app::browser;
use leptos::{ev, prelude::*, web_sys::SubmitEvent};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate, use_query_map},
};

const FIELD: &str = "search";
const LIST: &str = "/storage/aips";

/// Searches AIPs by name, UUID or object key.
#[component]
pub(super) fn SearchBox() -> impl IntoView {
    let (path, query) = (use_location().pathname, use_query_map());
    // Only the list of AIPs is searched by this word; elsewhere `query` may mean something else, or nothing.
    let searched = move || if path.get() == LIST { query.with(|query| query.get("query").unwrap_or_default()) } else { String::new() };
    Effect::new(|_| {
        let listening = window_event_listener(ev::keydown, |event| {
            let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
            if event.key() == "/" && plain && !browser::typing() && !browser::dialog_open() {
                event.prevent_default();
                browser::focus(FIELD);
            }
        });
        on_cleanup(move || listening.remove());
    });
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        let Some(search) = browser::typed(&event) else { return };
        event.prevent_default();
        navigate(&format!("{LIST}?{search}"), NavigateOptions::default());
    };
    view! {
        <form action=LIST method="get" class="search" role="search" on:submit=submit>
            <label class="visually-hidden" for=FIELD>"Search AIPs by name, UUID or object key"</label>
            <input id=FIELD class="search__field" type="search" name="query" placeholder="Search AIPs" autocomplete="off" prop:value=searched value=searched/>
            <kbd class="search__key" aria-hidden="true">"/"</kbd>
        </form>
    }
}
