//! What this service is.

use crate::{
    api::client,
    app::{
        format,
        stores::{Loaded, Stores, page_data},
    },
    realtime::topic::Topics,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Version, limits and ways of use of the service.
#[component]
pub fn AboutPage() -> impl IntoView {
    let stores = Stores::here();
    let data = page_data(&[], |()| Topics::none(), || (), |()| client::about(), move |(), answer, _| stores.about.set(Some(answer.data)));
    let about = move || stores.about.get();
    let row = |name: &'static str, value: String| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    view! {
        <Title text="About"/>
        <div class="page page--narrow">
            <h1>"About"</h1>
            <p>"Strongroom keeps archival packages in storage locations, records everything that is done to them, and shows every change as it happens."</p>
            <Loaded data>
                <dl class="facts">
                    {move || about().map(|about| {
                        let sign_in = if about.authentication { "Required" } else { "None: the service answers on this machine only" };
                        view! {
                            {row("Version", about.version)}
                            {row("Preservation system", about.preservation_system)}
                            {row("Largest package", format::size(about.upload_max_size))}
                            {row("Sign-in", sign_in.to_owned())}
                            {row("Running process", about.instance_id)}
                        }
                    })}
                </dl>
            </Loaded>
            <h2>"For programs"</h2>
            <p>
                "The whole service is an API that is described at "
                <a href="/api/openapi.json" rel="external">"/api/openapi.json"</a>
                "; the storage part of it is wire-compatible with Enduro."
            </p>
        </div>
    }
}
