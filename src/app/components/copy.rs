//! Text that people take with them: identifiers and digests, in monospace, with a button that copies them.

use super::icon::{Glyph, Icon};
use leptos::prelude::*;

/// Whether copying worked; `None` before it was tried.
type Outcome = Option<bool>;

/// A text in monospace with a button that copies it. The outcome is shown and announced.
#[component]
pub fn CopyText(
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for the button's name: `UUID`, `SHA-256`.
    label: &'static str,
) -> impl IntoView {
    let outcome = RwSignal::new(None);
    let words = move || match outcome.get() {
        None => "",
        Some(true) => "Copied",
        Some(false) => "Not copied: mark the text and copy it by hand",
    };
    let glyph = Signal::derive(move || if outcome.get() == Some(true) { Glyph::Check } else { Glyph::Copy });
    view! {
        <span class="copy">
            <code class="copy__text">{text}</code>
            <button type="button" class="copy__button" aria-label=format!("Copy {label}") title=format!("Copy {label}") on:click=move |_| copy(text.get_untracked(), outcome)>
                <Icon glyph />
            </button>
            <span class="copy__outcome" role="status">{words}</span>
        </span>
    }
}

/// A UUID with its copy button.
#[component]
pub fn Uuid(
    /// The identifier.
    #[prop(into)]
    uuid: Signal<uuid::Uuid>,
    /// What it identifies, for the button's name; `UUID` when not said.
    #[prop(default = "UUID")]
    label: &'static str,
) -> impl IntoView {
    view! { <CopyText text=Signal::derive(move || uuid.get().to_string()) label /> }
}

#[cfg(feature = "hydrate")]
fn copy(text: String, outcome: RwSignal<Outcome>) {
    // Outside of a secure context (plain http on another host) browsers have no clipboard at all, and web-sys would throw.
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into()).ok().filter(|found| !found.is_undefined());
    let Some(clipboard) = clipboard else {
        outcome.set(Some(false));
        return;
    };
    let written = wasm_bindgen::JsCast::unchecked_into::<web_sys::Clipboard>(clipboard).write_text(&text);
    leptos::task::spawn_local(async move {
        let result = wasm_bindgen_futures::JsFuture::from(written).await;
        outcome.try_set(Some(result.is_ok()));
        gloo_timers::future::TimeoutFuture::new(3_000).await;
        outcome.try_set(None);
    });
}

#[cfg(not(feature = "hydrate"))]
fn copy(_: String, _: RwSignal<Outcome>) {}
