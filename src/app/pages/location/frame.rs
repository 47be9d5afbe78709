//! What stands around both tabs of a location.

use super::changes::Changes;
use crate::{
    api::client,
    app::{
        components::{PageTitle, Tab, Tabs},
        stores::{Loaded, Stores, Touched, page_data},
    },
    domain::attribute,
    realtime::topic::Topic,
};
use leptos::prelude::*;
use uuid::Uuid;

/// The tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What it is.
    Summary,
    /// What it keeps.
    Aips,
}

/// Loads the location and shows its name and tabs around the children.
#[component]
pub fn Framed(
    /// The location.
    uuid: Uuid,
    /// The tab that is shown.
    tab: Which,
    /// Its content.
    children: ChildrenFn,
) -> impl IntoView {
    let stores = Stores::here();
    let data = page_data(
        &[Touched::Locations],
        move |_| Topic::Location(uuid).into(),
        move || uuid,
        client::location,
        move |_, answer, _| stores.locations.put(answer.data, true),
    );
    let location = Memo::new(move |_| stores.locations.get(uuid));
    let name = Memo::new(move |before: Option<&String>| match location.get() {
        Some(location) => location.name,
        None => before.cloned().unwrap_or_default(),
    });
    let tabs = Signal::derive(move || {
        let count = location.with(|location| location.as_ref().map(|location| location.aip_count));
        let tab = |words: &str, which: Which, path: &str, count| Tab {
            words: words.to_owned(),
            href: format!("/storage/locations/{uuid}{path}"),
            current: which == tab,
            count,
        };
        vec![tab("Summary", Which::Summary, "", None), tab("AIPs", Which::Aips, "/aips", count)]
    });
    view! {
        <Loaded data>
            <PageTitle text=name />
            <div class="page page--wide">
                <header class="page__head">
                    <h1 class="page__name">{name}</h1>
                    {stores
                        .user
                        .may(attribute::LOCATIONS_UPDATE)
                        .then(|| view! { <a class="button" href=format!("/storage/locations/{uuid}/edit")>"Edit"</a> })}
                </header>
                <Show when=move || location.with(Option::is_none)>
                    <p class="banner banner--waiting" role="status">
                        <span>"This location was removed just now. It kept no AIPs. " <a href="/storage/locations">"See the others"</a></span>
                    </p>
                </Show>
                <Changes uuid />
                <Tabs label="Location" tabs />
                {children()}
            </div>
        </Loaded>
    }
}
