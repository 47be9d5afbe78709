//! In the browser.

use leptos::prelude::{document, request_animation_frame, set_interval_with_handle, set_timeout, window, window_event_listener_untyped};
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};

/// Milliseconds since the page was opened, never going back.
#[must_use]
pub fn monotonic() -> u64 {
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "it begins at zero and counts milliseconds")]
    let now = window().performance().map_or(0.0, |performance| performance.now()) as u64;
    now
}

/// Milliseconds since the Unix epoch, by the reader's clock.
#[must_use]
pub fn wall_clock() -> f64 {
    js_sys::Date::now()
}

/// The time of day at an instant of [`wall_clock`], in the reader's zone: `14:03:59`.
#[must_use]
pub fn time_of_day(at: f64) -> String {
    let date = js_sys::Date::new(&at.into());
    format!("{:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}

/// A number of `0.0..1.0`.
#[must_use]
pub fn random() -> f64 {
    js_sys::Math::random()
}

/// Whether the page can be seen.
#[must_use]
pub fn visible() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
}

/// What the browser remembers for us under this name; nothing if it may not.
#[must_use]
pub fn remembered(name: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(name).ok().flatten()
}

/// Lets the browser remember something, or forget it. Where it may not, nothing is lost but the convenience.
pub fn remember(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match value {
            Some(value) => storage.set_item(name, value),
            None => storage.remove_item(name),
        };
    }
}

/// Sets or removes an attribute of the document's root element.
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    if let Some(root) = document().document_element() {
        let _ = match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        };
    }
}

/// Whether the document's root element has an attribute.
#[must_use]
pub fn has_root_attribute(name: &str) -> bool {
    document().document_element().is_some_and(|root| root.has_attribute(name))
}

/// Whether the window is as narrow as a telephone: where the style puts the menu above the page.
#[must_use]
pub fn narrow() -> bool {
    window().match_media("(max-width: 46rem)").ok().flatten().is_some_and(|query| query.matches())
}

/// The address of the page: path, query and fragment.
#[must_use]
pub fn here() -> String {
    let location = window().location();
    let part = |part: Result<String, wasm_bindgen::JsValue>| part.unwrap_or_default();
    [part(location.pathname()), part(location.search()), part(location.hash())].concat()
}

/// Loads another document.
pub fn go(address: &str) {
    // Refused only for what is no address at all.
    drop(window().location().assign(address));
}

/// Fetches a file as a click on a link to it would. Going to its address instead would ask, as if the page were left, whether what
/// is being uploaded may be interrupted.
pub fn download(address: &str) {
    let made = document().create_element("a").ok().and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(link) = made {
        // Refused only for names that are none.
        drop(link.set_attribute("href", address));
        drop(link.set_attribute("download", ""));
        link.click();
    }
}

/// Moves the keyboard's focus to the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Whether the keyboard's focus is where text is typed.
#[must_use]
pub fn typing() -> bool {
    document().active_element().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || element.has_attribute("contenteditable")
    })
}

/// Whether a dialog is open.
#[must_use]
pub fn dialog_open() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Calls once, after so many milliseconds.
pub fn after(milliseconds: u64, call: impl FnOnce() + 'static) {
    set_timeout(call, Duration::from_millis(milliseconds));
}

/// Calls before the page is drawn the next time.
pub fn on_frame(call: impl FnOnce() + 'static) {
    request_animation_frame(call);
}

/// Calls again and again, for as long as the page is open.
pub fn every(milliseconds: u64, call: impl Fn() + 'static) {
    let _ = set_interval_with_handle(call, Duration::from_millis(milliseconds));
}

/// Calls when something happens to the window or bubbles up to it, for as long as the page is open.
pub fn on_window(event: &str, call: impl Fn() + 'static) {
    // Dropping the handle does not stop listening.
    let _ = window_event_listener_untyped(event, move |_| call());
}

/// Calls when something happens to the document and does not bubble up, for as long as the page is open.
pub fn on_document(event: &str, call: impl Fn() + 'static) {
    let call = Closure::<dyn Fn()>::new(call);
    // One that cannot be listened to does not happen either.
    let _ = document().add_event_listener_with_callback(event, call.as_ref().unchecked_ref());
    call.forget();
}

/// What a form that is sent holds, as the query of an address.
pub fn typed(event: &leptos::web_sys::SubmitEvent) -> Option<String> {
    let data = leptos::form::form_data_from_event(event).ok()?;
    let pairs = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(String::from(pairs.to_string()))
}
