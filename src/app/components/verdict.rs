//! What the verification of a package found: the outcome, and every problem with the file that it concerns.

use super::{
    icon::{Glyph, Icon},
    size::Size,
};
use crate::{
    app::format,
    bag::{Outcome, Problem, ProblemCode, Verdict},
};
use leptos::prelude::*;

/// Problems that are shown at once; the others open.
const SHOWN_AT_ONCE: usize = 20;

/// The outcome in a sentence that says no more than was read.
#[must_use]
pub fn sentence(verdict: &Verdict) -> &'static str {
    match verdict.outcome {
        Outcome::Valid => "This is a complete and valid bag: every byte was read and is as it was packed.",
        Outcome::Invalid => "This is a bag, but not a valid one.",
        Outcome::NotABag => {
            "This package is not a bag. Every file in it could be read, but it carries no digests that they could be compared with."
        }
    }
}

const fn look(outcome: Outcome) -> (&'static str, Glyph, &'static str) {
    match outcome {
        Outcome::Valid => ("good", Glyph::Check, "Valid bag"),
        Outcome::Invalid => ("bad", Glyph::Alert, "Not valid"),
        Outcome::NotABag => ("neutral", Glyph::Circle, "Not a bag"),
    }
}

/// A verdict in full.
#[component]
pub fn VerdictPanel(
    /// It.
    verdict: Verdict,
) -> impl IntoView {
    let outcome = verdict.outcome;
    let (tone, glyph, word) = look(outcome);
    let sentence = sentence(&verdict);
    let files = format::plural(verdict.payload_files, "file", "files");
    let algorithms = verdict.algorithms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let version = verdict.version.map(|version| version.to_string());
    let problems: (Vec<Problem>, Vec<Problem>) =
        verdict.problems.into_iter().partition(|problem| problem.severity == crate::bag::Severity::Error);
    let (errors, warnings) = problems;
    let info = (!verdict.info.is_empty()).then(|| {
        let rows = verdict.info.into_iter().map(|field| view! { <div><dt>{field.label}</dt><dd>{field.value}</dd></div> }.into_any());
        view! {
            <details class="verdict__info">
                <summary>"What the bag says of itself (bag-info)"</summary>
                <dl class="facts">{rows.collect_view()}</dl>
            </details>
        }
    });
    view! {
        <div class="verdict">
            <p class="verdict__outcome">
                <span class=format!("badge badge--{tone}")><Icon glyph /><span class="badge__word">{word}</span></span>
                <span>{sentence}</span>
            </p>
            <dl class="facts facts--row">
                <div><dt>"Payload"</dt><dd>{files}", "<Size bytes=Some(verdict.payload_bytes) /></dd></div>
                {version.map(|version| view! { <div><dt>"BagIt version"</dt><dd>{version}</dd></div> }.into_any())}
                {(!algorithms.is_empty()).then(|| view! { <div><dt>"Compared with"</dt><dd>{algorithms}</dd></div> }.into_any())}
                {verdict.top_directory.map(|name| view! { <div><dt>"In the folder"</dt><dd><code>{name}</code></dd></div> }.into_any())}
            </dl>
            {if outcome == Outcome::NotABag {
                view! { <Findings title="reason why it is not a bag" many="reasons why it is not a bag" tone="neutral" problems=errors /> }
            } else {
                view! { <Findings title="error" many="errors" tone="bad" problems=errors /> }
            }}
            <Findings title="warning" many="warnings" tone="waiting" problems=warnings />
            {info}
        </div>
    }
}

/// One group of findings, each with its file.
#[component]
fn Findings(title: &'static str, many: &'static str, tone: &'static str, problems: Vec<Problem>) -> impl IntoView {
    if problems.is_empty() {
        return ().into_any();
    }
    let listed = problems.iter().filter(|problem| problem.code != ProblemCode::ProblemsOmitted).count();
    let heading = format::plural(listed as u64, title, many);
    let mut problems = problems;
    let rest = problems.split_off(problems.len().min(SHOWN_AT_ONCE));
    let more = (!rest.is_empty()).then(|| {
        let summary = format!("Show {} more", format::count(rest.len() as u64));
        view! { <details><summary>{summary}</summary><ul class="findings">{rest.into_iter().map(finding).collect_view()}</ul></details> }
    });
    view! {
        <section class=format!("verdict__group verdict__group--{tone}")>
            <h3>{heading}</h3>
            <ul class="findings">{problems.into_iter().map(finding).collect_view()}</ul>
            {more}
        </section>
    }
    .into_any()
}

fn finding(problem: Problem) -> AnyView {
    // Most sentences name the file themselves.
    let path = problem.path.filter(|path| !problem.message.contains(path.as_str()));
    view! {
        <li class="findings__item">
            {path.map(|path| view! { <code class="findings__path">{path}</code> }.into_any())}
            <span>{problem.message}</span>
        </li>
    }
    .into_any()
}
