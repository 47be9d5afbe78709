//! Signing in: with which provider, and what happened before.

use crate::{
    api::{User, user::Provider},
    app::{
        components::{Glyph, Icon},
        sign_in::{self, Said},
        stores::{Stores, WithUser},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The page at [`sign_in::PATH`]. Its links lead to the provider and back to what was wanted (`?return=`).
#[component]
pub fn SignInPage() -> impl IntoView {
    view! { <WithUser><SignIn/></WithUser> }
}

#[component]
fn SignIn() -> impl IntoView {
    let user = Stores::here().user.with(User::clone);
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| sign_in::safe(&query.get("return").unwrap_or_default()).to_owned()));
    let said = move || query.with(|query| query.get("error").map(|word| Said::of(&word)));
    let link = move |Provider { id, name }: Provider| {
        view! {
            <li>
                // The address answers with the way to the provider: it is none of the pages.
                <a class="button button--primary" rel="external" href=move || sign_in::provider(&id, &wanted.get())>
                    <Icon glyph=Glyph::SignIn/>
                    {format!("Sign in with {name}")}
                </a>
            </li>
        }
    };
    let body = if !user.authentication {
        view! { <p>"Nobody has to sign in here: this service answers on this machine only. " <a href="/">"Go to the overview"</a></p> }
            .into_any()
    } else if let Some(name) = user.name {
        view! { <p>"You are signed in as " <strong>{name}</strong> ". " <a href=move || wanted.get()>"Go on"</a></p> }.into_any()
    } else if user.providers.is_empty() {
        view! { <p>"No provider is set up with which one could sign in. Whoever administers the service has to do that."</p> }.into_any()
    } else {
        view! {
            <p>"This archive asks who you are. The provider says it; your password is never seen here."</p>
            <ul class="providers">{user.providers.into_iter().map(link).collect_view()}</ul>
        }
        .into_any()
    };
    view! {
        <Title text="Sign in"/>
        <div class="page page--narrow sign-in">
            <h1>"Sign in"</h1>
            <div class="banner-region" role="status">
                {move || {
                    said()
                        .map(|said| {
                            let (tone, glyph) = if said == Said::SignedOut { ("good", Glyph::Check) } else { ("waiting", Glyph::Warning) };
                            view! { <p class=format!("banner banner--{tone}")><Icon glyph/><span>{said.sentence()}</span></p> }.into_any()
                        })
                }}
            </div>
            {body}
        </div>
    }
}
