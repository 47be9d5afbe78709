//! Removing a location: only while it keeps nothing.

use crate::{
    api::{Problem, client},
    app::{
        components::{Confirm, ProblemPanel},
        format,
        stores::Stores,
    },
    domain::Location,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The way to remove a location, or why there is none.
#[component]
pub fn Delete(
    /// The location; none once it was removed.
    location: Memo<Option<Location>>,
) -> impl IntoView {
    let stores = Stores::here();
    let navigate = use_navigate();
    let (open, busy, problem) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(None::<Problem>));
    let kept = Memo::new(move |_| location.with(|location| location.as_ref().map(|location| location.aip_count)));
    let delete = Callback::new(move |()| {
        let Some(Location { uuid, name, .. }) = location.get_untracked() else { return };
        let navigate = navigate.clone();
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            let answer = client::delete_location(uuid).await;
            busy.try_set(false);
            open.try_set(false);
            match answer {
                Ok(answer) => {
                    stores.toasts.done(format!("The location {name} was deleted."));
                    navigate("/storage/locations", NavigateOptions::default());
                    stores.locations.remove(uuid, answer.position.map_or(0, |position| position.seq));
                }
                Err(error) => {
                    problem.try_set(Some(error));
                }
            }
        });
    });
    view! {
        <section class="section" aria-labelledby="delete-location">
            <h2 id="delete-location">"Delete"</h2>
            {move || match kept.get() {
                Some(0) => {
                    view! {
                        <p>"This location keeps no AIPs, so it can be deleted."</p>
                        <button type="button" class="button button--danger" on:click=move |_| open.set(true)>"Delete this location…"</button>
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
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        view! { <ProblemPanel title="The location was not deleted" problem lost="Nothing was changed: the location is as it was." /> }
                    })
            }}
            <Confirm open title="Delete this location?" action="Delete" on_confirm=delete busy>
                <p>
                    <strong>{move || location.with(|location| location.as_ref().map(|location| location.name.clone()))}</strong>
                    " disappears from the list, and nothing can be deposited in it any more. No AIP is touched; its history stays in the log."
                </p>
            </Confirm>
        </section>
    }
}
