//! Which page answers at which address. The addresses are those that Enduro's users have in their bookmarks; ours stand beside them.

use super::{
    pages::{AipsPage, NotFoundPage, on_demand},
    stores::WithUser,
};
use leptos::prelude::*;
use leptos_router::{
    Lazy, SsrMode,
    components::{FlatRoutes, Route},
    path,
};

/// Every page is written as a whole before it is sent: its status is right, its data is in the first HTML, and nothing shifts.
#[component]
pub(super) fn AppRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFoundPage/> }>
            <Route path=path!("/") view={Lazy::<on_demand::Overview>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/aips") view=|| view! { <WithUser><AipsPage/></WithUser> } ssr=SsrMode::Async/>
            <Route path=path!("/storage/aips/:uuid") view={Lazy::<on_demand::Aip>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations") view={Lazy::<on_demand::Locations>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/new") view={Lazy::<on_demand::LocationNew>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/:uuid") view={Lazy::<on_demand::Location>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/:uuid/aips") view={Lazy::<on_demand::LocationAips>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/locations/:uuid/edit") view={Lazy::<on_demand::LocationEdit>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/storage/deposit") view={Lazy::<on_demand::Deposit>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/activity") view={Lazy::<on_demand::Activity>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/tasks") view={Lazy::<on_demand::Tasks>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/system") view={Lazy::<on_demand::System>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/user/signin") view={Lazy::<on_demand::SignIn>::new()} ssr=SsrMode::Async/>
            <Route path=path!("/about") view={Lazy::<on_demand::About>::new()} ssr=SsrMode::Async/>
        </FlatRoutes>
    }
}
