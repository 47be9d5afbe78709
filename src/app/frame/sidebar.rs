//! The sidebar: where one can go.

use crate::{
    app::{
        browser,
        stores::{Stores, WithUser},
    },
    domain::attribute,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const REMEMBERED_AS: &str = "strongroom.sidebar";
const CLOSED: &str = "closed";
const ATTRIBUTE: &str = "data-sidebar";

/// Links to the pages. How it was left is set on the root element before anything is painted (`shell.rs`), so the style decides
/// what is seen and this only changes it.
#[component]
pub(super) fn Sidebar(
    /// What stands at its foot.
    note: fn() -> AnyView,
) -> impl IntoView {
    let open = RwSignal::new(true);
    Effect::new(move |_| open.set(!browser::has_root_attribute(ATTRIBUTE)));
    let set = move |now: bool| {
        open.set(now);
        browser::set_root_attribute(ATTRIBUTE, (!now).then_some(CLOSED));
    };
    let toggle = move |_| {
        let now = !open.get_untracked();
        set(now);
        // Where the menu covers the page it is open as long as one chooses from it.
        if !browser::narrow() {
            browser::remember(REMEMBERED_AS, (!now).then_some(CLOSED));
        }
    };
    let path = use_location().pathname;
    Effect::new(move |before: Option<()>| {
        path.track();
        if before.is_some() && browser::narrow() {
            set(false);
        }
    });
    view! {
        <div class="sidebar">
            <button type="button" class="sidebar__toggle" aria-label="Menu" aria-controls="navigation" aria-expanded=move || open.get().to_string() on:click=toggle>
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
                    <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>
                </svg>
                <span class="sidebar__toggle-word">"Menu"</span>
            </button>
            <nav id="navigation" class="navigation" aria-label="Main">
                <WithUser><Entries/></WithUser>
            </nav>
            {note()}
        </div>
    }
}

/// What the person may use.
#[component]
fn Entries() -> impl IntoView {
    let user = Stores::here().user;
    let (aips, locations, deposit) =
        (user.may(attribute::AIPS_LIST), user.may(attribute::LOCATIONS_LIST), user.may(attribute::AIPS_CREATE));
    let (tasks, system) = (user.may(attribute::AIPS_WORKFLOWS_LIST), user.may(attribute::SYSTEM_METRICS_READ));
    view! {
        {aips.then(|| view! { <ul><Entry href="/" text="Overview"/></ul> })}
        {(aips || locations || deposit)
            .then(|| {
                view! {
                    <p class="navigation__group" id="navigation-storage">"Storage"</p>
                    <ul aria-labelledby="navigation-storage">
                        {aips.then(|| view! { <Entry href="/storage/aips" text="AIPs"/> })}
                        {locations.then(|| view! { <Entry href="/storage/locations" text="Locations"/> })}
                        {deposit.then(|| view! { <Entry href="/storage/deposit" text="Deposit"/> })}
                    </ul>
                }
            })}
        <p class="navigation__group" id="navigation-service">"Service"</p>
        <ul aria-labelledby="navigation-service">
            {aips.then(|| view! { <Entry href="/activity" text="Activity"/> })}
            {tasks.then(|| view! { <Entry href="/tasks" text="Tasks"/> })}
            {system.then(|| view! { <Entry href="/system" text="System"/> })}
            <Entry href="/about" text="About"/>
        </ul>
    }
}

#[component]
fn Entry(href: &'static str, text: &'static str) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || path.with(|path| current(path, href));
    view! { <li><a class="navigation__entry" href=href aria-current=current>{text}</a></li> }
}

/// "page" on the page itself, "true" on a page below it.
fn current(path: &str, href: &str) -> Option<&'static str> {
    if path == href {
        Some("page")
    } else if href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')) {
        Some("true")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn a_page_below_an_entry_marks_it_too() {
        assert_eq!(current("/storage/aips", "/storage/aips"), Some("page"));
        assert_eq!(current("/storage/aips/1", "/storage/aips"), Some("true"));
        assert_eq!(current("/storage/aipsx", "/storage/aips"), None);
        assert_eq!(current("/about", "/"), None);
    }
}
