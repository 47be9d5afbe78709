//! Tells those who cannot see the page that it changed: politely, and batched.

use crate::app::stores::Stores;
use leptos::prelude::*;

/// The live region. It ends the page: the browser paints nothing before it has read up to here (`shell.rs`).
#[component]
pub(super) fn Announcer() -> impl IntoView {
    let text = Stores::here().connection.announcement;
    view! { <p id="announcer" class="visually-hidden" role="status" aria-live="polite">{move || text.get()}</p> }
}
