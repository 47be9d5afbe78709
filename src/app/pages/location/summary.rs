//! What a location is, checking what it keeps, and removing it.

use super::{delete::Delete, fixity::CheckAll, words};
use crate::{
    app::{
        components::{Size, Time, Uuid as ShownUuid},
        format,
        stores::Stores,
    },
    domain::attribute,
};
use leptos::prelude::*;
use uuid::Uuid;

/// The facts about a location.
#[component]
pub fn Summary(
    /// The location.
    uuid: Uuid,
) -> impl IntoView {
    let stores = Stores::here();
    let location = Memo::new(move |_| stores.locations.get(uuid));
    let may = |attribute| stores.user.may(attribute);
    let facts = move || {
        location.get().map(|location| {
            let description = (!location.description.is_empty()).then(
                || view! { <div class="facts__wide"><dt>"Description"</dt><dd class="facts__text">{location.description}</dd></div> },
            );
            view! {
                <dl class="facts facts--card facts--even">
                    {description}
                    <div><dt>"Source"</dt><dd>{words::source(location.source)}</dd></div>
                    <div><dt>"Purpose"</dt><dd>{words::purpose(location.purpose)}</dd></div>
                    <div>
                        <dt>"Keeps"</dt>
                        <dd>{format::plural(location.aip_count, "AIP", "AIPs")}", "<Size bytes=Some(location.total_size) /></dd>
                    </div>
                    <div><dt>"Created"</dt><dd><Time at=location.created_at /></dd></div>
                    <div><dt>"Last change"</dt><dd><Time at=location.updated_at.unwrap_or(location.created_at) /></dd></div>
                    <div class="facts__wide"><dt>"UUID"</dt><dd><ShownUuid uuid /></dd></div>
                </dl>
            }
        })
    };
    view! {
        {facts}
        {may(attribute::AIPS_FIXITY).then(|| view! { <CheckAll location /> })}
        {may(attribute::LOCATIONS_DELETE).then(|| view! { <Delete location /> })}
    }
}
