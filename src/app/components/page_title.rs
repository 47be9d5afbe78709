//! The title of a page that is called as something in the archive is.

use leptos::prelude::*;
use leptos_meta::Title;

/// A title that changes. leptos_meta reads it once more when the whole page is written, on the server as well; what it is made of
/// may be gone by then, and asking for it would break the answer off. So what it was at the beginning is kept.
#[component]
pub fn PageTitle(
    /// The title.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let first = text.get_untracked();
    view! { <Title text=move || text.try_get().unwrap_or_else(|| first.clone()) /> }
}
