//! Shows messages in a corner and has them read out politely.

use crate::app::{
    browser,
    stores::{
        Stores,
        toasts::{Toast, Tone},
    },
};
use leptos::prelude::*;

/// How long a message about something that worked stays, in milliseconds; failures stay until they are dismissed.
const STAY: u64 = 6_000;

/// The live region with the messages.
#[component]
pub(super) fn ToastRegion() -> impl IntoView {
    let toasts = Stores::here().toasts;
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown() key=|toast| toast.id let(toast)>
                <ToastCard toast/>
            </For>
        </div>
    }
}

#[component]
fn ToastCard(toast: Toast) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let Toast { id, tone, text } = toast;
    if tone == Tone::Done {
        browser::after(STAY, move || toasts.dismiss(id));
    }
    let class = match tone {
        Tone::Done => "toast toast--done",
        Tone::Failed => "toast toast--failed",
    };
    view! {
        <div class=class>
            <p>{text}</p>
            <button type="button" class="toast__dismiss" aria-label="Dismiss this message" on:click=move |_| toasts.dismiss(id)>"×"</button>
        </div>
    }
}
