//! Changing what a location is called and what is said of it.

use super::fields::{Description, TextField, alive, check_name, focus, lines, said_of, text};
use crate::{
    api::{Problem, UpdateLocation, client},
    app::{
        components::{ProblemPanel, by_uuid},
        stores::{Loaded, Permitted, Stores, WithUser, page_data},
    },
    domain::{Location, attribute},
    realtime::topic::Topic,
};
use leptos::{html, prelude::*, task::spawn_local, web_sys::SubmitEvent};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use uuid::Uuid;

/// The form that changes a location.
#[component]
pub fn LocationEditPage() -> impl IntoView {
    view! { <WithUser><Permitted attribute=attribute::LOCATIONS_UPDATE>{by_uuid("a location", |uuid| view! { <Known uuid /> })}</Permitted></WithUser> }
}

#[component]
fn Known(uuid: Uuid) -> impl IntoView {
    let stores = Stores::here();
    let data = page_data(
        &[],
        move |_| Topic::Location(uuid).into(),
        move || uuid,
        client::location,
        move |_, answer, _| stores.locations.put(answer.data, true),
    );
    view! {
        <Title text="Edit location" />
        <div class="page page--narrow">
            <h1>"Edit location"</h1>
            <Loaded data>
                <EditForm uuid />
            </Loaded>
        </div>
    }
}

#[component]
fn EditForm(uuid: Uuid) -> impl IntoView {
    let stores = Stores::here();
    let navigate = use_navigate();
    let alive = alive();
    let back = format!("/storage/locations/{uuid}");
    // As it was when the form was opened: a live change must not overwrite what is being typed.
    let before = untrack(|| stores.locations.get(uuid));
    let seen = RwSignal::new(before.as_ref().map_or(0, |location| location.version));
    let (old_name, old_description) = before.map(|location| (location.name, location.description)).unwrap_or_default();
    let name = NodeRef::<html::Input>::new();
    let description = NodeRef::<html::Textarea>::new();
    let name_wrong = RwSignal::new(None);
    let (busy, problem) = (RwSignal::new(false), RwSignal::new(None::<Problem>));
    let submit = {
        let (old_name, old_description, back) = (old_name.clone(), old_description.clone(), back.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let (name_now, description_now) = (text(name), lines(description));
            name_wrong.set(check_name(&name_now).map(str::to_owned));
            if name_wrong.get_untracked().is_some() {
                return focus(name);
            }
            // Only what was changed is sent, so that a change of the other field by somebody else stays.
            let body = UpdateLocation {
                name: (name_now != old_name).then_some(name_now),
                description: (description_now != old_description).then_some(description_now),
            };
            let (navigate, back) = (navigate.clone(), back.clone());
            if body == UpdateLocation::default() {
                return navigate(&back, NavigateOptions::default());
            }
            busy.set(true);
            problem.set(None);
            spawn_local(async move {
                match client::update_location(uuid, seen.get_untracked(), &body).await {
                    Ok(answer) => {
                        stores.toasts.done(format!("The location {} was changed.", answer.data.name));
                        stores.locations.put(answer.data, true);
                        navigate(&back, NavigateOptions::default());
                    }
                    Err(mut error) => {
                        if error.status == 412
                            && let Ok(now) = client::location(uuid).await
                        {
                            error.message = meanwhile(&now.data);
                            // Whoever saves again has read how it is now.
                            seen.try_set(now.data.version);
                            stores.locations.put(now.data, true);
                        }
                        if let Some(said) = said_of("name", &error) {
                            name_wrong.try_set(Some(said));
                            focus(name);
                        }
                        problem.try_set(Some(error));
                    }
                }
                busy.try_set(false);
            });
        }
    };
    view! {
        <form class="form" novalidate on:submit=submit>
            <TextField label="Name" name="name" value=old_name hint="How people will know it. Every location has a name of its own." wrong=name_wrong node=name />
            <Description value=old_description node=description />
            {move || {
                problem
                    .get()
                    .map(|problem| {
                        view! { <ProblemPanel title="The location was not changed" problem lost="Nothing was changed, and what you typed is still here." /> }
                    })
            }}
            <div class="form__actions">
                <button type="submit" class="button button--primary" disabled=move || busy.get() || !alive.get()>
                    {move || if busy.get() { "Saving…" } else { "Save" }}
                </button>
                <a class="button" href=back>"Cancel"</a>
            </div>
        </form>
    }
}

/// How a location is that somebody else changed while it was edited here.
fn meanwhile(now: &Location) -> String {
    let description =
        if now.description.is_empty() { "has no description".to_owned() } else { format!("is described as “{}”", now.description) };
    format!("Somebody else changed this location meanwhile. It is called “{}” now, and {description}.", now.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_how_the_location_is_now() {
        let mut now: Location =
            serde_json::from_value(serde_json::json!({ "name": "North", "source": "filesystem", "purpose": "aip_store",
            "uuid": Uuid::from_u128(1), "created_at": "2026-06-01T10:00:00Z" }))
            .expect("a location");
        assert_eq!(meanwhile(&now), "Somebody else changed this location meanwhile. It is called “North” now, and has no description.");
        now.description = "The old mill".into();
        assert!(meanwhile(&now).ends_with("and is described as “The old mill”."));
    }
}
