//! How far something is, as an icon, a word and a colour: never colour alone.

use super::icon::{Glyph, Icon};
use crate::{
    domain::{AipStatus, TaskStatus, WorkflowStatus},
    realtime::progress::TaskState,
};
use leptos::prelude::*;

/// What a badge shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The ending of the style class, which chooses the colour.
    pub tone: &'static str,
    /// The icon.
    pub glyph: Glyph,
    /// The word.
    pub word: &'static str,
    /// What the word means, in a sentence.
    pub meaning: &'static str,
}

impl From<AipStatus> for Look {
    fn from(status: AipStatus) -> Self {
        let (tone, glyph, word, meaning) = match status {
            AipStatus::Stored => ("good", Glyph::Check, "stored", "The AIP is kept in its location, and nothing is being done to it."),
            AipStatus::Pending => ("waiting", Glyph::Warning, "pending", "The AIP awaits a person's decision."),
            AipStatus::Processing => ("busy", Glyph::Sync, "processing", "Something is being done to the AIP now."),
            AipStatus::Queued => ("queued", Glyph::Hourglass, "queued", "The AIP waits for its turn to be worked on."),
            AipStatus::Deleted => ("gone", Glyph::Stop, "deleted", "The AIP's bytes were removed; its record stays."),
            AipStatus::Unspecified => ("neutral", Glyph::Circle, "unspecified", "The AIP was announced and is not kept yet."),
        };
        Self { tone, glyph, word, meaning }
    }
}

impl From<WorkflowStatus> for Look {
    fn from(status: WorkflowStatus) -> Self {
        let (tone, glyph, word, meaning) = match status {
            WorkflowStatus::InProgress => ("busy", Glyph::Sync, "in progress", "Work is going on."),
            WorkflowStatus::Done => ("good", Glyph::Check, "done", "It ended as intended."),
            WorkflowStatus::Error => ("bad", Glyph::Alert, "error", "It ended with a problem, which its tasks tell."),
            WorkflowStatus::Queued => ("queued", Glyph::Hourglass, "queued", "It waits for its turn."),
            WorkflowStatus::Pending => ("waiting", Glyph::Warning, "pending", "It awaits a person's decision."),
            WorkflowStatus::Canceled => ("gone", Glyph::Stop, "canceled", "It was called off."),
            WorkflowStatus::Unspecified => ("neutral", Glyph::Circle, "unspecified", "Its state was not told."),
        };
        Self { tone, glyph, word, meaning }
    }
}

impl From<TaskStatus> for Look {
    fn from(status: TaskStatus) -> Self {
        Self::from(match status {
            TaskStatus::InProgress => WorkflowStatus::InProgress,
            TaskStatus::Done => WorkflowStatus::Done,
            TaskStatus::Error => WorkflowStatus::Error,
            TaskStatus::Queued => WorkflowStatus::Queued,
            TaskStatus::Pending => WorkflowStatus::Pending,
            TaskStatus::Unspecified => WorkflowStatus::Unspecified,
        })
    }
}

impl From<TaskState> for Look {
    fn from(state: TaskState) -> Self {
        let (tone, glyph, word, meaning) = match state {
            TaskState::Pending => ("queued", Glyph::Hourglass, "waiting", "It waits for its turn."),
            TaskState::Started => ("busy", Glyph::Sync, "started", "It has begun."),
            TaskState::Progress => ("busy", Glyph::Sync, "running", "Work is going on."),
            TaskState::Success => ("good", Glyph::Check, "done", "It ended as intended."),
            TaskState::Failure => ("bad", Glyph::Alert, "failed", "It ended with a problem."),
        };
        Self { tone, glyph, word, meaning }
    }
}

/// A badge that changes in place.
#[component]
pub fn Badge(
    /// What it shows.
    #[prop(into)]
    look: Signal<Look>,
) -> impl IntoView {
    view! {
        <span class=move || format!("badge badge--{}", look.get().tone) title=move || look.get().meaning>
            <Icon glyph=Signal::derive(move || look.get().glyph) />
            <span class="badge__word">{move || look.get().word}</span>
        </span>
    }
}

/// The status of an AIP.
#[component]
pub fn StatusBadge(
    /// The status.
    #[prop(into)]
    status: Signal<AipStatus>,
) -> impl IntoView {
    view! { <Badge look=Signal::derive(move || Look::from(status.get())) /> }
}

/// The status of a workflow.
#[component]
pub fn WorkflowBadge(
    /// The status.
    #[prop(into)]
    status: Signal<WorkflowStatus>,
) -> impl IntoView {
    view! { <Badge look=Signal::derive(move || Look::from(status.get())) /> }
}

/// The status of a task.
#[component]
pub fn TaskBadge(
    /// The status.
    #[prop(into)]
    status: Signal<TaskStatus>,
) -> impl IntoView {
    view! { <Badge look=Signal::derive(move || Look::from(status.get())) /> }
}

/// The state of a task as whoever reports it says.
#[component]
pub fn TaskStateBadge(
    /// The state.
    #[prop(into)]
    state: Signal<TaskState>,
) -> impl IntoView {
    view! { <Badge look=Signal::derive(move || Look::from(state.get())) /> }
}

/// What each status of an AIP means; opens without script.
#[component]
pub fn StatusLegend() -> impl IntoView {
    let rows = AipStatus::ALL.iter().map(|status| {
        view! {
            <div class="legend__row">
                <dt><StatusBadge status=*status /></dt>
                <dd>{Look::from(*status).meaning}</dd>
            </div>
        }
        .into_any()
    });
    view! {
        <details class="legend">
            <summary>"What the statuses mean"</summary>
            <dl class="legend__list">{rows.collect_view()}</dl>
        </details>
    }
}
