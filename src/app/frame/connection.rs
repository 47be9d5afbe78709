//! How live the page is: a word, an icon, the time of the last update, and the details behind them.

use crate::{
    app::{
        browser, format,
        stores::{
            Stores,
            connection::{Seen, Wish},
        },
    },
    realtime::client::connection::{Cause, Refusal, Status, Why},
};
use leptos::prelude::*;

/// The indicator; opens to details, also before the page is alive.
#[component]
pub(super) fn ConnectionIndicator() -> impl IntoView {
    let connection = Stores::here().connection;
    let status = connection.status;
    let look = move || Look::of(status.get());
    let fresh = move || freshness(status.get(), connection.shown.get().updated_at, connection.now.get());
    view! {
        <details class="connection" data-state=move || look().state>
            <summary class="connection__summary">
                <svg class="connection__icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
                    <path d=move || look().path fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>
                </svg>
                <span class="connection__word">{move || look().word}</span>
                <span class="connection__fresh">{fresh}</span>
            </summary>
            <div class="connection__details">
                <p>{move || explanation(status.get())}</p>
                <dl class="facts facts--small">
                    <div>
                        <dt>"Next attempt"</dt>
                        <dd>{move || { connection.now.track(); next_attempt(status.get(), browser::monotonic()) }}</dd>
                    </div>
                    <div><dt>"Last update"</dt><dd>{move || time(connection.shown.get().updated_at)}</dd></div>
                    <div><dt>"Last event"</dt><dd>{move || last_event(&connection.shown.get())}</dd></div>
                    <div><dt>"Events applied"</dt><dd>{move || format::count(connection.shown.get().events)}</dd></div>
                    <div><dt>"Connection"</dt><dd>{move || whose(connection.shown.get().shared)}</dd></div>
                    <div><dt>"Read anew in doubt"</dt><dd>{move || times(connection.shown.get().resyncs)}</dd></div>
                    <div><dt>"Restarts of the service"</dt><dd>{move || times(connection.shown.get().restarts)}</dd></div>
                    <div><dt>"Events not understood"</dt><dd>{move || format::count(connection.shown.get().unknown)}</dd></div>
                </dl>
                <p class="connection__actions">
                    <button type="button" class="button" hidden=move || !may_try(status.get()) on:click=move |_| connection.ask(Wish::TryNow)>
                        "Try now"
                    </button>
                    <button type="button" class="button" hidden=move || may_connect(status.get()) on:click=move |_| connection.ask(Wish::Disconnect)>
                        "Stop live updates"
                    </button>
                    <button type="button" class="button" hidden=move || !may_connect(status.get()) on:click=move |_| connection.ask(Wish::Connect)>
                        "Start live updates"
                    </button>
                </p>
            </div>
        </details>
    }
}

struct Look {
    state: &'static str,
    word: &'static str,
    path: &'static str,
}

impl Look {
    const fn of(status: Status) -> Self {
        match status {
            Status::Connecting => Self { state: "connecting", word: "Connecting", path: "M8 2.5a5.5 5.5 0 1 0 5.5 5.5" },
            Status::Connected => Self { state: "connected", word: "Live", path: "M2.5 8.5l3.6 3.6L13.5 4.5" },
            Status::Reconnecting { .. } => {
                Self { state: "reconnecting", word: "Reconnecting", path: "M13 6.5A5.2 5.2 0 1 0 13.2 9.5M13.4 2.8v3.7H9.7" }
            }
            Status::Disconnected(_) => Self { state: "disconnected", word: "Not live", path: "M3.5 3.5l9 9M12.5 3.5l-9 9" },
            Status::Error(_) => Self { state: "error", word: "Refused", path: "M8 2.8v6.4M8 12.4v.8" },
            Status::Suspended { why: Why::Restarting, .. } => {
                Self { state: "suspended", word: "Service restarts", path: "M8 3v5l3.2 2M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0" }
            }
            Status::Suspended { why: Why::Away, .. } => Self { state: "suspended", word: "Paused", path: "M5.5 3.5v9M10.5 3.5v9" },
        }
    }
}

