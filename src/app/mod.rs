//! What people see. One code base, run on the server for the first HTML and in the browser from then on.
//!
//! Reactive signal stores for locations and AIPs ([`stores`]) are fed by a [`monitor`] module that requests a ticket, opens the
//! storage WebSocket and dispatches each event variant to a typed handler, which patches the current item or triggers a debounced
//! list refresh. Begin reading with `monitor/mod.rs`; pages ([`pages`]) only read the stores.

pub mod browser;
pub mod components;
pub mod format;
pub mod frame;
pub mod monitor;
pub mod pages;
pub mod rate;
mod routes;
pub mod sentences;
mod shell;
pub mod sign_in;
pub mod status;
pub mod stores;

pub use shell::{CsrfToken, shell};

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

/// Whether the whole page has been taken over from the server, as whoever does that says in the context. Events that came earlier
/// would change what hydration is still to find as the server wrote it.
#[derive(Debug, Clone)]
pub struct Hydrated(pub ArcRwSignal<bool>);

/// The whole application: stores, the live connection, and the frame around the routes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let stores = stores::Stores::provide();
    stores.user.ask();
    // Belongs to the application, so that uploads go on while other pages are looked at.
    pages::DepositQueue::provide();
    let hydrated = use_context::<Hydrated>();
    // Whoever is not signed in has nothing to listen to.
    let ready = move || hydrated.as_ref().is_some_and(|hydrated| hydrated.0.get()) && !stores.user.is_absent();
    monitor::run(stores, Signal::derive(ready));

    view! {
        <Title formatter=|page: String| if page.is_empty() { "Strongroom".to_owned() } else { format!("{page} · Strongroom") }/>
        <Router>
            <frame::Frame>
                <routes::AppRoutes/>
            </frame::Frame>
        </Router>
    }
}
