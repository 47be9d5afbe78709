//! Instants: UTC in the first HTML, the reader's own time once the page is alive, exact UTC on hover.

use crate::{app::format, domain::Timestamp};
use leptos::prelude::*;

/// An instant. The server and the first rendering in the browser show the same text, in UTC; an effect, which runs in the
/// browser only, then shows it in the reader's time zone.
#[component]
pub fn Time(
    /// The instant; may change.
    #[prop(into)]
    at: Signal<Timestamp>,
) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let text = move || {
        let at = at.get();
        if alive.get() { format::with_offset(at, minutes_east_of_utc(at)) } else { format::utc(at) }
    };
    view! {
        <time class="time" datetime=move || at.get().to_rfc3339() title=move || format::utc_exact(at.get())>
            {text}
        </time>
    }
}

/// How far the reader's clock is ahead of UTC at that instant: daylight saving is the browser's to know.
#[cfg(feature = "hydrate")]
fn minutes_east_of_utc(at: Timestamp) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double's 53 bits for 285,000 years")]
    let milliseconds = (at.micros() / 1_000) as f64;
    let west = js_sys::Date::new(&milliseconds.into()).get_timezone_offset();
    #[expect(clippy::cast_possible_truncation, reason = "an offset is less than a day of minutes")]
    let east = -west as i32;
    east
}

#[cfg(not(feature = "hydrate"))]
const fn minutes_east_of_utc(_: Timestamp) -> i32 {
    0
}
