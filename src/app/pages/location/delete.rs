//! Removing a location: only while it keeps nothing.

use crate::{
    api::client,
    app::{
        components::{Confirm, Prompt},
        format,
        stores::Stores,
    },
    domain::Location,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The way to remove a location, or why there is none.
#[component]
pub fn Delete(
    /// The location; none once it was removed.
    location: Memo<Option<Location>>,
) -> impl IntoView {
    let stores = Stores::here();
    let navigate = use_navigate();
    let prompt = Prompt::new();
    let kept = Memo::new(move |_| location.with(|location| location.as_ref().map(|location| location.aip_count)));
    let delete = Callback::new(move |()| {
        let Some(Location { uuid, name, .. }) = location.get_untracked() else { return };
        let navigate = navigate.clone();
        prompt.carry_out(client::delete_location(uuid), move |answer| {
            stores.toasts.done(format!("The location {name} was deleted."));
            navigate("/storage/locations", NavigateOptions::default());
            stores.locations.remove(uuid, answer.position.map_or(0, |position| position.seq));
        });
    });
    view! {
        <section class="section" aria-labelledby="delete-location">
            <h2 id="delete-location">"Delete"</h2>
            {move || match kept.get() {
                Some(0) => {
                    view! {
                        <p>"This location keeps no AIPs, so it can be deleted."</p>
                        <button type="button" class="button button--danger" on:click=move |_| prompt.ask()>"Delete this location…"</button>
                    }
                        .into_any()
                }
                Some(count) => {
                    view! {
                        <p>
                            {format!("A location can be deleted while it keeps nothing. This one keeps {}.", format::plural(count, "AIP", "AIPs"))}
                        </p>
                    }
                        .into_any()
                }
                None => ().into_any(),
            }}
            <Confirm prompt title="Delete this location?" action="Delete" failed="The location was not deleted" on_confirm=delete>
                <p>
                    <strong>{move || location.with(|location| location.as_ref().map(|location| location.name.clone()))}</strong>
                    " disappears from the list, and nothing can be deposited in it any more. No AIP is touched; its history stays in the log."
                </p>
            </Confirm>
        </section>
    }
}
