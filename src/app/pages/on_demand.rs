//! Pages that the browser fetches when they are opened first. The list of AIPs is not among them: what it needs, nearly every page
//! needs, and it is where people are most.
//!
//! With the feature `split` each file below becomes one of WebAssembly (`cargo leptos build --split`), and what several of them share
//! some more: few files, so few. Without it, as under `cargo leptos watch`, one file holds everything and nothing else is different.
//! On the server a page names its file, so that the first HTML asks for it beside the rest of the program.

use super::{
    AboutPage, ActivityPage, AipPage, DepositPage, LocationAipsPage, LocationEditPage, LocationNewPage, LocationPage, LocationsPage,
    OverviewPage, SignInPage, SystemPage, TasksPage,
};
use leptos::prelude::*;
use leptos_router::LazyRoute;

/// `$route` shows `$page`, which is in the file `$file`; `$load` is its entry.
macro_rules! on_demand {
    ($($route:ident: $page:ident in $file:ident by $load:ident;)*) => {$(
        pub(in crate::app) struct $route;

        impl LazyRoute for $route {
            fn data() -> Self {
                Self
            }

            async fn view(_: Self) -> AnyView {
                #[cfg(feature = "ssr")]
                leptos::prefetch_lazy_fn_on_server(stringify!($file));
                #[cfg(feature = "split")]
                return $load().await.unwrap_or_else(|_| view! { <NotFetched/> }.into_any());
                #[cfg(not(feature = "split"))]
                $load()
            }
        }

        #[cfg(feature = "split")]
        #[leptos::wasm_split::wasm_split($file, wasm_split_path = leptos::wasm_split, fallible)]
        fn $load() -> Result<AnyView, leptos::wasm_split::SplitLoaderError> {
            Ok(view! { <$page/> }.into_any())
        }

        #[cfg(not(feature = "split"))]
        fn $load() -> AnyView {
            view! { <$page/> }.into_any()
        }
    )*};
}

on_demand! {
    Overview: OverviewPage in overview by load_overview;
    Aip: AipPage in aip by load_aip;
    Locations: LocationsPage in locations by load_locations;
    Location: LocationPage in locations by load_location;
    LocationAips: LocationAipsPage in locations by load_location_aips;
    LocationNew: LocationNewPage in locations by load_location_new;
    LocationEdit: LocationEditPage in locations by load_location_edit;
    Deposit: DepositPage in deposit by load_deposit;
    Activity: ActivityPage in overview by load_activity;
    Tasks: TasksPage in overview by load_tasks;
    System: SystemPage in system by load_system;
    About: AboutPage in overview by load_about;
    SignIn: SignInPage in overview by load_sign_in;
}

/// In the place of a page whose file could not be fetched: the network is away, or the service was renewed since the browser
/// loaded the rest. Asking for the whole page again helps in both cases.
#[cfg(feature = "split")]
#[component]
fn NotFetched() -> impl IntoView {
    view! {
        <div class="page page--narrow">
            <section class="panel panel--problem" role="alert">
                <h1 class="panel__title">"This page could not be fetched"</h1>
                <p>"The service could not be reached, or it was renewed since this window was opened. Nothing was lost or changed."</p>
                <a class="button" href="" rel="external">"Load it again"</a>
            </section>
        </div>
    }
}
