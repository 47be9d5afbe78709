//! Turning pages. Links, so that they work before any script has arrived.

use crate::{api::PageInfo, app::format};
use leptos::prelude::*;

/// The choices of rows on a page.
pub const PAGE_SIZES: [u64; 3] = [20, 50, 100];

/// The number of the page (from 1) that `info` describes.
#[must_use]
pub fn page_number(info: PageInfo) -> u64 {
    info.offset / info.limit.max(1) + 1
}

/// How many pages there are: at least one, which may be empty.
#[must_use]
pub fn page_total(info: PageInfo) -> u64 {
    info.total.div_ceil(info.limit.max(1)).max(1)
}

/// Which rows of how many are shown: `Showing 21 to 40 of 1,234`.
#[must_use]
pub fn shown(info: PageInfo, many: &str) -> String {
    if info.total == 0 {
        return format!("No {many}");
    }
    let first = info.offset + 1;
    if first > info.total {
        return format!("No {many} on this page; {} in all", format::count(info.total));
    }
    let last = (info.offset + info.limit).min(info.total);
    if first == 1 && last == info.total {
        return format!("Showing all {} {many}", format::count(info.total));
    }
    format!("Showing {} to {} of {} {many}", format::count(first), format::count(last), format::count(info.total))
}

/// First, previous, next, last, and how many rows a page has. `href` gives the address of a page number with a page size.
#[component]
pub fn Pager(
    /// Where the page stands.
    #[prop(into)]
    info: Signal<PageInfo>,
    /// The address of `(page number, rows per page)`.
    #[prop(into)]
    href: Callback<(u64, u64), String>,
) -> impl IntoView {
    let here = move || page_number(info.get());
    let total = move || page_total(info.get());
    let link = move |words: &'static str, rel: Option<&'static str>, target: Signal<Option<u64>>| {
        move || match target.get() {
            Some(page) => view! { <a class="pager__link" rel=rel href=href.run((page, info.get().limit))>{words}</a> }.into_any(),
            None => view! { <span class="pager__link pager__link--off" aria-disabled="true">{words}</span> }.into_any(),
        }
    };
    let back = Signal::derive(move || (here() > 1).then(|| (here() - 1).min(total())));
    let forth = Signal::derive(move || (here() < total()).then(|| here() + 1));
    let first = Signal::derive(move || (here() > 1).then_some(1));
    let last = Signal::derive(move || (here() < total()).then(total));
    view! {
        <nav class="pager" aria-label="Pages">
            <div class="pager__pages">
                {link("First", None, first)} {link("Previous", Some("prev"), back)}
                <span class="pager__here">{move || format!("Page {} of {}", format::count(here()), format::count(total()))}</span>
                {link("Next", Some("next"), forth)} {link("Last", None, last)}
            </div>
            <div class="pager__sizes">
                <span id="pager-size">"Rows per page"</span>
                <ul aria-labelledby="pager-size">
                    {PAGE_SIZES
                        .map(|size| {
                            view! {
                                <li>
                                    <a
                                        class="pager__link"
                                        href=move || href.run((1, size))
                                        aria-current=move || (info.get().limit == size).then_some("true")
                                    >
                                        {size}
                                    </a>
                                </li>
                            }
                            .into_any()
                        })
                        .collect_view()}
                </ul>
            </div>
        </nav>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(limit: u64, offset: u64, total: u64) -> PageInfo {
        PageInfo { limit, offset, total }
    }

    #[test]
    fn pages_are_counted_from_one() {
        assert_eq!((page_number(info(20, 0, 0)), page_total(info(20, 0, 0))), (1, 1));
        assert_eq!((page_number(info(20, 40, 41)), page_total(info(20, 40, 41))), (3, 3));
        assert_eq!((page_number(info(0, 0, 5)), page_total(info(0, 0, 5))), (1, 5));
    }

    #[test]
    fn the_count_says_what_is_on_the_screen() {
        assert_eq!(shown(info(20, 0, 0), "AIPs"), "No AIPs");
        assert_eq!(shown(info(20, 0, 12), "AIPs"), "Showing all 12 AIPs");
        assert_eq!(shown(info(20, 20, 1_234), "AIPs"), "Showing 21 to 40 of 1,234 AIPs");
        assert_eq!(shown(info(20, 1_220, 1_234), "AIPs"), "Showing 1,221 to 1,234 of 1,234 AIPs");
        assert_eq!(shown(info(20, 2_000, 30), "AIPs"), "No AIPs on this page; 30 in all");
    }
}
