//! One AIP: what it is, what can be done to it, what is and was done to it, and what its verification and its checks found.

mod actions;
mod deletion;
mod details;
mod file;
mod fixity;
mod follow;
mod history;
mod moving;
mod offers;
mod progress;
mod workflows;

use crate::{
    api::{
        self, EventRecords, EventsQuery,
        client::{self, Call},
    },
    app::{
        components::{PageTitle, VerdictPanel, by_uuid},
        stores::{Loaded, Stores, Touched, UserStore, WithUser, aips::AipDetailStoreFields, page_data},
    },
    bag::Verdict,
    domain::{Aip, attribute},
    realtime::topic::{Topic, Topics},
};
use actions::Actions;
use deletion::{PendingDeletion, Report};
use details::Details;
use fixity::Fixity;
use follow::follow;
use history::History;
use leptos::prelude::*;
use uuid::Uuid;
use workflows::Workflows;

/// One AIP, by the UUID in the address.
#[component]
pub fn AipPage() -> impl IntoView {
    // What is asked for depends on who asks.
    view! { <WithUser>{by_uuid("an AIP", |uuid| view! { <Known uuid /> })}</WithUser> }
}

/// What is asked for: the AIP, its workflows, its verification, its history.
type Everything = (Call<Aip>, Option<Call<api::Workflows>>, Call<Option<Verdict>>, Option<Call<EventRecords>>);

/// The AIP first, since its log position is the one from which on events count.
fn everything(uuid: Uuid, see: See) -> Everything {
    let events = EventsQuery { aip_uuid: Some(uuid), ..EventsQuery::default() };
    (
        client::aip(uuid),
        see.workflows.then(|| client::workflows(uuid)),
        client::verification(uuid),
        see.events.then(|| client::events(&events)),
    )
}

/// What somebody may see beside the AIP itself.
#[derive(Debug, Clone, Copy)]
struct See {
    workflows: bool,
    events: bool,
    locations: bool,
}

impl See {
    fn of(user: UserStore) -> Self {
        let (workflows, list) = (user.may(attribute::AIPS_WORKFLOWS_LIST), user.may(attribute::AIPS_LIST));
        Self { workflows, events: workflows || list, locations: user.may(attribute::LOCATIONS_LIST) }
    }
}

#[component]
fn Known(uuid: Uuid) -> impl IntoView {
    let stores = Stores::here();
    let see = See::of(stores.user);
    // Of the rest of the archive it hears what locations are called, since it names some.
    let locations = page_data(
        &[],
        |()| Topic::Locations.into(),
        || (),
        move |()| see.locations.then(client::locations),
        move |(), answer, _| stores.locations.show_known(answer),
    );
    let this = move |_: &Uuid| Topics::from(Topic::Aip(uuid));
    let data = page_data(
        &[Touched::Aip],
        this,
        move || uuid,
        move |uuid| everything(uuid, see),
        move |_, answers, _| stores.aips.show_aip(answers),
    );
    let fixity =
        page_data(&[Touched::Fixity], this, move || uuid, client::fixity, move |_, answer, _| stores.aips.show_fixity(answer.data.checks));
    let deletions = page_data(
        &[Touched::Deletions],
        this,
        move || uuid,
        client::deletion_requests,
        move |_, answer, _| {
            stores.aips.show_deletions(answer.data.requests);
        },
    );
    view! {
        <Loaded data=locations>
            <Loaded data=data.clone() clone:fixity clone:deletions>
                <Loaded data=fixity.clone() clone:deletions>
                    <Loaded data=deletions.clone()>
                        <Shown uuid />
                    </Loaded>
                </Loaded>
            </Loaded>
        </Loaded>
    }
}

/// The page, from the store.
#[component]
fn Shown(uuid: Uuid) -> impl IntoView {
    let stores = Stores::here();
    let detail = stores.aips.detail;
    let see = See::of(stores.user);
    follow(uuid);
    let aip = Memo::new(move |_| detail.aip().get());
    let name = move || aip.with(|aip| aip.as_ref().map(|aip| aip.name.clone()).unwrap_or_default());
    view! {
        <PageTitle text=Signal::derive(name) />
        <div class="page page--wide">
            <header class="page__head">
                <h1 class="page__name">{name}</h1>
                <Report aip />
            </header>
            <Details aip />
            <PendingDeletion aip />
            <Actions aip />
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
            <Fixity />
            {see.workflows.then(|| view! { <Workflows /> })}
            {see.events.then(|| view! { <History /> })}
        </div>
    }
}
