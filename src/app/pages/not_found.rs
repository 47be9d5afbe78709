//! There is nothing at this address.

use crate::app::status;
use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, with the right HTTP status and ways on.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    status::not_found();
    view! {
        <Title text="Not found"/>
        <div class="page page--narrow">
            <h1>"Not found"</h1>
            <p>"There is nothing at this address. What was here may have been removed, or the address may be mistyped. Nothing was changed."</p>
            <p class="ways-on">
                <a href="/storage/aips">"All AIPs"</a>
                " · "
                <a href="/storage/locations">"All locations"</a>
                " · "
                <a href="/">"Overview"</a>
            </p>
        </div>
    }
}
