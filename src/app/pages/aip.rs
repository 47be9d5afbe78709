//! One AIP: what it is, what is and was done to it, and what its verification found.

mod details;
mod history;
mod workflows;

use crate::{
    api::{
        self, EventRecords, EventsQuery,
        client::{self, Call},
    },
    app::{
        components::{Glyph, Icon, PageTitle, VerdictPanel, by_uuid},
        stores::{Loaded, Stores, Topic, aips::AipDetailStoreFields, page_data},
    },
    bag::Verdict,
    domain::{Aip, AipStatus},
};
use details::Details;
use history::History;
use leptos::prelude::*;
use uuid::Uuid;
use workflows::Workflows;

/// One AIP, by the UUID in the address.
#[component]
pub fn AipPage() -> impl IntoView {
    by_uuid("an AIP", |uuid| view! { <Known uuid /> })
}

/// The AIP first, since its log position is the one from which on events count.
fn everything(uuid: Uuid) -> (Call<Aip>, Call<api::Workflows>, Call<Option<Verdict>>, Call<EventRecords>) {
    let events = EventsQuery { aip_uuid: Some(uuid), ..EventsQuery::default() };
    (client::aip(uuid), client::workflows(uuid), client::verification(uuid), client::events(&events))
}

#[component]
fn Known(uuid: Uuid) -> impl IntoView {
    let stores = Stores::here();
    let locations = page_data(&[], || (), |()| client::locations(), move |(), answer, _| stores.locations.show_all(answer));
    let data = page_data(&[Topic::Aip], move || uuid, everything, move |_, answers, _| stores.aips.show_aip(answers));
    view! {
        <Loaded data=locations>
            <Loaded data=data.clone()>
                <Shown />
            </Loaded>
        </Loaded>
    }
}

/// The package itself, where it may be had; otherwise why not.
#[component]
fn Download(aip: Memo<Option<Aip>>) -> impl IntoView {
    let said = Memo::new(move |_| aip.with(|aip| aip.as_ref().map(|aip| (aip.uuid, aip.status))));
    move || match said.get()? {
        (uuid, AipStatus::Stored | AipStatus::Pending) => Some(
            // The address answers with a file: it is none of the pages.
            view! {
                <a class="button" href=format!("/api/storage/aips/{uuid}/download") download rel="external">
                    <Icon glyph=Glyph::Download />
                    "Download"
                </a>
            }
            .into_any(),
        ),
        (_, AipStatus::Deleted) => Some(view! { <p class="page__aside">"Deleted: there is nothing to download."</p> }.into_any()),
        _ => Some(view! { <p class="page__aside">"It can be downloaded once it is stored."</p> }.into_any()),
    }
}

/// The page, from the store.
#[component]
fn Shown() -> impl IntoView {
    let detail = Stores::here().aips.detail;
    let aip = Memo::new(move |_| detail.aip().get());
    let name = move || aip.with(|aip| aip.as_ref().map(|aip| aip.name.clone()).unwrap_or_default());
    view! {
        <PageTitle text=Signal::derive(name) />
        <div class="page page--wide">
            <header class="page__head">
                <h1 class="page__name">{name}</h1>
                <Download aip />
            </header>
            <Details aip />
            <section class="section" aria-labelledby="verification">
                <h2 id="verification">"Verification"</h2>
                {move || match detail.verification().get() {
                    Some(verdict) => view! { <VerdictPanel verdict /> }.into_any(),
                    None => {
                        view! { <p>"This AIP's bytes were never read here: it was announced by another system. So nothing can be said about them."</p> }
                            .into_any()
                    }
                }}
            </section>
            <Workflows />
            <History />
        </div>
    }
}
