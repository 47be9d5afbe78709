//! Light, dark, or as the system has it.

use crate::app::browser;
use leptos::prelude::*;

const REMEMBERED_AS: &str = "strongroom.theme";
const THEMES: [(&str, &str); 3] = [("system", "System theme"), ("light", "Light theme"), ("dark", "Dark theme")];

/// Chooses the theme. What was chosen is set on the root element before anything is painted (`shell.rs`).
#[component]
pub(super) fn ThemeSwitch() -> impl IntoView {
    let chosen = RwSignal::new("system".to_owned());
    Effect::new(move |_| {
        if let Some(theme) = browser::remembered(REMEMBERED_AS).filter(|theme| THEMES.iter().any(|(known, _)| known == theme)) {
            chosen.set(theme);
        }
    });
    let choose = move |event| {
        let theme = event_target_value(&event);
        let fixed = (theme != "system").then_some(theme.as_str());
        browser::remember(REMEMBERED_AS, fixed);
        browser::set_root_attribute("data-theme", fixed);
        chosen.set(theme);
    };
    view! {
        <select class="theme" aria-label="Theme" on:change=choose prop:value=move || chosen.get()>
            {THEMES.map(|(value, text)| view! { <option value=value>{text}</option> }.into_any()).collect_view()}
        </select>
    }
}
