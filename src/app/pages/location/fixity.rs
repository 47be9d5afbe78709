//! Checking everything that a location keeps.

use crate::{
    api::{FixityStarted, client},
    app::{
        components::{Confirm, Prompt},
        format,
        stores::Stores,
    },
    domain::Location,
};
use leptos::prelude::*;

/// What was begun, for a person.
fn outcome(FixityStarted { started, skipped }: FixityStarted) -> String {
    let mut text = match started {
        0 => "No fixity check was begun.".to_owned(),
        started => {
            format!("The fixity of {} is being checked. Each AIP's page tells what was found.", format::plural(started, "AIP", "AIPs"))
        }
    };
    if skipped > 0 {
        text.push_str(&format!(" {} left out: other work is going on there.", format::plural(skipped, "AIP was", "AIPs were")));
    }
    text
}

/// The way to check every AIP of a location.
#[component]
pub fn CheckAll(
    /// The location; none once it was removed.
    location: Memo<Option<Location>>,
) -> impl IntoView {
    let stores = Stores::here();
    let prompt = Prompt::new();
    let kept = Memo::new(move |_| location.with(|location| location.as_ref().map_or(0, |location| location.aip_count)));
    let size = Memo::new(move |_| location.with(|location| location.as_ref().map_or(0, |location| location.total_size)));
    let check = Callback::new(move |()| {
        let Some(Location { uuid, .. }) = location.get_untracked() else { return };
        prompt.carry_out(client::check_location_fixity(uuid), move |answer| stores.toasts.done(outcome(answer.data)));
    });
    view! {
        <section class="section" aria-labelledby="fixity">
            <h2 id="fixity">"Fixity"</h2>
            {move || {
                if kept.get() == 0 {
                    view! { <p>"This location keeps no AIPs: there is nothing to check."</p> }.into_any()
                } else {
                    view! {
                        <p>"Every byte of every AIP that is kept here is read again and compared with what was recorded when it was taken in."</p>
                        <button type="button" class="button" on:click=move |_| prompt.ask()>"Check fixity of all…"</button>
                    }
                        .into_any()
                }
            }}
            <Confirm
                prompt
                title="Check the fixity of all AIPs?"
                action="Check all"
                tone="primary"
                failed="The checks were not begun"
                on_confirm=check
            >
                <p>
                    {move || format!("{} of {} will be read. ", format::size(size.get()), format::plural(kept.get(), "AIP", "AIPs"))}
                    "That takes its time; until its own check has ended an AIP cannot be moved or deleted. Nothing is changed."
                </p>
            </Confirm>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_says_what_was_left_out() {
        assert_eq!(
            outcome(FixityStarted { started: 12, skipped: 0 }),
            "The fixity of 12 AIPs is being checked. Each AIP's page tells what was found."
        );
        assert!(outcome(FixityStarted { started: 1, skipped: 1 }).ends_with("1 AIP was left out: other work is going on there."));
        assert!(outcome(FixityStarted { started: 0, skipped: 3 }).starts_with("No fixity check was begun. 3 AIPs were left out"));
    }
}
