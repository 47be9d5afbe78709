//! Who is signed in, with the way out; or the way in.

use crate::{
    api::{User, client},
    app::{
        browser,
        components::{Glyph, Icon},
        sign_in, status,
        stores::{Stores, WithUser},
    },
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;

/// Shows nothing where nobody has to sign in. Where somebody has to and has not, no page but the sign-in is answered.
#[component]
pub(super) fn Person() -> impl IntoView {
    view! { <WithUser><Known/></WithUser> }
}

#[component]
fn Known() -> impl IntoView {
    let user = Stores::here().user.with(User::clone);
    if !user.authentication {
        return ().into_any();
    }
    let location = use_location();
    match user.name {
        Some(name) => view! { <Menu name/> }.into_any(),
        None => {
            let path = location.pathname.get_untracked();
            if path == sign_in::PATH {
                return ().into_any();
            }
            let query = location.search.get_untracked();
            let wanted = if query.is_empty() { path } else { format!("{path}?{query}") };
            status::sign_in(&wanted);
            view! { <a class="button button--small" href=sign_in::address(&wanted, None) rel="external">"Sign in"</a> }.into_any()
        }
    }
}

#[component]
fn Menu(name: String) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let busy = RwSignal::new(false);
    let sign_out = move |_| {
        busy.set(true);
        spawn_local(async move {
            match client::sign_out().await {
                Ok(answer) => browser::go(&answer.data.location),
                Err(problem) => {
                    toasts.failed(format!("You are still signed in. {problem}"));
                    busy.try_set(false);
                }
            }
        });
    };
    view! {
        <details class="person">
            <summary class="person__summary">
                <Icon glyph=Glyph::Person/>
                <span class="visually-hidden">"Signed in as "</span>
                <span class="person__name">{name.clone()}</span>
            </summary>
            <div class="person__menu">
                <p>"Signed in as " <strong>{name}</strong></p>
                <button type="button" class="button" prop:disabled=busy on:click=sign_out>"Sign out"</button>
            </div>
        </details>
    }
    .into_any()
}
