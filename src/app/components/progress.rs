//! How much of something is done.

use crate::app::format;
use leptos::prelude::*;

/// A bar with its percentage beside it.
#[component]
pub fn Progress(
    /// How much is done.
    #[prop(into)]
    done: Signal<u64>,
    /// How much there is.
    #[prop(into)]
    whole: Signal<u64>,
    /// What is being done, for those who do not see the bar.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let percent = move || format::percent(done.get(), whole.get());
    view! {
        <span class="progress">
            <progress class="progress__bar" max="100" value=move || percent().to_string() aria-label=label></progress>
            <span class="progress__number">{move || format!("{} %", percent())}</span>
        </span>
    }
}
