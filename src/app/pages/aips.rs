//! The AIPs: a list that is filtered, sorted and paged by its address, and that changes as the archive does.

mod filters;
mod listing;
pub mod query;
mod row;
mod table;

pub use listing::Listing;

use crate::{
    app::{
        components::{Glyph, Icon},
        stores::Stores,
    },
    domain::attribute,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// Where the list is.
const PATH: &str = "/storage/aips";

/// All AIPs.
#[component]
pub fn AipsPage() -> impl IntoView {
    view! {
        <Title text="AIPs" />
        <div class="page page--wide">
            <header class="page__head">
                <h1>"AIPs"</h1>
                {Stores::here()
                    .user
                    .may(attribute::AIPS_CREATE)
                    .then(|| view! { <a class="button button--primary" href="/storage/deposit"><Icon glyph=Glyph::Upload />"Deposit"</a> })}
            </header>
            <Listing path=Signal::stored(PATH.to_owned()) mine=|path| path == PATH />
        </div>
    }
}
