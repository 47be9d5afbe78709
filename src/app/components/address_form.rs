//! Forms whose fields are what the address says.

use leptos::{html::Form, prelude::*};

/// What was typed goes with the address: leaving a filtered list by a link empties the fields again.
pub fn follow_address<T: Clone + PartialEq + Send + Sync + 'static>(form: NodeRef<Form>, address: Memo<T>) {
    Effect::new(move |before: Option<T>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(move || {
                if let Some(form) = form.get_untracked() {
                    form.reset();
                }
            });
        }
        now
    });
}
