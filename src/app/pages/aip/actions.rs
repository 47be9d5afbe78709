//! What a person may do to the AIP on screen: each with its dialog, and with the reason where it cannot be done now.

use super::{
    deletion::RequestDialog,
    file::FileLink,
    moving::MoveDialog,
    offers::{Action, Circumstances},
};
use crate::{
    api::client,
    app::{
        components::{Glyph, Icon, Prompt, in_a_line},
        stores::{Stores, aips::AipDetailStoreFields, locations::LocationListStoreFields},
    },
    domain::{Aip, AipStatus, LocationPurpose, attribute},
};
use leptos::{ev::MouseEvent, prelude::*, task::spawn_local};

/// The actions in their order, each with the attribute that it needs.
const ACTIONS: [(Action, &str); 4] = [
    (Action::Download, attribute::AIPS_DOWNLOAD),
    (Action::Move, attribute::AIPS_MOVE),
    (Action::Check, attribute::AIPS_FIXITY),
    (Action::Delete, attribute::AIPS_DELETION_REQUEST),
];

/// Where the reasons stand, for the buttons that they are about.
const REASONS: &str = "why-not";

/// The actions of the AIP on screen. What somebody may never do is absent; what cannot be done now stays in its place, so that
/// nothing moves and the focus is not lost when work begins or ends.
#[component]
pub fn Actions(
    /// The AIP; none for a moment while another one is being opened.
    aip: Memo<Option<Aip>>,
) -> impl IntoView {
    let stores = Stores::here();
    let (user, detail) = (stores.user, stores.aips.detail);
    let mine: Vec<Action> = ACTIONS.iter().filter(|(_, attribute)| user.may(attribute)).map(|(action, _)| *action).collect();
    if mine.is_empty() {
        return ().into_any();
    }
    let circumstances = Memo::new(move |_| {
        let elsewhere = aip.with(|aip| aip.as_ref().and_then(|aip| aip.location_uuid));
        let goes = |location: &crate::domain::Location| location.purpose == LocationPurpose::AipStore && Some(location.uuid) != elsewhere;
        let other_location = stores.locations.list.rows().with(|rows| rows.iter().any(goes));
        let authentication = user.authentication();
        aip.with(|aip| {
            aip.as_ref().map(|aip| detail.workflows().with(|workflows| Circumstances::of(aip, workflows, other_location, authentication)))
        })
    });
    let gone = Memo::new(move |_| circumstances.get().is_none_or(|now| now.status == AipStatus::Deleted));
    let allowed = move |action| Signal::derive(move || circumstances.get().is_some_and(|now| now.allow(action)));
    let (moving, deleting) = (Prompt::new(), Prompt::new());
    let begin_check = check(aip);
    let button = move |action: Action| {
        match action {
        Action::Download => view! { <Download aip on_offer=allowed(action) /> }.into_any(),
        Action::Move => {
            view! { <Act glyph=Glyph::Move words="Move…" on_offer=allowed(action) act=Callback::new(move |()| moving.ask()) /> }.into_any()
        }
        Action::Check => view! { <Act glyph=Glyph::Shield words="Check fixity" on_offer=allowed(action) act=begin_check /> }.into_any(),
        Action::Delete => {
            view! { <Act glyph=Glyph::Bin words="Request deletion…" on_offer=allowed(action) act=Callback::new(move |()| deleting.ask()) /> }
                .into_any()
        }
    }
    };
    let may_move = mine.contains(&Action::Move);
    let may_delete = mine.contains(&Action::Delete) && user.authentication();
    let buttons = StoredValue::new(mine.clone());
    let reasons = move || circumstances.get().map(|now| now.reasons(&mine)).unwrap_or_default();
    view! {
        <section class="actions" aria-label="Actions">
            <Show when=move || !gone.get() fallback=|| view! { <p class="page__aside">"Deleted: there is nothing left to download, to move or to check."</p> }>
                <div class="actions__buttons">{buttons.get_value().into_iter().map(button).collect_view()}</div>
            </Show>
            <div id=REASONS class="actions__reasons">
                {move || (!gone.get()).then(|| reasons().into_iter().map(|reason| view! { <p>{reason}</p> }.into_any()).collect_view())}
            </div>
            {may_move.then(|| view! { <MoveDialog aip prompt=moving /> })}
            {may_delete.then(|| view! { <RequestDialog aip prompt=deleting /> })}
        </section>
    }
    .into_any()
}

/// Begins a fixity check, which asks for no confirmation: it changes nothing.
fn check(aip: Memo<Option<Aip>>) -> Callback<()> {
    let toasts = Stores::here().toasts;
    let busy = StoredValue::new(false);
    Callback::new(move |()| {
        let Some(Aip { uuid, name, .. }) = aip.get_untracked() else { return };
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            match client::check_fixity(uuid).await {
                Ok(_) => toasts.done(format!("The fixity check of {name} has begun: every byte is read again and compared.")),
                Err(problem) => toasts.failed(in_a_line("The fixity check was not begun.", &problem)),
            }
            busy.try_set_value(false);
        });
    })
}

/// A button that stays where it is while it cannot be used.
#[component]
fn Act(glyph: Glyph, words: &'static str, on_offer: Signal<bool>, act: Callback<()>) -> impl IntoView {
    let click = move |_: MouseEvent| {
        if on_offer.get_untracked() {
            act.run(());
        }
    };
    let off = move || !on_offer.get();
    view! {
        <button
            type="button"
            class="button"
            aria-disabled=move || off().then_some("true")
            aria-describedby=move || off().then_some(REASONS)
            on:click=click
        >
            <Icon glyph />
            {words}
        </button>
    }
}

/// The package itself.
#[component]
fn Download(aip: Memo<Option<Aip>>, on_offer: Signal<bool>) -> impl IntoView {
    let uuid = Memo::new(move |_| aip.with(|aip| aip.as_ref().map(|aip| aip.uuid)));
    let href = Signal::derive(move || uuid.get().filter(|_| on_offer.get()).map(|uuid| format!("/api/storage/aips/{uuid}/download")));
    let ticket = move || client::download_ticket(uuid.get_untracked().unwrap_or_default());
    view! { <FileLink href words="Download" reasons=REASONS ticket /> }
}
