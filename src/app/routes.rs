//! Which page answers at which address. The addresses are those that Enduro's users have in their bookmarks; ours stand beside them.

use super::pages::{
    AboutPage, AipPage, AipsPage, DepositPage, LocationAipsPage, LocationEditPage, LocationNewPage, LocationPage, LocationsPage,
    NotFoundPage, OverviewPage,
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
    path,
};

/// Every page is written as a whole before it is sent: its status is right, its data is in the first HTML, and nothing shifts.
#[component]
pub(super) fn AppRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFoundPage/> }>
            <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/aips") view=AipsPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/aips/:uuid") view=AipPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations") view=LocationsPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/new") view=LocationNewPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/:uuid") view=LocationPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/:uuid/aips") view=LocationAipsPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/:uuid/edit") view=LocationEditPage ssr=SsrMode::Async/>
            <Route path=path!("/storage/deposit") view=DepositPage ssr=SsrMode::Async/>
            <Route path=path!("/about") view=AboutPage ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}
