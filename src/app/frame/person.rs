//! Who is signed in, with the way out.

use crate::{
    api::{User, client},
    app::{
        browser,
        components::{Glyph, Icon},
        sign_in::{self, Said},
        stores::{Stores, WithUser},
    },
};
use leptos::{prelude::*, task::spawn_local};

/// Shows nothing where nobody has to sign in, nor on the sign-in page, which is the only one that is answered before one has.
#[component]
pub(super) fn Person() -> impl IntoView {
    view! { <WithUser><Known/></WithUser> }
}

#[component]
fn Known() -> impl IntoView {
    Stores::here().user.with(|user: &User| user.name.clone()).map(|name| view! { <Menu name/> })
}

#[component]
fn Menu(name: String) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let busy = RwSignal::new(false);
    let sign_out = move |_| {
        busy.set(true);
        spawn_local(async move {
            match client::sign_out().await {
                // The provider may want to end its own session, and sends back.
                Ok(answer) if answer.data.location == sign_in::PATH => browser::go(&sign_in::address("/", Said::SignedOut)),
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
