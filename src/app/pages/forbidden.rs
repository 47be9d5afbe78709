//! What is at this address is not for whoever asks.

use crate::{
    api::User,
    app::{status, stores::Stores},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, with the right HTTP status, and what to do.
#[component]
pub fn ForbiddenPage() -> impl IntoView {
    status::forbidden();
    let who = Stores::here().user.with(|user: &User| user.name.clone());
    view! {
        <Title text="Not permitted"/>
        <div class="page page--narrow">
            <h1>"Not permitted"</h1>
            <p>
                {who.map(|name| view! { "You are signed in as " <strong>{name}</strong> ". " })}
                "What is at this address needs a permission that you do not have. Nothing was changed."
            </p>
            <p>"If your work needs it, ask whoever administers the service for the permission, and sign in again once it was given."</p>
            <p class="ways-on"><a href="/">"Overview"</a></p>
        </div>
    }
}
