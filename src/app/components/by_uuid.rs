//! Pages of which the address names one thing by its UUID.

use super::in_place;
use crate::app::pages::NotFoundPage;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

/// Reads the UUID in the address (the path's `:uuid`) and shows the page for it, anew for each UUID. What is not a UUID is not
/// found, with a sentence that says why.
pub fn by_uuid<V: IntoView + 'static>(what: &'static str, page: impl Fn(Uuid) -> V + Send + Sync + 'static) -> AnyView {
    let params = use_params_map();
    let uuid = Memo::new(move |_| params.with(|params| params.get_str("uuid").and_then(|text| Uuid::try_parse(text).ok())));
    let page = move || {
        match uuid.get() {
        Some(uuid) => page(uuid).into_any(),
        None => view! {
            <NotFoundPage />
            <p class="page page--narrow">
                {format!("The address of {what} ends with a UUID, such as d1845cb6-a5ea-474a-9ab8-26f9bcd919f5. What stands in this address is not one.")}
            </p>
        }
        .into_any(),
    }
    };
    in_place(page)
}
