//! A place where something would be, and is not.

use leptos::prelude::*;

/// Says that there is nothing, why, and what to do.
#[component]
pub fn EmptyState(
    /// What there is none of.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty__title">{title}</p>
            <div class="empty__body">{children()}</div>
        </div>
    }
}
