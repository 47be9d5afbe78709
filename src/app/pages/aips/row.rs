//! One AIP of the list: changes in place, with a short highlight.

use crate::{
    app::{
        components::{Size, StatusBadge, Time},
        stores::Stores,
    },
    domain::Aip,
};
use leptos::prelude::*;
use reactive_stores::Field;
use std::time::Duration;

/// How long a changed row stays highlighted; the style sheet fades it, or does nothing for people who want no motion.
const HIGHLIGHT: Duration = Duration::from_millis(2_000);

/// A row of the table.
#[component]
pub fn AipRow(
    /// The AIP in the store.
    #[prop(into)]
    row: Field<Aip>,
    /// Whether the location is shown.
    with_location: Signal<bool>,
) -> impl IntoView {
    let stores = Stores::here();
    let initial = row.get_untracked();
    // A row that leaves the store is asked once more before it leaves the page: it keeps what it showed.
    let aip = Memo::new(move |before: Option<&Aip>| row.try_get().unwrap_or_else(|| before.unwrap_or(&initial).clone()));
    let changed = RwSignal::new(false);
    Effect::new(move |before: Option<u64>| {
        let version = aip.with(|aip| aip.version);
        if before.is_some_and(|before| before != version) {
            highlight(changed);
        }
        version
    });
    let location = move || {
        aip.get().location_uuid.map(|uuid| {
            let name = stores.locations.name(uuid).unwrap_or_else(|| "A location that is not known here".to_owned());
            view! { <a href=format!("/storage/locations/{uuid}")>{name}</a> }.into_any()
        })
    };
    view! {
        <tr class="row" class:row--changed=changed>
            <th scope="row" class="cell cell--name">
                <a href=move || format!("/storage/aips/{}", aip.with(|aip| aip.uuid))>{move || aip.with(|aip| aip.name.clone())}</a>
            </th>
            <td class="cell cell--status" data-label="Status">
                <StatusBadge status=Signal::derive(move || aip.with(|aip| aip.status)) />
            </td>
            {move || {
                with_location.get().then(|| {
                    view! { <td class="cell cell--location" data-label="Location">{move || location().map_or_else(|| view! { "–" }.into_any(), IntoAny::into_any)}</td> }
                })
            }}
            <td class="cell cell--size" data-label="Size">
                <Size bytes=Signal::derive(move || aip.with(|aip| aip.size)) />
            </td>
            <td class="cell cell--deposited" data-label="Deposited">
                <Time at=Signal::derive(move || aip.with(|aip| aip.created_at)) />
            </td>
        </tr>
    }
}

/// Marks the row for a while. A row that changes again meanwhile stays marked, without another timer.
fn highlight(changed: RwSignal<bool>) {
    if !changed.get_untracked() {
        changed.set(true);
        set_timeout(
            move || {
                changed.try_set(false);
            },
            HIGHLIGHT,
        );
    }
}