const fn explanation(status: Status) -> &'static str {
    match status {
        Status::Connecting => "The page shows how things stood when it was loaded. Live updates begin in a moment.",
        Status::Connected => "Every change appears here as it happens.",
        Status::Reconnecting { .. } => {
            "The connection was lost. Nothing is lost with it: what is on screen is fetched every ten seconds, and again once the connection is back."
        }
        Status::Disconnected(Cause::Closed) => "Live updates were stopped. What is on screen is fetched every ten seconds.",
        Status::Disconnected(Cause::SignedOut) => "The service asks for a sign-in. Reload the page to sign in; you will come back here.",
        Status::Error(Refusal::Forbidden) => {
            "You may not have live updates, so trying again does not help. What is on screen is fetched every ten seconds."
        }
        Status::Error(Refusal::Protocol) => {
            "This page and the service do not understand each other; one of them is newer. Reload the page. Until then what is on screen is fetched every ten seconds."
        }
        Status::Suspended { why: Why::Restarting, .. } => {
            "The service restarts. Nothing is lost with it: the page is brought up to date once it is back."
        }
        Status::Suspended { why: Why::Away, .. } => {
            "Nobody looked at this page for a while, so its connection was given back. It is taken up again as soon as somebody does."
        }
    }
}

/// Beside the word: when the page was last right, as a time while live and as an age while not.
fn freshness(status: Status, updated_at: Option<f64>, now: f64) -> String {
    let Some(at) = updated_at else { return String::new() };
    if status == Status::Connected {
        return browser::time_of_day(at);
    }
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "an age in seconds, not below zero")]
    let seconds = ((now - at).max(0.0) / 1_000.0) as u64;
    format!("updated {seconds} s ago")
}

fn next_attempt(status: Status, now: u64) -> String {
    match status {
        Status::Reconnecting { attempt, at } if at > now => format!("number {attempt} in {} s", (at - now).div_ceil(1_000)),
        Status::Reconnecting { attempt, .. } => format!("number {attempt} now"),
        Status::Suspended { why: Why::Restarting, at } if at > now => format!("in {} s", (at - now).div_ceil(1_000)),
        Status::Suspended { why: Why::Restarting, .. } => "now".to_owned(),
        Status::Connecting => "number 1 now".to_owned(),
        Status::Connected | Status::Disconnected(_) | Status::Error(_) | Status::Suspended { why: Why::Away, .. } => "none".to_owned(),
    }
}

fn time(at: Option<f64>) -> String {
    at.map_or_else(|| "none yet".to_owned(), browser::time_of_day)
}

fn last_event(seen: &Seen) -> String {
    match seen.last_event {
        Some((kind, at)) => format!("{} at {}", kind.trim_end_matches("_event").replace('_', " "), browser::time_of_day(at)),
        None => "none yet".to_owned(),
    }
}

const fn whose(shared: bool) -> &'static str {
    if shared { "shared with another tab" } else { "of this tab" }
}

const fn may_try(status: Status) -> bool {
    matches!(status, Status::Reconnecting { .. } | Status::Suspended { .. } | Status::Error(_))
}

const fn may_connect(status: Status) -> bool {
    matches!(status, Status::Disconnected(_))
}

fn times(count: u64) -> String {
    if count == 1 { "once".to_owned() } else { format!("{} times", format::count(count)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_attempt_is_told_in_whole_seconds() {
        let status = Status::Reconnecting { attempt: 3, at: 5_200 };
        assert_eq!(next_attempt(status, 1_000), "number 3 in 5 s");
        assert_eq!(next_attempt(status, 5_200), "number 3 now");
    }

    #[test]
    fn while_not_live_the_age_is_told() {
        let lost = Status::Reconnecting { attempt: 1, at: 0 };
        assert_eq!(freshness(lost, Some(1_000.0), 13_400.0), "updated 12 s ago");
        assert_eq!(freshness(lost, Some(1_000.0), 0.0), "updated 0 s ago");
        assert_eq!(freshness(lost, None, 0.0), "");
    }
}
