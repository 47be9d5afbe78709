//! The parts of the overview. Each renders anew only when its part of the answer changed.

use crate::{
    api::{AwaitingReview, overview::NamedWorkflow},
    app::{
        components::{Icon, StatusBadge, Time, WorkflowBadge, icon::Glyph},
        format,
        sentences::{Sentence, sentence, work_name},
        stores::Stores,
    },
    domain::AipStatus,
};
use leptos::prelude::*;

/// How many AIPs there are, of each status, each a link to them.
#[component]
pub(super) fn Counts() -> impl IntoView {
    let overview = Stores::here().overview;
    let (counts, size) = (overview.part(|o| o.counts), overview.part(|o| o.total_size));
    let tile = move |status: AipStatus| {
        view! {
            <li class="tile">
                <a class="tile__link" href=format!("/storage/aips?status={status}")>
                    <span class="tile__number">{move || format::count(counts.get().get(status))}</span>
                    <StatusBadge status/>
                </a>
            </li>
        }
    };
    view! {
        <section aria-labelledby="counts">
            <h2 id="counts" class="visually-hidden">"AIPs by status"</h2>
            <ul class="tiles">
                <li class="tile tile--all">
                    <a class="tile__link" href="/storage/aips">
                        <span class="tile__number">{move || format::count(counts.get().total())}</span>
                        <span class="tile__word">"AIPs, " {move || format::size(size.get())} " kept"</span>
                    </a>
                </li>
                {AipStatus::ALL.iter().map(|status| tile(*status)).collect_view()}
            </ul>
        </section>
    }
}

/// The locations and what they hold.
#[component]
pub(super) fn Locations() -> impl IntoView {
    let locations = Stores::here().overview.part(|o| o.locations.clone());
    let body = move || {
        let locations = locations.get();
        if locations.is_empty() {
            return view! { <p class="quiet">"No location yet. " <a href="/storage/locations/new">"Create one"</a> " to take AIPs in."</p> }.into_any();
        }
        let row = |location: crate::domain::Location| {
            view! {
                <tr>
                    <th scope="row"><a href=format!("/storage/locations/{}", location.uuid)>{location.name}</a></th>
                    <td class="number">{format::count(location.aip_count)}</td>
                    <td class="number" title=format::exact_bytes(location.total_size)>{format::size(location.total_size)}</td>
                </tr>
            }
        };
        view! {
            <table class="table table--compact">
                <thead>
                    <tr><th scope="col">"Name"</th><th scope="col" class="number">"AIPs"</th><th scope="col" class="number">"Size"</th></tr>
                </thead>
                <tbody>{locations.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <section class="panel" aria-labelledby="locations"><h2 id="locations" class="panel__title">"Locations"</h2>{body}</section> }
}

fn work_list(workflows: Vec<NamedWorkflow>) -> impl IntoView {
    let item = |NamedWorkflow { aip_name, workflow }: NamedWorkflow| {
        let at = workflow.completed_at.or(workflow.started_at);
        view! {
            <li class="entry">
                <WorkflowBadge status=workflow.status/>
                <span class="entry__text">{work_name(&workflow)} " of " <a href=format!("/storage/aips/{}", workflow.aip_uuid)>{aip_name}</a></span>
                {at.map(|at| view! { <span class="entry__time"><Time at/></span> }.into_any())}
            </li>
        }
    };
    view! { <ul class="entries">{workflows.into_iter().map(item).collect_view()}</ul> }
}

/// What awaits a decision of the person who looks; absent when nothing does.
#[component]
pub(super) fn Awaiting() -> impl IntoView {
    let awaiting = Stores::here().overview.part(|o| o.awaiting.clone());
    let item = |AwaitingReview { aip_name, request }: AwaitingReview| {
        view! {
            <li class="entry">
                <span class="entry__text">
                    {request.requester} " asks for the deletion of " <a href=format!("/storage/aips/{}", request.aip_uuid)>{aip_name}</a>
                    <span class="entry__quote">{request.reason}</span>
                </span>
                <span class="entry__time"><Time at=request.requested_at/></span>
            </li>
        }
    };
    move || {
        let awaiting = awaiting.get();
        (!awaiting.is_empty()).then(|| {
            view! {
                <section class="panel panel--waiting" aria-labelledby="awaiting">
                    <h2 id="awaiting" class="panel__title"><Icon glyph=Glyph::Warning/>"Awaits your decision"</h2>
                    <ul class="entries">{awaiting.into_iter().map(item).collect_view()}</ul>
                </section>
            }
        })
    }
}

/// What is going on.
#[component]
pub(super) fn Running() -> impl IntoView {
    let running = Stores::here().overview.part(|o| o.running.clone());
    let body = move || match running.get() {
        none if none.is_empty() => view! { <p class="quiet">"Nothing is being done at the moment."</p> }.into_any(),
        some => work_list(some).into_any(),
    };
    view! { <section class="panel" aria-labelledby="running"><h2 id="running" class="panel__title">"In progress"</h2>{body}</section> }
}

/// What went wrong in the last seven days; absent when nothing did.
#[component]
pub(super) fn Failures() -> impl IntoView {
    let failed = Stores::here().overview.part(|o| o.failed.clone());
    move || {
        let failed = failed.get();
        (!failed.is_empty()).then(|| {
            view! {
                <section class="panel panel--problem" aria-labelledby="failures">
                    <h2 id="failures" class="panel__title">"Failed in the last seven days"</h2>
                    {work_list(failed)}
                </section>
            }
        })
    }
}

/// What happened.
#[component]
pub(super) fn Activity() -> impl IntoView {
    let stores = Stores::here();
    let activity = stores.overview.part(|o| o.activity.clone());
    let item = move |record: crate::api::EventRecord| {
        let at = record.at;
        view! {
            <li class="entry">
                <span class="entry__text">{move || view! { <Sentence parts=sentence(&record, |uuid| stores.locations.place(uuid))/> }}</span>
                <span class="entry__time"><Time at/></span>
            </li>
        }
    };
    let body = move || match activity.get() {
        none if none.is_empty() => view! { <p class="quiet">"Nothing has happened yet."</p> }.into_any(),
        some => view! { <ul class="entries">{some.into_iter().map(item).collect_view()}</ul> }.into_any(),
    };
    view! { <section class="panel" aria-labelledby="activity"><h2 id="activity" class="panel__title">"Recent activity"</h2>{body}</section> }
}

/// How the service is.
#[component]
pub(super) fn Health() -> impl IntoView {
    let health = Stores::here().overview.part(|o| o.health.clone());
    let item = |check: crate::api::overview::HealthCheck| {
        let (class, glyph, word) = if check.ok { ("good", Glyph::Check, "well") } else { ("bad", Glyph::Alert, "not well") };
        view! {
            <li class="entry">
                <span class=format!("badge badge--{class}")><Icon glyph/><span class="badge__word">{word}</span></span>
                <span class="entry__text"><strong>{check.name}</strong> " " {check.message}</span>
            </li>
        }
    };
    let body = move || view! { <ul class="entries">{health.get().into_iter().map(item).collect_view()}</ul> };
    view! { <section class="panel" aria-labelledby="health"><h2 id="health" class="panel__title">"Service"</h2>{body}</section> }
}
