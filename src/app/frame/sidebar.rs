//! The sidebar: where one can go.

use crate::app::browser;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const REMEMBERED_AS: &str = "strongroom.sidebar";
const CLOSED: &str = "closed";

/// Links to the pages. How it was left is set on the root element before anything is painted (`shell.rs`), so the style decides
/// what is seen and this only changes it.
#[component]
pub(super) fn Sidebar(
    /// What stands at its foot.
    note: fn() -> AnyView,
) -> impl IntoView {
    let open = RwSignal::new(true);
    Effect::new(move |_| open.set(browser::remembered(REMEMBERED_AS).as_deref() != Some(CLOSED)));
    let toggle = move |_| {
        let now = !open.get_untracked();
        open.set(now);
        let word = (!now).then_some(CLOSED);
        browser::remember(REMEMBERED_AS, word);
        browser::set_root_attribute("data-sidebar", word);
    };
    view! {
        <div class="sidebar">
            <button type="button" class="sidebar__toggle" aria-label="Menu" aria-controls="navigation" aria-expanded=move || open.get().to_string() on:click=toggle>
                <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
                    <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>
                </svg>
                <span class="sidebar__toggle-word">"Menu"</span>
            </button>
            <nav id="navigation" class="navigation" aria-label="Main">
                <ul>
                    <Entry href="/" text="Overview"/>
                </ul>
                <p class="navigation__group" id="navigation-storage">"Storage"</p>
                <ul aria-labelledby="navigation-storage">
                    <Entry href="/storage/aips" text="AIPs"/>
                    <Entry href="/storage/locations" text="Locations"/>
                    <Entry href="/storage/deposit" text="Deposit"/>
                </ul>
                <p class="navigation__group" id="navigation-service">"Service"</p>
                <ul aria-labelledby="navigation-service">
                    <Entry href="/about" text="About"/>
                </ul>
            </nav>
            {note()}
        </div>
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
