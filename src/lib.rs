//! Strongroom keeps archival packages and shows every change to them in every browser as it happens.
//!
//! # Reading order
//!
//! 1. [`domain`]: what an archive is. 2. [`api`]: how that is asked for and told. 3. [`realtime`]: the log's positions and the
//!    ring. 4. [`bag`]: the verification of packages. These are pure and are tested in seconds.
//! 5. `server`: services, database, objects, hub, HTTP (feature `ssr`). 6. `app`: what people see, on the server and in the
//!    browser; begin with `app::monitor`.
//!
//! Arrows point down only: `app` and `server` → `api` → `realtime`, `bag` → `domain`.

#[cfg(all(feature = "ssr", feature = "hydrate"))]
compile_error!("`ssr` builds the server and `hydrate` the browser's side: enable one of them");

pub mod api;
#[cfg(any(feature = "ssr", feature = "hydrate"))]
pub mod app;
pub mod bag;
pub mod domain;
pub mod realtime;
#[cfg(feature = "ssr")]
pub mod server;

/// Takes over the page that the server rendered. That ends when the page's own file has arrived, if it has one
/// ([`app::pages`]).
///
/// # Panics
///
/// In a document without a body.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    use leptos::prelude::*;

    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        let hydrated = ArcRwSignal::new(false);
        let body = document().body().expect("a document that the server wrote has a body");
        let told = app::Hydrated(hydrated.clone());
        let application = move || {
            provide_context(told);
            view! { <app::App/> }
        };
        leptos::mount::hydrate_from_async(body, application).await.forget();
        hydrated.set(true);
    });
}
