//! Parts of a page that ask for data of their own.

use leptos::prelude::*;

/// Shows what `part` makes, anew whenever that changes. For parts that ask for data: to write a page on the server, leptos calls a
/// function in a view three times. Each call would ask again, and the page would show one answer and take another along for the
/// browser, which then finds what it does not expect. Here it is called once on the server, where nothing changes.
pub fn in_place(part: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    if is_server() { part() } else { part.into_any() }
}
