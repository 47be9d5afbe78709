//! Deleting an AIP: asked for by one person, decided by another.

use super::file::FileLink;
use crate::{
    api::client,
    app::{
        browser,
        components::{Confirm, Glyph, Icon, Prompt, Time},
        stores::{Stores, aips::AipDetailStoreFields},
    },
    domain::{Aip, AipStatus, DeletionRequest, DeletionStatus, attribute, deletion::REASON},
};
use leptos::prelude::*;

/// What is wrong with a reason, for the person who typed it.
fn check_reason(reason: &str) -> Option<String> {
    let length = reason.trim().chars().count();
    if length < *REASON.start() {
        Some(format!("Give the reason in {} characters at least: whoever decides has only this to go by.", REASON.start()))
    } else if length > *REASON.end() {
        Some(format!("Shorten the reason to {} characters at most.", REASON.end()))
    } else {
        None
    }
}

/// Asks for the reason, and for the deletion.
#[component]
pub fn RequestDialog(
    /// The AIP on screen.
    aip: Memo<Option<Aip>>,
    /// Whether it is asked.
    prompt: Prompt,
) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let reason = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if prompt.open.get() {
            reason.set(String::new());
            wrong.set(None);
        }
    });
    let request = Callback::new(move |()| {
        let Some(Aip { uuid, name, .. }) = aip.get_untracked() else { return };
        let text = reason.with_untracked(|reason| reason.trim().to_owned());
        wrong.set(check_reason(&text));
        if wrong.with_untracked(Option::is_some) {
            browser::focus("deletion-reason");
            return;
        }
        prompt.carry_out(client::request_deletion(uuid, text), move |_| {
            toasts.done(format!("The deletion of {name} is requested. Somebody else has to decide."));
        });
    });
    let typed = move |event| {
        reason.set(event_target_value(&event));
        wrong.set(None);
    };
    view! {
        <Confirm
            prompt
            title="Request the deletion of this AIP"
            action="Request deletion"
            failed="The deletion was not requested"
            on_confirm=request
        >
            <p>
                <strong>{move || aip.with(|aip| aip.as_ref().map(|aip| aip.name.clone()))}</strong>
                " stays as it is until somebody else has agreed. Then its bytes are removed for good; its record and its history stay."
            </p>
            <div class="field">
                <label class="field__label" for="deletion-reason">"Reason"</label>
                <textarea
                    class="field__input field__input--tall"
                    id="deletion-reason"
                    name="reason"
                    rows="4"
                    required
                    aria-describedby="deletion-reason-wrong deletion-reason-hint"
                    aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                    prop:value=reason
                    on:input=typed
                ></textarea>
                <p class="field__hint" id="deletion-reason-hint">
                    "Whoever decides reads it, and it is kept with the AIP's history. "
                    {move || {
                        let length = reason.with(|reason| reason.trim().chars().count());
                        format!("{length} of {} to {} characters.", REASON.start(), REASON.end())
                    }}
                </p>
                <p class="field__wrong" id="deletion-reason-wrong" role="status">{move || wrong.get()}</p>
            </div>
        </Confirm>
    }
}

/// The request that awaits a decision, with what the person who looks may do about it; absent where there is none.
#[component]
pub fn PendingDeletion(
    /// The AIP on screen.
    aip: Memo<Option<Aip>>,
) -> impl IntoView {
    let detail = Stores::here().aips.detail;
    let pending = Memo::new(move |_| {
        let waits = aip.with(|aip| aip.as_ref().is_some_and(|aip| aip.status == AipStatus::Pending));
        let request =
            detail.deletions().with(|requests| requests.first().filter(|request| request.status == DeletionStatus::Pending).cloned());
        request.filter(|_| waits)
    });
    move || pending.get().map(|request| view! { <Review aip request /> })
}

#[component]
fn Review(aip: Memo<Option<Aip>>, request: DeletionRequest) -> impl IntoView {
    let user = Stores::here().user;
    let body = if request.mine {
        view! { <CallOff aip may=user.may(attribute::AIPS_DELETION_REQUEST) /> }.into_any()
    } else if !user.authentication() {
        view! { <p>"Deciding about it needs sign-in, so that it is another person who agrees; this service runs without."</p> }.into_any()
    } else if user.may(attribute::AIPS_DELETION_REVIEW) {
        view! { <Decide aip /> }.into_any()
    } else {
        view! { <p>"Somebody with the permission to review deletions has to decide."</p> }.into_any()
    };
    view! {
        <section class="panel panel--waiting request" aria-labelledby="deletion-request">
            <h2 id="deletion-request" class="panel__title"><Icon glyph=Glyph::Warning />"Deletion requested"</h2>
            <p>
                <strong>{request.requester}</strong> " asked for the deletion of this AIP on " <Time at=request.requested_at /> ", for this reason:"
            </p>
            <blockquote class="request__reason">{request.reason}</blockquote>
            {body}
        </section>
    }
}

