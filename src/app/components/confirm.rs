//! Asking before something is done for good, in the browser's own dialog: it keeps the focus and closes with Escape.

use leptos::{html::Dialog, prelude::*};

/// A question with two answers. Open while `open` is true; every way of closing it sets that to false.
#[component]
pub fn Confirm(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// The question: `Delete this location?`.
    #[prop(into)]
    title: String,
    /// The word for doing it: `Delete`.
    action: &'static str,
    /// Does it. The dialog stays open until `open` is set to false.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// It is being done: the buttons rest.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// What will happen.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(dialog) = dialog.get() {
            show(&dialog, wanted);
        }
    });
    let id = format!("confirm-{}", action.to_ascii_lowercase().replace(' ', "-"));
    let label = id.clone();
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby=label on:close=move |_| open.set(false)>
            <h2 class="dialog__title" id=id>{title}</h2>
            <div class="dialog__body">{children()}</div>
            <div class="dialog__actions">
                <button type="button" class="button" prop:disabled=busy on:click=move |_| open.set(false)>"Cancel"</button>
                <button type="button" class="button button--danger" prop:disabled=busy on:click=move |_| on_confirm.run(())>{action}</button>
            </div>
        </dialog>
    }
}

#[cfg(feature = "hydrate")]
fn show(dialog: &web_sys::HtmlDialogElement, wanted: bool) {
    if wanted && !dialog.open() {
        // Refused only for a dialog that has left the page: then there is nothing to ask any more.
        drop(dialog.show_modal());
    } else if !wanted && dialog.open() {
        dialog.close();
    }
}

#[cfg(not(feature = "hydrate"))]
fn show<T>(_: &T, _: bool) {}
