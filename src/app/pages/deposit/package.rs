//! One package of the deposit page, from being chosen to its verdict.

use super::{
    browser,
    queue::{Package, Queue, Stage},
};
use crate::app::{
    components::{Glyph, Icon, Progress, Size, VerdictPanel},
    format,
    rate::pace,
};
use leptos::prelude::*;

/// The longest name, in characters.
const LONGEST_NAME: usize = 255;

/// Why a chosen package cannot be sent as it is.
#[must_use]
pub fn wrong(package: &Package, limit: Option<u64>) -> Option<String> {
    let name = package.name.trim();
    if package.file.size == 0 {
        Some("This file is empty: there is nothing to keep.".into())
    } else if let Some(limit) = limit.filter(|limit| package.file.size > *limit) {
        Some(format!("It is larger than {}, the most that this service takes. Divide it, or ask for a higher limit.", format::size(limit)))
    } else if name.is_empty() {
        Some("Give the AIP a name.".into())
    } else if name.chars().count() > LONGEST_NAME {
        Some("Choose a name of at most 255 characters.".into())
    } else {
        None
    }
}

/// Which of its faces a package shows; the numbers within change without building the face anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Chosen,
    NeedsFile,
    Working,
    Over,
}

fn face(stage: &Stage) -> Face {
    match stage {
        Stage::Chosen => Face::Chosen,
        Stage::NeedsFile => Face::NeedsFile,
        Stage::Waiting | Stage::Sending | Stage::Interrupted(_) | Stage::Checking => Face::Working,
        Stage::Stored(_) | Stage::Refused(_) | Stage::Failed(_) | Stage::Canceled => Face::Over,
    }
}

/// The stage as a badge: tone, icon, word.
const fn badge(stage: &Stage) -> (&'static str, Glyph, &'static str) {
    match stage {
        Stage::Chosen => ("neutral", Glyph::File, "chosen"),
        Stage::NeedsFile => ("waiting", Glyph::Warning, "unfinished"),
        Stage::Waiting => ("queued", Glyph::Hourglass, "waiting"),
        Stage::Sending => ("busy", Glyph::Upload, "sending"),
        Stage::Interrupted(_) => ("waiting", Glyph::Warning, "interrupted"),
        Stage::Checking => ("busy", Glyph::Sync, "verifying"),
        Stage::Stored(_) => ("good", Glyph::Check, "stored"),
        Stage::Refused(_) => ("bad", Glyph::Alert, "refused"),
        Stage::Failed(_) => ("bad", Glyph::Alert, "failed"),
        Stage::Canceled => ("gone", Glyph::Stop, "canceled"),
    }
}

/// One package.
#[component]
pub fn PackageItem(
    /// The queue.
    queue: Queue,
    /// Which package of it.
    id: u64,
    /// The most bytes that the service takes, once known.
    limit: Signal<Option<u64>>,
) -> impl IntoView {
    let package = Memo::new(move |before: Option<&Option<Package>>| queue.with(id, Package::clone).or_else(|| before.cloned().flatten()));
    let read = move |read: fn(&Package) -> String| move || package.with(|package| package.as_ref().map(read).unwrap_or_default());
    let stage = Memo::new(move |_| package.with(|package| package.as_ref().map_or(Stage::Canceled, |package| package.stage.clone())));
    let shown = Memo::new(move |_| stage.with(face));
    let look = Memo::new(move |_| stage.with(badge));
    let size = Signal::derive(move || package.with(|package| package.as_ref().map(|package| package.file.size)));
    view! {
        <li class="package">
            <div class="package__head">
                <span class="package__file">{read(|package| package.file.name.clone())}</span>
                <span class="package__size">
                    <Size bytes=size />
                    {move || package.with(|package| package.as_ref().and_then(|package| package.files)).map(|files| format!(", {}", format::plural(files, "file", "files")))}
                </span>
                <span role="status">
                    <span class=move || format!("badge badge--{}", look.get().0)>
                        <Icon glyph=Signal::derive(move || look.get().1) />
                        <span class="badge__word">{move || look.get().2}</span>
                    </span>
                </span>
            </div>
            {move || match shown.get() {
                Face::Chosen => view! { <Chosen queue id package limit /> }.into_any(),
                Face::NeedsFile => view! { <NeedsFile queue id package /> }.into_any(),
                Face::Working => view! { <Working queue id package /> }.into_any(),
                Face::Over => package.get_untracked().map(|package| view! { <Over package /> }.into_any()).into_any(),
            }}
        </li>
    }
}

