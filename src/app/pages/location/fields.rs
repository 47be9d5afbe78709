//! The fields of a location's forms and what is checked before anything is sent. What is typed stays in the fields, whatever
//! happens: they are the browser's own, and are read when the form is sent.

use crate::api::Problem;
use leptos::{html, prelude::*};

/// The longest name, in characters.
const LONGEST_NAME: usize = 255;

/// What is wrong with a name, for the person who typed it.
#[must_use]
pub fn check_name(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if name.is_empty() {
        Some("Give the location a name by which people will know it.")
    } else if name.chars().count() > LONGEST_NAME {
        Some("Choose a name of at most 255 characters.")
    } else if name.chars().any(char::is_control) {
        Some("Leave line breaks and other control characters out of the name.")
    } else {
        None
    }
}

/// What is wrong with a folder, for the person who typed it.
#[must_use]
pub fn check_path(path: &str) -> Option<&'static str> {
    let path = path.trim();
    if path.is_empty() {
        Some("Say in which folder the AIPs are to be kept.")
    } else if path.split(['/', '\\']).any(|part| part == "..") {
        Some("Name the folder without \"..\": it has to lie under one of the server's location roots.")
    } else if path.chars().any(char::is_control) {
        Some("Leave line breaks and other control characters out of the path.")
    } else {
        None
    }
}

/// The sentence about one field in what the server says of a request that is not valid: `name: a location has this name already`.
#[must_use]
pub fn said_of(field: &str, problem: &Problem) -> Option<String> {
    if problem.status != 400 {
        return None;
    }
    let (before, said) = problem.message.split_once(&format!("{field}: "))?;
    // The field's name, and not the end of another word.
    if before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let mut characters = said.trim_end_matches('.').chars();
    let first = characters.next()?;
    Some(format!("{}{}.", first.to_uppercase(), characters.as_str()))
}

/// A line of text with its label, a hint, and what is wrong with it.
#[component]
pub fn TextField(
    /// What is asked for.
    label: &'static str,
    /// Its name in the form.
    name: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What it means.
    #[prop(optional)]
    hint: &'static str,
    /// Whether nobody is to read it while it is typed.
    #[prop(optional)]
    secret: bool,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// What is wrong with it.
    wrong: RwSignal<Option<String>>,
    /// The field itself.
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let (hint_id, wrong_id) = (format!("{name}-hint"), format!("{name}-wrong"));
    let described = {
        let (hint_id, wrong_id) = (hint_id.clone(), wrong_id.clone());
        move || if wrong.get().is_some() { format!("{wrong_id} {hint_id}") } else { hint_id.clone() }
    };
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <input
                class="field__input"
                type=if secret { "password" } else { "text" }
                id=name
                name=name
                value=value
                node_ref=node
                autocomplete=if secret { "new-password" } else { "off" }
                required=!optional
                aria-describedby=described
                aria-invalid=move || wrong.get().is_some().then_some("true")
                on:input=move |_| wrong.set(None)
            />
            <p class="field__hint" id=hint_id>{hint}</p>
            <p class="field__wrong" id=wrong_id>{move || wrong.get()}</p>
        </div>
    }
}

/// Several lines of text with their label.
#[component]
pub fn Description(
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// The field itself.
    node: NodeRef<html::Textarea>,
) -> impl IntoView {
    // An empty text is written as a space, which people would see here; so there are two of them.
    let area = if value.is_empty() {
        view! { <textarea class="field__input" id="description" name="description" rows="3" maxlength="2000" aria-describedby="description-hint" node_ref=node></textarea> }
            .into_any()
    } else {
        view! { <textarea class="field__input" id="description" name="description" rows="3" maxlength="2000" aria-describedby="description-hint" node_ref=node>{value}</textarea> }
            .into_any()
    };
    view! {
        <div class="field">
            <label class="field__label" for="description">"Description"</label>
            {area}
            <p class="field__hint" id="description-hint">"What the location is for, in your own words. May stay empty."</p>
        </div>
    }
}

/// What stands in a line of text.
#[must_use]
pub fn text(node: NodeRef<html::Input>) -> String {
    node.get_untracked().map(|input| input.value()).unwrap_or_default().trim().to_owned()
}

/// What stands in several lines of text.
#[must_use]
pub fn lines(node: NodeRef<html::Textarea>) -> String {
    node.get_untracked().map(|input| input.value()).unwrap_or_default().trim().to_owned()
}

/// Puts the keyboard into a field.
pub fn focus(node: NodeRef<html::Input>) {
    if let Some(input) = node.try_get_untracked().flatten() {
        // A field that cannot be focused is not on the page any more.
        drop(input.focus());
    }
}

/// True once the page is alive: before that a form that only script can send stays closed, so that nothing typed is lost.
#[must_use]
pub fn alive() -> ReadSignal<bool> {
    let (alive, set_alive) = signal(false);
    Effect::new(move |_| set_alive.set(true));
    alive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_says_of_a_field_is_found() {
        let problem = |status: u16, message: &str| Problem { status, name: "not_valid".into(), message: message.into(), verdict: None };
        let taken = problem(400, "name: a location has this name already");
        assert_eq!(said_of("name", &taken).as_deref(), Some("A location has this name already."));
        assert_eq!(said_of("path", &taken), None);
        let outside = problem(400, "invalid configuration: path: the path must lie elsewhere");
        assert_eq!(said_of("path", &outside).as_deref(), Some("The path must lie elsewhere."));
        assert_eq!(said_of("name", &problem(400, "username: missing")), None);
        assert_eq!(said_of("name", &problem(500, "name: x")), None);
    }

    #[test]
    fn names_and_paths_are_checked_before_they_are_sent() {
        assert_eq!(check_name(" North wing "), None);
        assert!(check_name("  ").is_some() && check_name(&"x".repeat(256)).is_some() && check_name("a\nb").is_some());
        assert_eq!(check_path("second-store/2026"), None);
        assert_eq!(check_path("/srv/aips"), None);
        assert!(check_path("").is_some() && check_path("../etc").is_some() && check_path("a/../../b").is_some());
        assert_eq!(check_path("a..b/c"), None);
    }
}
