//! A file of an AIP: asked for with a ticket, so that a refusal is told on the page and not in the place of the file.

use crate::{
    api::client::Answer,
    app::{
        browser,
        components::{Glyph, Icon, in_a_line},
        stores::Stores,
    },
};
use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};

/// A link to a file. Without script it is an ordinary one, which opens where nobody has to sign in.
#[component]
pub fn FileLink<F: Future<Output = Answer<()>> + 'static>(
    /// Where the file is; none while there is none to be had.
    #[prop(into)]
    href: Signal<Option<String>>,
    /// What it is called.
    words: &'static str,
    /// The element that says why there is none.
    #[prop(optional)]
    reasons: Option<&'static str>,
    /// Asks for the ticket.
    ticket: impl Fn() -> F + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let click = move |event: MouseEvent| {
        event.prevent_default();
        let Some(href) = href.get_untracked() else { return };
        let ticket = ticket();
        spawn_local(async move {
            match ticket.await {
                Ok(_) => browser::download(&href),
                Err(problem) => toasts.failed(in_a_line("The download was not begun.", &problem)),
            }
        });
    };
    let off = move || href.with(Option::is_none);
    view! {
        // The address is none of the pages.
        <a
            class="button"
            role="link"
            tabindex="0"
            href=href
            download
            rel="external"
            aria-disabled=move || off().then_some("true")
            aria-describedby=move || reasons.filter(|_| off())
            on:click=click
        >
            <Icon glyph=Glyph::Download />
            {words}
        </a>
    }
}
