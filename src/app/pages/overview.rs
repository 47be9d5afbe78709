//! The archive at a glance: what there is, what is going on, what went wrong, what happened.

mod parts;

use crate::{
    api::client::{self, Snapshot},
    app::stores::{Loaded, Stores, Touched, page_data},
    realtime::topic::Topic,
};
use leptos::prelude::*;
use leptos_meta::Title;
use parts::{Activity, Awaiting, Counts, Failures, Health, Locations, Running};

/// The first page.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let stores = Stores::here();
    let data = page_data(
        &[Touched::Overview],
        |()| Topic::Storage.into(),
        || (),
        |()| client::overview(),
        move |(), answer, _| {
            stores.locations.show_all(Snapshot { position: answer.position, data: answer.data.locations.clone() });
            stores.overview.show(answer);
        },
    );
    view! {
        <Title text="Overview"/>
        <div class="page overview">
            <h1>"Overview"</h1>
            <Loaded data>
                <Counts/>
                <div class="overview__columns">
                    <div class="overview__column">
                        <Awaiting/>
                        <Failures/>
                        <Running/>
                        <Activity/>
                    </div>
                    <div class="overview__column">
                        <Locations/>
                        <Health/>
                    </div>
                </div>
            </Loaded>
        </div>
    }
}
