//! The list with everything around it. The page of all AIPs and the tab of one location are both made of it.

use super::{
    filters::Filters,
    query::{ListQuery, Wrong},
    table::AipTable,
};
use crate::{
    api::{AipsQuery, PageInfo, Problem, client},
    app::{
        components::{EmptyState, Glyph, Icon, Pager, StatusLegend, Tab, Tabs, in_place, pager, status::Look},
        format,
        stores::{Loaded, Stores, Touched, aips::AipListStoreFields, page_data},
    },
    domain::{AipStatus, Clock, SystemClock, attribute},
    realtime::topic::Topic,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use uuid::Uuid;

/// A list of AIPs at `path`, of which the query string is the state.
#[component]
pub fn Listing(
    /// The path of the list's address.
    #[prop(into)]
    path: Signal<String>,
    /// Whether a path is that of this page. While another page is being opened the address is that one's already, and its query
    /// string means something else.
    mine: fn(&str) -> bool,
    /// Only AIPs of this location.
    #[prop(optional, into)]
    within: Option<Signal<Option<Uuid>>>,
) -> impl IntoView {
    let location = use_location();
    let search = Memo::new(move |before: Option<&String>| match before {
        Some(before) if !location.pathname.with(|path| mine(path)) => before.clone(),
        _ => location.search.get(),
    });
    let parsed = Memo::new(move |_| ListQuery::parse(&search.get()));
    let understood = Memo::new(move |_| parsed.with(Result::is_ok));
    // Each of the two views keeps what it showed while the other one takes its place: what of it still listens then belongs to it
    // no more.
    let query = Memo::new(move |before: Option<&ListQuery>| parsed.get().unwrap_or_else(|_| before.cloned().unwrap_or_default()));
    let wrong = Memo::new(move |before: Option<&Vec<Wrong>>| parsed.get().err().unwrap_or_else(|| before.cloned().unwrap_or_default()));
    in_place(move || {
        if understood.get() {
            view! { <Understood path query within=within.unwrap_or_default() /> }.into_any()
        } else {
            view! { <WrongAddress path wrong /> }.into_any()
        }
    })
}

/// The address has parts that cannot be understood.
#[component]
fn WrongAddress(path: Signal<String>, wrong: Memo<Vec<Wrong>>) -> impl IntoView {
    crate::app::status::of_problem(&Problem { status: 400, name: "not_valid".into(), message: String::new(), verdict: None });
    view! {
        <section class="panel panel--problem" role="alert">
            <h2 class="panel__title"><Icon glyph=Glyph::Alert />"This list cannot be shown"</h2>
            <p>"The address asks for something that cannot be understood:"</p>
            <ul>{move || wrong.get().into_iter().map(|sentence| view! { <li>{sentence}</li> }.into_any()).collect_view()}</ul>
            <p>"Nothing was lost or changed. Correct the address, or begin with the whole list."</p>
            <a class="button" href=path>"Show all AIPs"</a>
        </section>
    }
}

#[component]
fn Understood(path: Signal<String>, query: Memo<ListQuery>, within: Signal<Option<Uuid>>) -> impl IntoView {
    let stores = Stores::here();
    let asked = Memo::new(move |_| {
        let mut asked = query.with(|query| query.to_api(SystemClock.now()));
        asked.location_uuid = within.get().or(asked.location_uuid);
        asked
    });
    let may_list = stores.user.may(attribute::LOCATIONS_LIST);
    let locations = page_data(
        &[],
        |()| Topic::Locations.into(),
        || (),
        move |()| may_list.then(client::locations),
        move |(), answer, _| stores.locations.show_known(answer),
    );
    let aips = page_data(
        &[Touched::Aips],
        |asked: &AipsQuery| asked.location_uuid.map_or(Topic::Storage, Topic::Location).into(),
        move || asked.get(),
        |asked| client::aips(&asked),
        move |asked, answer, arrival| stores.aips.show_list(asked, answer, arrival),
    );
    let list = stores.aips.list;
    let info = Memo::new(move |_| list.page().get().unwrap_or(PageInfo { limit: query.get().limit, offset: 0, total: 0 }));
    let is_empty = Memo::new(move |_| list.rows().with(Vec::is_empty));
    let tabs = Signal::derive(move || status_tabs(&query.get(), &path.get(), |status| list.counts().get().get(status)));
    let page_href = Callback::new(move |(page, limit): (u64, u64)| {
        query.with(|query| query.with(|query| (query.page, query.limit) = (page, limit))).href(&path.get())
    });
    let first_page = move || query.get().with(|query| query.sort = crate::api::SortKey::default()).href(&path.get());
    let arrived = move || list.arrived().get();
    view! {
        <Loaded data=locations>
            <Filters path query inside=within />
            <Loaded data=aips.clone()>
                <Tabs label="Status" tabs />
                <div class="list__bar">
                    <p class="list__count">{move || pager::shown(info.get(), "AIPs")}</p>
                    <p class="list__new">
                        {move || (arrived() > 0).then(|| view! { <a class="button button--new" href=first_page>{format!("{} new", format::count(arrived()))}</a> }.into_any())}
                    </p>
                    <a class="list__export" download="aips.csv" href=move || csv_href(&asked.get())><Icon glyph=Glyph::Download />"Export as CSV"</a>
                </div>
                {move || {
                    if is_empty.get() {
                        view! { <Nothing path query info inside=within /> }.into_any()
                    } else {
                        view! { <AipTable path query inside=within /> }.into_any()
                    }
                }}
                <Pager info href=page_href />
                <StatusLegend />
            </Loaded>
        </Loaded>
    }
}

/// The address of the whole filtered list as CSV; the server leaves the page out of account.
fn csv_href(asked: &AipsQuery) -> String {
    format!("/api/storage/aips.csv?{}", AipsQuery { offset: 0, limit: crate::api::aips::MAX_LIMIT, ..asked.clone() }.to_query_string())
}

/// A tab for all and one for each status; those that are empty and rare are left out unless they are asked for.
fn status_tabs(query: &ListQuery, path: &str, count: impl Fn(AipStatus) -> u64) -> Vec<Tab> {
    let tab = |words: &str, status: Option<AipStatus>, count: u64| Tab {
        words: words.to_owned(),
        href: query.with(|query| query.status = status).href(path),
        current: query.status == status,
        count: Some(count),
    };
    let mut tabs = vec![tab("All", None, AipStatus::ALL.iter().map(|status| count(*status)).sum())];
    tabs.extend(AipStatus::ALL.iter().map(|status| {
        let word = Look::from(*status).word;
        let mut words = word.to_owned();
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        tab(&words, Some(*status), count(*status))
    }));
    tabs
}

/// Why there is nothing to see, and what to do.
#[component]
fn Nothing(path: Signal<String>, query: Memo<ListQuery>, info: Memo<PageInfo>, inside: Signal<Option<Uuid>>) -> impl IntoView {
    move || {
        if info.get().total > 0 {
            let first = query.get().with(|_| {}).href(&path.get());
            view! { <EmptyState title="There is nothing on this page"><a href=first>"Go to the first page"</a></EmptyState> }.into_any()
        } else if query.with(ListQuery::filters) {
            view! { <EmptyState title="No AIP matches these filters"><a href=path>"Show all AIPs"</a></EmptyState> }.into_any()
        } else if inside.get().is_some() {
            view! { <EmptyState title="This location keeps no AIPs yet"><a href="/storage/deposit">"Deposit a package"</a></EmptyState> }
                .into_any()
        } else {
            view! { <EmptyState title="No AIPs are kept here yet"><a href="/storage/deposit">"Deposit the first package"</a></EmptyState> }
                .into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_keep_the_other_filters_and_go_to_the_first_page() {
        let query = ListQuery::parse("query=x&status=stored&page=3").expect("understood");
        let tabs = status_tabs(&query, "/storage/aips", |status| if status == AipStatus::Stored { 4 } else { 1 });
        assert_eq!(tabs[0].href, "/storage/aips?query=x");
        assert_eq!(tabs[0].count, Some(9));
        assert_eq!(tabs.iter().filter(|tab| tab.current).map(|tab| tab.words.as_str()).collect::<Vec<_>>(), ["Stored"]);
        assert!(tabs.iter().any(|tab| tab.href == "/storage/aips?query=x&status=pending"));
    }
}
