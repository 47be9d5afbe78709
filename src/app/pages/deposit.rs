//! Depositing packages: choose or drop them, name them, send them, and see what their verification found.

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(not(feature = "hydrate"))]
#[path = "deposit/no_browser.rs"]
mod browser;
mod chooser;
mod package;
pub mod part;
pub mod queue;
pub mod remember;
pub mod tar;

pub use queue::Queue;

use crate::{
    api::client,
    app::{
        components::EmptyState,
        format,
        stores::{Loaded, Permitted, Stores, WithUser, locations::LocationListStoreFields, page_data},
    },
    domain::attribute,
    realtime::topic::Topic,
};
use chooser::Chooser;
use leptos::prelude::*;
use leptos_meta::Title;
use package::PackageItem;
use queue::Stage;
use uuid::Uuid;

/// The page for depositing.
#[component]
pub fn DepositPage() -> impl IntoView {
    view! { <WithUser><Permitted attribute=attribute::AIPS_CREATE><Deposit/></Permitted></WithUser> }
}

#[component]
fn Deposit() -> impl IntoView {
    let stores = Stores::here();
    let may_choose = stores.user.may(attribute::LOCATIONS_LIST);
    let data = page_data(
        &[],
        |()| Topic::Locations.into(),
        || (),
        move |()| may_choose.then(client::locations),
        move |(), answer, _| stores.locations.show_known(answer),
    );
    let none = Memo::new(move |_| may_choose && stores.locations.list.rows().with(Vec::is_empty));
    view! {
        <Title text="Deposit" />
        <div class="page page--wide">
            <h1>"Deposit"</h1>
            <p class="page__intro">
                "Packages are checked as they arrive: a bag is verified byte by byte, and what is damaged or incomplete is refused, with every problem named. Nothing of a refused package is kept."
            </p>
            <noscript>
                <div class="banner banner--waiting">
                    <div>
                        <p>"Depositing in the browser needs JavaScript. Without it, send a package over the command line:"</p>
                        <pre><code>"strongroom deposit fonds.zip"</code></pre>
                        <p>"or, where only curl is at hand:"</p>
                        <pre><code>"curl --request POST --upload-file fonds.zip '<this server>/api/storage/deposits?name=fonds'"</code></pre>
                    </div>
                </div>
            </noscript>
            <Loaded data>
                <Show
                    when=move || !none.get()
                    fallback=|| {
                        view! {
                            <EmptyState title="There is no location to keep packages in">
                                <a href="/storage/locations/new">"Create a location first"</a>
                            </EmptyState>
                        }
                    }
                >
                    <Desk />
                </Show>
            </Loaded>
        </div>
    }
}

/// Where packages are chosen, and those that were.
#[component]
fn Desk() -> impl IntoView {
    let queue = Queue::here();
    let limit = Stores::here().about;
    let limit = Signal::derive(move || limit.with(|about| about.as_ref().map(|about| about.upload_max_size)));
    let location = RwSignal::new(None::<Uuid>);
    Effect::new(move |_| browser::look_for_unfinished(queue));
    let chosen = Memo::new(move |_| queue.count(|package| package.stage == Stage::Chosen));
    let over = Memo::new(move |_| queue.count(|package| package.stage.is_over()));
    let send_all = move |_| {
        let limit = limit.get_untracked();
        while let Some(id) = queue.find(|package| package.stage == Stage::Chosen && package::wrong(package, limit).is_none()) {
            browser::send(queue, id);
        }
    };
    let ready = move || {
        let limit = limit.get();
        queue.count(|package| package.stage == Stage::Chosen && package::wrong(package, limit).is_none())
    };
    view! {
        <Chooser queue location />
        <Show when=move || chosen.get() != 0>
            <div class="deposit__bar">
                <button type="button" class="button button--primary" disabled=move || ready() == 0 on:click=send_all>
                    {move || format!("Deposit {}", format::plural(ready() as u64, "package", "packages"))}
                </button>
            </div>
        </Show>
        <Show when=move || !queue.ids().is_empty()>
            <h2 class="visually-hidden">"Packages"</h2>
        </Show>
        <ul class="packages" aria-label="Packages">
            <For each=move || queue.ids() key=|id| *id children=move |id| view! { <PackageItem queue id limit /> } />
        </ul>
        <Show when=move || over.get() != 0>
            <button type="button" class="button" on:click=move |_| queue.remove(|package| package.stage.is_over())>
                "Take finished packages off this list"
            </button>
        </Show>
    }
}
