//! All locations, and what they hold.

use super::location::words;
use crate::{
    api::client,
    app::{
        components::{EmptyState, Glyph, Icon, Size, Time},
        format,
        stores::{Loaded, Stores, Touched, WithUser, locations::LocationListStoreFields, page_data},
    },
    domain::{Location, attribute},
    realtime::topic::Topic,
};
use leptos::prelude::*;
use leptos_meta::Title;
use reactive_stores::Field;

/// The list of locations, by name.
#[component]
pub fn LocationsPage() -> impl IntoView {
    let stores = Stores::here();
    let data = page_data(
        &[Touched::Locations],
        |()| Topic::Storage.into(),
        || (),
        |()| client::locations(),
        move |(), answer, _| stores.locations.show_all(answer),
    );
    let list = stores.locations.list;
    let is_empty = Memo::new(move |_| list.rows().with(Vec::is_empty));
    view! {
        <Title text="Locations" />
        <div class="page page--wide">
            <header class="page__head">
                <h1>"Locations"</h1>
                <WithUser>{stores
                    .user
                    .may(attribute::LOCATIONS_CREATE)
                    .then(|| view! { <a class="button button--primary" href="/storage/locations/new"><Icon glyph=Glyph::Plus />"New location"</a> })}</WithUser>
            </header>
            <Loaded data>
                <Show
                    when=move || !is_empty.get()
                    fallback=|| {
                        view! {
                            <EmptyState title="There is no location yet">
                                "AIPs are kept in locations. " <a href="/storage/locations/new">"Create the first one"</a> "."
                            </EmptyState>
                        }
                    }
                >
                    <div class="table-scroll">
                        <table class="table">
                            <caption class="visually-hidden">"Locations"</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"Name"</th>
                                    <th scope="col">"Source"</th>
                                    <th scope="col">"Purpose"</th>
                                    <th scope="col" class="cell cell--number">"AIPs"</th>
                                    <th scope="col" class="cell cell--size">"Size"</th>
                                    <th scope="col">"Last change"</th>
                                </tr>
                            </thead>
                            <tbody>
                                <For
                                    each=move || list.rows()
                                    key=|row| row.read_untracked().uuid
                                    children=move |row| view! { <LocationRow row /> }
                                />
                            </tbody>
                        </table>
                    </div>
                </Show>
            </Loaded>
        </div>
    }
}

#[component]
fn LocationRow(#[prop(into)] row: Field<Location>) -> impl IntoView {
    let initial = row.get_untracked();
    let location = Memo::new(move |before: Option<&Location>| row.try_get().unwrap_or_else(|| before.unwrap_or(&initial).clone()));
    let href = move || format!("/storage/locations/{}", location.with(|location| location.uuid));
    view! {
        <tr class="row">
            <th scope="row" class="cell cell--name"><a href=href>{move || location.with(|location| location.name.clone())}</a></th>
            <td class="cell" data-label="Source">{move || location.with(|location| words::source(location.source))}</td>
            <td class="cell" data-label="Purpose">{move || location.with(|location| words::purpose(location.purpose))}</td>
            <td class="cell cell--number" data-label="AIPs">
                <a href=move || format!("{}/aips", href())>{move || location.with(|location| format::count(location.aip_count))}</a>
            </td>
            <td class="cell cell--size" data-label="Size"><Size bytes=Signal::derive(move || Some(location.with(|location| location.total_size))) /></td>
            <td class="cell" data-label="Last change">
                <Time at=Signal::derive(move || location.with(|location| location.updated_at.unwrap_or(location.created_at))) />
            </td>
        </tr>
    }
}
