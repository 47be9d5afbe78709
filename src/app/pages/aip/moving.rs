//! Sending an AIP to another location.

use crate::{
    api::client,
    app::{
        components::{Confirm, Prompt},
        format,
        pages::location::words,
        stores::{Stores, locations::LocationListStoreFields},
    },
    domain::{Aip, Location, LocationPurpose},
};
use leptos::prelude::*;
use uuid::Uuid;

/// Asks where to, and begins.
#[component]
pub fn MoveDialog(
    /// The AIP on screen.
    aip: Memo<Option<Aip>>,
    /// Whether it is asked.
    prompt: Prompt,
) -> impl IntoView {
    let stores = Stores::here();
    let here = Memo::new(move |_| aip.with(|aip| aip.as_ref().and_then(|aip| aip.location_uuid)));
    let others = Memo::new(move |_| {
        let goes = |location: &Location| location.purpose == LocationPurpose::AipStore && Some(location.uuid) != here.get();
        stores.locations.list.rows().with(|rows| rows.iter().filter(|location| goes(location)).cloned().collect::<Vec<_>>())
    });
    let chosen = RwSignal::new(None::<Uuid>);
    let wrong = RwSignal::new(false);
    // Each time it is asked anew.
    Effect::new(move |_| {
        if prompt.open.get() {
            chosen.set(None);
            wrong.set(false);
        }
    });
    let begin = Callback::new(move |()| {
        let Some(Aip { uuid, name, .. }) = aip.get_untracked() else { return };
        // What was chosen may have been removed meanwhile.
        let target = others.with_untracked(|others| others.iter().find(|location| Some(location.uuid) == chosen.get_untracked()).cloned());
        let Some(target) = target else {
            wrong.set(true);
            return;
        };
        prompt.carry_out(client::move_aip(uuid, target.uuid), move |_| {
            stores.toasts.done(format!("The move of {name} to {} has begun.", target.name));
        });
    });
    let name = move || aip.with(|aip| aip.as_ref().map(|aip| aip.name.clone()));
    let from = move || here.get().and_then(|uuid| stores.locations.name(uuid)).unwrap_or_else(|| "its present location".to_owned());
    view! {
        <Confirm prompt title="Move this AIP" action="Move" tone="primary" failed="The move was not begun" on_confirm=begin>
            <p>
                <strong>{name}</strong>
                " is copied to the location that you choose, read back there and compared byte by byte. Only then is it removed from "
                {from}". If anything goes wrong it stays where it is."
            </p>
            <fieldset class="choices" aria-describedby="move-wrong">
                <legend>"Move to"</legend>
                <For
                    each=move || others.get()
                    key=|location| (location.uuid, location.version, location.aip_count, location.total_size)
                    children=move |location| {
                        let uuid = location.uuid;
                        let choose = move |_| {
                            chosen.set(Some(uuid));
                            wrong.set(false);
                        };
                        view! {
                            <label class="choice">
                                <input type="radio" name="move-to" value=uuid.to_string() prop:checked=move || chosen.get() == Some(uuid) on:change=choose />
                                <span class="choice__name">{location.name}</span>
                                <span class="choice__about">
                                    {words::source(location.source)} ", " {format::plural(location.aip_count, "AIP", "AIPs")} ", "
                                    {format::size(location.total_size)}
                                </span>
                            </label>
                        }
                    }
                />
            </fieldset>
            <p class="field__wrong" id="move-wrong" role="status">{move || wrong.get().then_some("Choose a location.")}</p>
        </Confirm>
    }
}
