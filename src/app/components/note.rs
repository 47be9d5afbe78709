//! What somebody or something noted: a short note as it is, a long one folded.

use leptos::prelude::*;

/// Notes longer than this are folded.
const SHORT: usize = 140;

/// A note; a long one, or one of several lines, shows its beginning and opens.
#[component]
pub fn Note(
    /// It.
    text: String,
) -> impl IntoView {
    if text.chars().count() <= SHORT && !text.contains('\n') {
        return view! { <p class="note">{text}</p> }.into_any();
    }
    let beginning: String = text.lines().next().unwrap_or_default().chars().take(SHORT).collect();
    view! {
        <details class="note note--long">
            <summary><span class="note__beginning">{beginning}"… "</span><span class="note__more">"Show more"</span><span class="note__less">"Show less"</span></summary>
            <p class="note__text">{text}</p>
        </details>
    }
    .into_any()
}
