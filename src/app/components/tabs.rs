//! Views of one thing, each with an address of its own.

use crate::app::format;
use leptos::prelude::*;

/// One tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// What it is called.
    pub words: String,
    /// Where it leads.
    pub href: String,
    /// It is the one that is shown.
    pub current: bool,
    /// How many things it holds.
    pub count: Option<u64>,
}

/// A row of tabs: links, so that they work before any script has arrived and can be bookmarked.
#[component]
pub fn Tabs(
    /// What they are tabs of.
    label: &'static str,
    /// They; may change.
    #[prop(into)]
    tabs: Signal<Vec<Tab>>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            <ul class="tabs__list">
                <ForEnumerate
                    each=move || 0..tabs.with(Vec::len)
                    key=|at| *at
                    children=move |_, at| {
                        let tab = Memo::new(move |_| tabs.with(|tabs| tabs.get(at).cloned()));
                        let field = move |read: fn(Tab) -> String| move || tab.get().map(read).unwrap_or_default();
                        view! {
                            <li>
                                <a
                                    class="tabs__tab"
                                    href=field(|tab| tab.href)
                                    data-noscroll="true"
                                    aria-current=move || tab.get().is_some_and(|tab| tab.current).then_some("page")
                                >
                                    {field(|tab| tab.words)}
                                    {move || {
                                        tab.get().and_then(|tab| tab.count).map(|count| view! { " "<span class="tabs__count">{format::count(count)}</span> }.into_any())
                                    }}
                                </a>
                            </li>
                        }
                    }
                />
            </ul>
        </nav>
    }
}