/// The request is gone from the page once it is decided, and with it the button that had the focus.
fn go_on() {
    browser::after(0, || browser::focus("main"));
}

#[component]
fn Decide(aip: Memo<Option<Aip>>) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let (approving, rejecting) = (Prompt::new(), Prompt::new());
    let decide = move |prompt: Prompt, approved: bool| {
        Callback::new(move |()| {
            let Some(Aip { uuid, name, .. }) = aip.get_untracked() else { return };
            prompt.carry_out(client::review_deletion(uuid, approved), move |_| {
                toasts.done(match approved {
                    true => format!("You agreed: {name} is being deleted."),
                    false => format!("You refused the deletion of {name}. It stays stored."),
                });
                go_on();
            });
        })
    };
    let name = move || aip.with(|aip| aip.as_ref().map(|aip| aip.name.clone()));
    view! {
        <p>"The decision is yours: it was somebody else who asked."</p>
        <div class="form__actions">
            <button type="button" class="button button--danger" on:click=move |_| approving.ask()>"Approve…"</button>
            <button type="button" class="button" on:click=move |_| rejecting.ask()>"Reject…"</button>
        </div>
        <Confirm
            prompt=approving
            title="Delete this AIP for good?"
            action="Approve and delete"
            failed="The decision was not taken"
            on_confirm=decide(approving, true)
        >
            <p>
                "The bytes of " <strong>{name}</strong>
                " are removed from its location for good, at once. Nobody can bring them back from here. Its record, its history and a report of the deletion stay."
            </p>
        </Confirm>
        <Confirm
            prompt=rejecting
            title="Reject the request?"
            action="Reject"
            tone="primary"
            failed="The decision was not taken"
            on_confirm=decide(rejecting, false)
        >
            <p><strong>{name}</strong> " stays stored as it is. The refusal is kept in its history, and its deletion can be requested again."</p>
        </Confirm>
    }
}

#[component]
fn CallOff(aip: Memo<Option<Aip>>, may: bool) -> impl IntoView {
    let toasts = Stores::here().toasts;
    let prompt = Prompt::new();
    let call_off = Callback::new(move |()| {
        let Some(Aip { uuid, name, .. }) = aip.get_untracked() else { return };
        prompt.carry_out(client::cancel_deletion(uuid), move |_| {
            toasts.done(format!("The request to delete {name} is called off. It stays stored."));
            go_on();
        });
    });
    view! {
        <p>"It is your own request, so somebody else has to decide. Until then you can call it off."</p>
        {may.then(|| {
            view! {
                <div class="form__actions">
                    <button type="button" class="button" on:click=move |_| prompt.ask()>"Call off…"</button>
                </div>
                <Confirm
                    prompt
                    title="Call the request off?"
                    action="Call off"
                    tone="primary"
                    failed="The request was not called off"
                    on_confirm=call_off
                >
                    <p>"The AIP stays stored as it is. That you asked and called it off is kept in its history."</p>
                </Confirm>
            }
        })}
    }
}

/// The report of the deletion, where there is one and the person may read it.
#[component]
pub fn Report(
    /// The AIP on screen.
    aip: Memo<Option<Aip>>,
) -> impl IntoView {
    let may = Stores::here().user.may(attribute::AIPS_DELETION_REPORT);
    let there = Memo::new(move |_| {
        let reported = |aip: &&Aip| aip.status == AipStatus::Deleted && aip.deletion_report_key.is_some();
        aip.with(|aip| aip.as_ref().filter(reported).map(|aip| aip.uuid))
    });
    move || {
        there.get().filter(|_| may).map(|uuid| {
            let href = Signal::stored(Some(format!("/api/storage/aips/{uuid}/deletion-report")));
            view! { <FileLink href words="Deletion report (PDF)" ticket=move || client::report_ticket(uuid) /> }.into_any()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_in_characters() {
        assert!(check_reason("too short").is_some());
        assert!(check_reason("   twelve   ").is_some(), "blanks around it say nothing");
        assert_eq!(check_reason("ten chars!"), None);
        assert_eq!(check_reason(&"ä".repeat(500)), None);
        assert!(check_reason(&"ä".repeat(501)).is_some());
    }
}
