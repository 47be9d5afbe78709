//! Asking before something is done, in the browser's own dialog: it keeps the focus, closes with Escape, and gives the focus back.

use super::problem_panel::ProblemPanel;
use crate::api::{
    Problem,
    client::{Answer, Snapshot},
};
use leptos::{html::Dialog, prelude::*, task::spawn_local, web_sys::SubmitEvent};

/// A question that is asked: whether it is open, whether what was answered is being done, and what came in its way.
#[derive(Debug, Clone, Copy)]
pub struct Prompt {
    /// Whether it is asked.
    pub open: RwSignal<bool>,
    /// It is being done: the buttons rest.
    pub busy: RwSignal<bool>,
    /// Why it could not be done; the dialog stays, with all that was typed.
    pub problem: RwSignal<Option<Problem>>,
}

impl Prompt {
    /// One that is not asked yet.
    #[must_use]
    pub fn new() -> Self {
        Self { open: RwSignal::new(false), busy: RwSignal::new(false), problem: RwSignal::new(None) }
    }

    /// Asks it.
    pub fn ask(&self) {
        self.problem.set(None);
        self.open.set(true);
    }

    /// Does what was answered: once that is accepted the dialog closes and `done` is called.
    pub fn carry_out<T: 'static>(self, call: impl Future<Output = Answer<T>> + 'static, done: impl FnOnce(Snapshot<T>) + 'static) {
        self.busy.set(true);
        self.problem.set(None);
        spawn_local(async move {
            let answer = call.await;
            self.busy.try_set(false);
            match answer {
                Ok(answer) => {
                    self.open.try_set(false);
                    done(answer);
                }
                Err(problem) => {
                    self.problem.try_set(Some(problem));
                }
            }
        });
    }
}

impl Default for Prompt {
    fn default() -> Self {
        Self::new()
    }
}

/// A question with two answers. Every way of closing it withdraws it.
#[component]
pub fn Confirm(
    /// It.
    prompt: Prompt,
    /// The question in words: `Delete this location?`.
    #[prop(into)]
    title: String,
    /// The word for doing it: `Delete`.
    action: &'static str,
    /// How the button for doing it looks: `danger` for what cannot be undone.
    #[prop(default = "danger")]
    tone: &'static str,
    /// Does it.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// What is said when it could not be done.
    failed: &'static str,
    /// What will happen.
    children: Children,
) -> impl IntoView {
    let Prompt { open, busy, problem } = prompt;
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(dialog) = dialog.get() {
            show(&dialog, wanted);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !busy.get_untracked() {
            on_confirm.run(());
        }
    };
    let id = format!("confirm-{}", action.to_ascii_lowercase().replace(' ', "-"));
    let label = id.clone();
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby=label on:close=move |_| open.set(false)>
            <form novalidate on:submit=submit>
                <h2 class="dialog__title" id=id>{title}</h2>
                <div class="dialog__body">
                    {children()}
                    {move || problem.get().map(|problem| view! { <ProblemPanel title=failed problem lost="Nothing was changed." /> }.into_any())}
                </div>
                <div class="dialog__actions">
                    <button type="button" class="button" prop:disabled=busy on:click=move |_| open.set(false)>"Cancel"</button>
                    <button type="submit" class=format!("button button--{tone}") prop:disabled=busy>{action}</button>
                </div>
            </form>
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
