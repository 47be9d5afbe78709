//! The head of a column that can be sorted by.

use super::icon::{Glyph, Icon};
use crate::api::{SortKey, aips::SortColumn};
use leptos::prelude::*;

/// What a click on a column's head sorts by: the other direction when it is sorted by already, otherwise the direction in which
/// the column is read first (dates and sizes from the highest).
#[must_use]
pub fn next_sort(column: SortColumn, current: SortKey) -> SortKey {
    let descending =
        if current.column == column { !current.descending } else { matches!(column, SortColumn::CreatedAt | SortColumn::Size) };
    SortKey { column, descending }
}

/// The head of a column: a link that sorts by it.
#[component]
pub fn SortHeader(
    /// What the column is called.
    words: &'static str,
    /// Which it is.
    column: SortColumn,
    /// What is sorted by.
    #[prop(into)]
    sort: Signal<SortKey>,
    /// The address of the list sorted so.
    #[prop(into)]
    href: Callback<SortKey, String>,
) -> impl IntoView {
    let direction = move || (sort.get().column == column).then(|| sort.get().descending);
    let glyph = Signal::derive(move || match direction() {
        None => Glyph::UpDown,
        Some(false) => Glyph::Up,
        Some(true) => Glyph::Down,
    });
    let aria = move || {
        Some(match direction()? {
            false => "ascending",
            true => "descending",
        })
    };
    view! {
        <th scope="col" aria-sort=aria class=format!("cell cell--{}", words.to_ascii_lowercase())>
            <a class="sort" data-noscroll="true" href=move || href.run(next_sort(column, sort.get()))>
                {words} <Icon glyph />
            </a>
        </th>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_turns_the_order() {
        let start = SortKey::default();
        let once = next_sort(SortColumn::Size, start);
        assert_eq!(once.to_string(), "-size");
        assert_eq!(next_sort(SortColumn::Size, once).to_string(), "size");
        assert_eq!(next_sort(SortColumn::Name, once).to_string(), "name");
    }
}
