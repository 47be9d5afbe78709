//! Making a location.

use super::fields::{Description, TextField, alive, check_name, check_path, focus, lines, said_of, text};
use crate::{
    api::{CreateLocation, Problem, client},
    app::{components::ProblemPanel, stores::Stores},
    domain::{LocationConfig, LocationPurpose, LocationSource},
};
use leptos::{html, prelude::*, task::spawn_local, web_sys::SubmitEvent};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};

/// The form for a new location.
#[component]
pub fn LocationNewPage() -> impl IntoView {
    let stores = Stores::here();
    let navigate = use_navigate();
    let alive = alive();
    let (name, path) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let description = NodeRef::<html::Textarea>::new();
    let (name_wrong, path_wrong) = (RwSignal::new(None), RwSignal::new(None));
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let body = CreateLocation {
            name: text(name),
            description: lines(description),
            source: LocationSource::Filesystem,
            purpose: LocationPurpose::AipStore,
            config: Some(LocationConfig::Filesystem { path: text(path) }),
        };
        name_wrong.set(check_name(&body.name).map(str::to_owned));
        path_wrong.set(check_path(&text(path)).map(str::to_owned));
        if name_wrong.get_untracked().is_some() {
            return focus(name);
        }
        if path_wrong.get_untracked().is_some() {
            return focus(path);
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
                    } else if let Some(said) = said_of("path", &error) {
                        path_wrong.try_set(Some(said));
                        focus(path);
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
                <TextField
                    label="Folder"
                    name="path"
                    hint="A folder of the server, for example \"second-store\". It lies under the server's location root and is created if it does not exist. A path that begins with / has to lie under one of the roots that the server's configuration allows."
                    wrong=path_wrong
                    node=path
                />
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