#[component]
fn Chosen(queue: Queue, id: u64, package: Memo<Option<Package>>, limit: Signal<Option<u64>>) -> impl IntoView {
    let name = package.with_untracked(|package| package.as_ref().map(|package| package.name.clone()).unwrap_or_default());
    let field = format!("package-{id}-name");
    let trouble = move || package.with(|package| package.as_ref().and_then(|package| wrong(package, limit.get())));
    let goes_on = move || package.with(|package| package.as_ref().is_some_and(|package| package.upload.is_some()));
    view! {
        <div class="field">
            <label class="field__label" for=field.clone()>"Name of the AIP"</label>
            <input
                class="field__input"
                type="text"
                id=field
                value=name
                autocomplete="off"
                aria-invalid=move || trouble().is_some().then_some("true")
                on:input=move |event| queue.change(id, |package| package.name = event_target_value(&event))
            />
            <p class="field__wrong" role="status">{trouble}</p>
            {move || goes_on().then(|| view! { <p class="field__hint">"A part of it has arrived already: sending goes on where it stopped."</p> }.into_any())}
        </div>
        <button
            type="button"
            class="button"
            on:click=move |_| {
                browser::release(id);
                queue.remove(|package| package.id == id);
            }
        >
            "Take off the list"
        </button>
    }
}

#[component]
fn NeedsFile(queue: Queue, id: u64, package: Memo<Option<Package>>) -> impl IntoView {
    let told = move || {
        package.with(|package| {
            package.as_ref().map(|package| {
                let kind = if package.file.name.ends_with('/') { "folder" } else { "file" };
                format!(
                    "{} of {} arrived in an earlier visit. Choose the same {kind} again to go on, or discard what has arrived.",
                    format::size(package.sent),
                    format::size(package.file.size)
                )
            })
        })
    };
    view! {
        <p>{told}</p>
        <button type="button" class="button" on:click=move |_| browser::cancel(queue, id)>"Discard"</button>
    }
}

#[component]
fn Working(queue: Queue, id: u64, package: Memo<Option<Package>>) -> impl IntoView {
    let stage = Memo::new(move |_| package.with(|package| package.as_ref().map(|package| package.stage.clone())));
    let checking = Memo::new(move |_| stage.get() == Some(Stage::Checking));
    let number = move |read: fn(&Package) -> u64| package.with(|package| package.as_ref().map_or(0, read));
    let done = Signal::derive(move || if checking.get() { number(|package| package.checked) } else { number(|package| package.sent) });
    let whole = Signal::derive(move || number(|package| package.file.size));
    let label = Signal::derive(move || {
        let name = package.with(|package| package.as_ref().map(|package| package.name.clone()).unwrap_or_default());
        format!("{} {name}", if checking.get() { "Verifying" } else { "Sending" })
    });
    let words = move || {
        package.with(|package| {
            package.as_ref().map(|package| match &package.stage {
                Stage::Waiting => "Waits until another package is sent.".to_owned(),
                Stage::Checking => {
                    format!("All bytes arrived; {} of {} verified", format::size(package.checked), format::size(package.file.size))
                }
                _ => pace(package.sent, package.file.size, package.rate),
            })
        })
    };
    let interrupted = move || match stage.get() {
        Some(Stage::Interrupted(reason)) => Some(view! {
            <p class="package__interrupted">
                {format!("Interrupted: {reason} What has arrived is kept, and sending goes on by itself.")} " "
                <button type="button" class="button button--small" on:click=move |_| browser::try_now(id)>"Try now"</button>
            </p>
        }),
        _ => None,
    };
    view! {
        <Progress done whole label />
        <p class="package__pace">{words}</p>
        {interrupted}
        <Show when=move || !checking.get()>
            <button type="button" class="button" on:click=move |_| browser::cancel(queue, id)>"Cancel"</button>
        </Show>
    }
}

#[component]
fn Over(package: Package) -> impl IntoView {
    let verdict = package.verdict.map(|verdict| view! { <VerdictPanel verdict /> }.into_any());
    let words = match package.stage {
        Stage::Stored(aip) => view! { <p>"Kept as " <a href=format!("/storage/aips/{aip}")>{package.name}</a> "."</p> }.into_any(),
        Stage::Refused(message) => view! { <p>{message}</p> }.into_any(),
        Stage::Failed(message) => view! { <p>{message}</p> }.into_any(),
        _ => view! { <p>"Called off. Nothing of it was kept."</p> }.into_any(),
    };
    view! {
        {words}
        {verdict}
    }
}

#[cfg(test)]
mod tests {
    use super::{super::remember::Fingerprint, *};

    fn package(size: u64, name: &str) -> Package {
        Package {
            id: 0,
            file: Fingerprint { name: "fonds.zip".into(), size, modified: 0 },
            files: None,
            name: name.into(),
            location: None,
            stage: Stage::Chosen,
            sent: 0,
            checked: 0,
            rate: None,
            upload: None,
            verdict: None,
        }
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        assert_eq!(wrong(&package(5, "fonds"), Some(5)), None);
        assert_eq!(wrong(&package(5, "fonds"), None), None);
        assert!(wrong(&package(0, "fonds"), None).is_some());
        assert!(wrong(&package(6, "fonds"), Some(5)).is_some_and(|words| words.contains("5 B")));
        assert!(wrong(&package(5, "  "), None).is_some() && wrong(&package(5, &"x".repeat(256)), None).is_some());
    }
}
