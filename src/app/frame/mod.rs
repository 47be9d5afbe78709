//! What stands around every page: skip link, header, sidebar, messages.

mod announcer;
mod breadcrumb;
mod connection;
mod header;
mod person;
mod search;
mod sidebar;
mod theme;
mod toasts;

use crate::{
    api::client,
    app::{browser, stores::Stores},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Where the keyboard goes by the skip link and after each navigation.
const MAIN: &str = "main";

/// The frame around the page.
#[component]
pub fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    follow_navigation();
    view! {
        // "external": the router would only scroll there, while the browser itself moves the focus as well.
        <a class="skip-link" href="#main" rel="external">"Skip to the content"</a>
        <header::Header/>
        <sidebar::Sidebar note=|| view! { <SignInNote/> }.into_any()/>
        <main id=MAIN class="main" tabindex="-1">{children()}</main>
        <toasts::ToastRegion/>
        <announcer::Announcer/>
    }
}

/// After a navigation within the page nobody else moves the focus: without this a keyboard would go on from a link that is gone.
fn follow_navigation() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            browser::focus(MAIN);
        }
        now
    });
}

/// Without authentication every page says so, discreetly.
#[component]
fn SignInNote() -> impl IntoView {
    let stores = Stores::here();
    let about = Resource::new_blocking(|| (), |()| client::about().into_future());
    view! {
        <Suspense>
            {Suspend::new(async move {
                let answer = about.await.ok().map(|answer| answer.data);
                let open = answer.as_ref().is_some_and(|about| !about.authentication);
                stores.about.set(answer);
                open.then(|| view! { <aside class="sign-in-note" aria-label="Sign-in">"No sign-in: this service answers on this machine only"</aside> }.into_any())
            })}
        </Suspense>
    }
}
