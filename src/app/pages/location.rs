//! One location: its summary, its AIPs, and making, changing and removing one.

mod changes;
mod create;
mod delete;
mod edit;
mod fields;
mod fixity;
mod frame;
mod store;
mod summary;
pub(super) mod words;

pub use create::LocationNewPage;
pub use edit::LocationEditPage;

use super::aips::Listing;
use crate::app::components::by_uuid;
use frame::Framed;
use leptos::prelude::*;
use summary::Summary;

/// What a location is.
#[component]
pub fn LocationPage() -> impl IntoView {
    by_uuid("a location", |uuid| view! { <Framed uuid tab=frame::Which::Summary><Summary uuid /></Framed> })
}

/// The AIPs that a location keeps.
#[component]
pub fn LocationAipsPage() -> impl IntoView {
    by_uuid("a location's AIPs", |uuid| {
        let path = Signal::stored(format!("/storage/locations/{uuid}/aips"));
        let mine = |path: &str| path.starts_with("/storage/locations/") && path.ends_with("/aips");
        view! {
            <Framed uuid tab=frame::Which::Aips>
                <Listing path mine within=Signal::stored(Some(uuid)) />
            </Framed>
        }
    })
}
