//! Making a location.

use super::{
    fields::{Description, TextField, alive, check_name, focus, lines, said_of, text},
    store::{Store, StoreFields},
};
use crate::{
    api::{CreateLocation, Problem, client},
    app::{
        components::ProblemPanel,
        stores::{Permitted, Stores, WithUser},
    },
    domain::{LocationPurpose, attribute},
};
use leptos::{html, prelude::*, task::spawn_local, web_sys::SubmitEvent};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The form for a new location.
#[component]
pub fn LocationNewPage() -> impl IntoView {
    view! { <WithUser><Permitted attribute=attribute::LOCATIONS_CREATE><NewLocation/></Permitted></WithUser> }
}

#[component]
fn NewLocation() -> impl IntoView {
    let stores = Stores::here();
    let navigate = use_navigate();
    let alive = alive();
    let name = NodeRef::<html::Input>::new();
    let description = NodeRef::<html::Textarea>::new();
    let name_wrong = RwSignal::new(None);
    let store = StoreFields::new();
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = CreateLocation {
            name: text(name),
            description: lines(description),
            source: store.source(),
            purpose: LocationPurpose::AipStore,
            config: Some(store.config()),
        };
        name_wrong.set(check_name(&body.name).map(str::to_owned));
        let store_wrong = store.check();
        if name_wrong.get_untracked().is_some() {
            return focus(name);
        }
        if let Some(line) = store_wrong {
            return focus(line.node);
        }
        busy.set(true);
        problem.set(None);
        let navigate = navigate.clone();
        spawn_local(async move {
            match client::create_location(&body).await {
                Ok(created) => {
                    stores.toasts.done(format!("The location {} was created.", body.name));
                    navigate(&format!("/storage/locations/{}", created.data.uuid), NavigateOptions::default());
                }
                Err(error) => {
                    // As a whole, and beside the field that it is about, where there is one.
                    if let Some(said) = said_of("name", &error) {
                        name_wrong.try_set(Some(said));
                        focus(name);
                    } else {
                        store.tell(&error);
                    }
                    problem.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <Title text="New location" />
        <div class="page page--narrow">
            <h1>"New location"</h1>
            <noscript>
                <p class="banner banner--waiting">
                    "This form needs JavaScript. Without it, create a location over the API: POST /api/storage/locations."
                </p>
            </noscript>
            <form class="form" novalidate on:submit=submit>
                <TextField label="Name" name="name" hint="How people will know it. Every location has a name of its own." wrong=name_wrong node=name />
                <Description node=description />
                <Store fields=store />
                {move || {
                    problem
                        .get()
                        .map(|problem| {
                            view! {
                                <ProblemPanel title="The location was not created" problem lost="Nothing was changed, and what you typed is still here." />
                            }
                        })
                }}
                <div class="form__actions">
                    <button type="submit" class="button button--primary" disabled=move || busy.get() || !alive.get()>
                        {move || if busy.get() { "Creating…" } else { "Create location" }}
                    </button>
                    <a class="button" href="/storage/locations">"Cancel"</a>
                </div>
            </form>
        </div>
    }
}
