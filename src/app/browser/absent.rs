//! On the server, where there is no page: never called, since effects and event handlers do not run there.

/// No clock.
#[must_use]
pub const fn monotonic() -> u64 {
    0
}

/// No clock.
#[must_use]
pub const fn wall_clock() -> f64 {
    0.0
}

/// No zone.
#[must_use]
pub const fn time_of_day(_at: f64) -> String {
    String::new()
}

/// No chance.
#[must_use]
pub const fn random() -> f64 {
    0.0
}

/// Nobody looks.
#[must_use]
pub const fn visible() -> bool {
    false
}

/// Nothing.
#[must_use]
pub const fn remembered(_name: &str) -> Option<String> {
    None
}

/// Nothing to remember it.
pub const fn remember(_name: &str, _value: Option<&str>) {}

/// No document.
pub const fn set_root_attribute(_name: &str, _value: Option<&str>) {}

/// No keyboard.
pub const fn focus(_id: &str) {}

/// No keyboard.
#[must_use]
pub const fn typing() -> bool {
    false
}

/// No root element.
#[must_use]
pub const fn has_root_attribute(_name: &str) -> bool {
    false
}

/// No window.
#[must_use]
pub const fn narrow() -> bool {
    false
}

/// No address.
#[must_use]
pub const fn here() -> String {
    String::new()
}

/// No way to go.
pub const fn go(_address: &str) {}

/// No place to keep it.
pub const fn download(_address: &str) {}

/// No dialogs.
#[must_use]
pub const fn dialog_open() -> bool {
    false
}

/// No timers.
pub fn after(_milliseconds: u64, _call: impl FnOnce() + 'static) {}

/// Nothing is drawn.
pub fn on_frame(_call: impl FnOnce() + 'static) {}

/// No timers.
pub fn every(_milliseconds: u64, _call: impl Fn() + 'static) {}

/// No window.
pub fn on_window(_event: &str, _call: impl Fn() + 'static) {}

/// No forms are sent.
pub fn typed(_event: &leptos::web_sys::SubmitEvent) -> Option<String> {
    None
}
