//! What checks of an AIP's fixity found: the newest in full, the earlier ones folded.

use crate::{
    app::{
        components::{Glyph, Icon, Size, Time},
        format,
        stores::{Stores, aips::AipDetailStoreFields},
    },
    domain::{FixityCheck, FixityOutcome, Workflow, WorkflowStatus},
};
use leptos::prelude::*;

const fn look(outcome: FixityOutcome) -> (&'static str, Glyph, &'static str) {
    match outcome {
        FixityOutcome::Ok => ("good", Glyph::Check, "unchanged"),
        FixityOutcome::Damaged => ("bad", Glyph::Alert, "damaged"),
        FixityOutcome::Unknown => ("waiting", Glyph::Warning, "not known"),
    }
}

/// The fixity of the AIP on screen.
#[component]
pub fn Fixity() -> impl IntoView {
    let detail = Stores::here().aips.detail;
    let checks = Memo::new(move |_| detail.fixity().get());
    let goes_on = |workflow: &Workflow| workflow.is_fixity_check() && workflow.status == WorkflowStatus::InProgress;
    let going_on = Memo::new(move |_| detail.workflows().with(|workflows| workflows.iter().any(goes_on)));
    let found = move || {
        let checks = checks.get();
        let Some((newest, earlier)) = checks.split_first() else {
            return view! { <p>"It was not checked since it was taken in."</p> }.into_any();
        };
        let earlier: Vec<FixityCheck> = earlier.to_vec();
        view! {
            <OneCheck check=newest.clone() />
            {(!earlier.is_empty())
                .then(|| {
                    let summary = format::plural(earlier.len() as u64, "earlier check", "earlier checks");
                    view! {
                        <details class="checks">
                            <summary>{summary}</summary>
                            <ol class="checks__list">{earlier.into_iter().map(|check| view! { <li><OneCheck check /></li> }.into_any()).collect_view()}</ol>
                        </details>
                    }
                })}
        }
        .into_any()
    };
    view! {
        <section class="section" aria-labelledby="fixity">
            <h2 id="fixity">"Fixity"</h2>
            <div class="checks__now" role="status">
                {found}
                {move || going_on.get().then(|| view! { <p class="quiet">"It is being checked now."</p> }.into_any())}
            </div>
        </section>
    }
}

#[component]
fn OneCheck(check: FixityCheck) -> impl IntoView {
    let (tone, glyph, word) = look(check.outcome);
    view! {
        <div class="check">
            <p class="check__head">
                <span class=format!("badge badge--{tone}")><Icon glyph /><span class="badge__word">{word}</span></span>
                <span class="span"><Size bytes=Some(check.size) /> " read, " <Time at=check.checked_at /></span>
            </p>
            <p class="note">{check.message}</p>
        </div>
    }
}
