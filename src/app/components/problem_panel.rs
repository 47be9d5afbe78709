//! When something went wrong: what happened, whether anything was lost, what to do.

use super::{
    icon::{Glyph, Icon},
    verdict::VerdictPanel,
};
use crate::api::Problem;
use leptos::prelude::*;

/// What a person can do about a problem, as far as its kind tells.
#[must_use]
pub fn advice(problem: &Problem) -> &'static str {
    match problem.status {
        0 if problem.name == "unreadable" => "",
        0 => "Check that the service runs and that you are connected to its network.",
        401 => "Sign in again; you will come back to this page.",
        403 => "Ask whoever administers the service for the permission.",
        404 => "It may have been removed, or the address may be mistyped.",
        409 => "Somebody else changed it meanwhile: reload the page to see how it stands now.",
        412 => "Save again to make your changes to it as it is now, or leave it so.",
        413 => "Divide the package, or ask whoever administers the service to raise the limit.",
        429 | 503 => "The service is busy or restarts: try again in a moment.",
        507 => "Free space in the location, or choose another one.",
        500.. => "Try again; if it happens again, tell whoever administers the service the time at which it happened.",
        _ => "",
    }
}

/// A problem in one line, for a message: what could not be done, why, what to do.
#[must_use]
pub fn in_a_line(what: &str, problem: &Problem) -> String {
    let stop = if problem.message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{what} {}{stop} {}", problem.message, advice(problem)).trim_end().to_owned()
}

/// A problem, told in words.
#[component]
pub fn ProblemPanel(
    /// What could not be done.
    #[prop(into, default = "This could not be loaded".to_owned())]
    title: String,
    /// What went wrong.
    problem: Problem,
    /// Whether anything was lost or changed. Reading changes nothing, which is what is said by default.
    #[prop(into, default = "Nothing was lost or changed.".to_owned())]
    lost: String,
    /// The address of the same thing, to try it again; works without script.
    #[prop(optional, into)]
    retry_href: Option<String>,
    /// Tries it again in place.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let advice = advice(&problem);
    let verdict = problem.verdict.map(|verdict| view! { <VerdictPanel verdict=*verdict /> }.into_any());
    // Everything that cannot be reached is told with "Nothing was changed" in its own message.
    let lost = (problem.status != 0 && !lost.is_empty()).then_some(lost);
    let again = (retry.is_some() || retry_href.is_some()).then(|| {
        let in_place = move |event: leptos::ev::MouseEvent| {
            if let Some(retry) = retry {
                event.prevent_default();
                retry.run(());
            }
        };
        match retry_href {
            Some(href) => view! { <a class="button" href=href on:click=in_place>"Try again"</a> }.into_any(),
            None => view! { <button type="button" class="button" on:click=in_place>"Try again"</button> }.into_any(),
        }
    });
    view! {
        <section class="panel panel--problem" role="alert">
            <h2 class="panel__title"><Icon glyph=Glyph::Alert />{title}</h2>
            <p>{problem.message}</p>
            {lost.map(|lost| view! { <p>{lost}</p> }.into_any())}
            {(!advice.is_empty()).then(|| view! { <p>{advice}</p> }.into_any())}
            {verdict}
            {again}
        </section>
    }
}
