//! Bytes in human units, exact on hover.

use crate::app::format;
use leptos::prelude::*;

/// A number of bytes; a dash where it is not known.
#[component]
pub fn Size(
    /// Bytes; may change.
    #[prop(into)]
    bytes: Signal<Option<u64>>,
) -> impl IntoView {
    move || {
        match bytes.get() {
        Some(bytes) => view! { <data class="size" value=bytes.to_string() title=format::exact_bytes(bytes)>{format::size(bytes)}</data> }.into_any(),
        None => view! { <span class="size" title="The size is not known: these bytes were never read here."><span aria-hidden="true">"–"</span><span class="visually-hidden">"unknown"</span></span> }.into_any(),
    }
    }
}
