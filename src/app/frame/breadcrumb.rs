//! Where one is, as links.

use crate::{
    api::client,
    app::stores::{Stores, aips::AipDetailStoreFields},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Crumb {
    text: String,
    href: String,
}

/// The way from the overview to this page; the last crumb is the page itself.
#[component]
pub(super) fn Breadcrumb() -> impl IntoView {
    let stores = Stores::here();
    let path = use_location().pathname;
    // Once, on the server: the header is written before the page's data is in the stores, from which names come ever after.
    let first = Resource::new_blocking(|| (), move |()| name_of(path.get_untracked()));
    // And on the server from nowhere else: there the page's data comes into the stores on another thread at this very time, and what is
    // being written cannot be read.
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let item = |place, last, Crumb { text, href }| {
        view! { <li><a href=href aria-current=(place == last).then_some("page")>{text}</a></li> }.into_any()
    };
    let items = move |first: Option<(Uuid, String)>| {
        let crumbs = Memo::new(move |_| {
            let known = |uuid| first.as_ref().filter(|(named, _)| *named == uuid).map(|(_, name)| name.clone());
            if !alive.get() {
                return trail(&path.get(), known, known);
            }
            let aip = |uuid| stores.aips.detail.aip().read().as_ref().filter(|aip| aip.uuid == uuid).map(|aip| aip.name.clone());
            trail(&path.get(), |uuid| aip(uuid).or_else(|| known(uuid)), |uuid| stores.locations.name(uuid).or_else(|| known(uuid)))
        });
        move || {
            let crumbs = crumbs.get();
            let last = crumbs.len().saturating_sub(1);
            crumbs.into_iter().enumerate().map(|(place, crumb)| item(place, last, crumb)).collect_view()
        }
    };
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>
                <Suspense>{Suspend::new(async move { items(first.await) })}</Suspense>
            </ol>
        </nav>
    }
}

/// What the thing is called that an address is of.
async fn name_of(path: String) -> Option<(Uuid, String)> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        ["storage", "aips", uuid] => {
            let uuid = uuid.parse().ok()?;
            Some((uuid, client::aip(uuid).await.ok()?.data.name))
        }
        ["storage", "locations", uuid, ..] => {
            let uuid = uuid.parse().ok()?;
            Some((uuid, client::location(uuid).await.ok()?.data.name))
        }
        _ => None,
    }
}

fn trail(path: &str, aip: impl Fn(Uuid) -> Option<String>, location: impl Fn(Uuid) -> Option<String>) -> Vec<Crumb> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let crumb = |text: &str, href: &str| Crumb { text: text.to_owned(), href: href.to_owned() };
    let named = |part: &str, name: &dyn Fn(Uuid) -> Option<String>, else_: &str| {
        part.parse().ok().and_then(name).unwrap_or_else(|| else_.to_owned())
    };
    match parts[..] {
        [] => vec![crumb("Overview", "/")],
        ["user", "signin"] => vec![crumb("Sign in", path)],
        ["activity"] => vec![crumb("Activity", "/activity")],
        ["system"] => vec![crumb("System", path)],
        ["tasks"] => vec![crumb("Tasks", path)],
        ["about"] => vec![crumb("About", path)],
        ["storage", "deposit"] => vec![crumb("Deposit", path)],
        ["storage", "aips"] => vec![crumb("AIPs", path)],
        ["storage", "aips", uuid] => vec![crumb("AIPs", "/storage/aips"), crumb(&named(uuid, &aip, "AIP"), path)],
        ["storage", "locations"] => vec![crumb("Locations", path)],
        ["storage", "locations", "new"] => vec![crumb("Locations", "/storage/locations"), crumb("New location", path)],
        ["storage", "locations", uuid, ref rest @ ..] if rest.len() < 2 => {
            let href = format!("/storage/locations/{uuid}");
            let mut crumbs = vec![crumb("Locations", "/storage/locations"), crumb(&named(uuid, &location, "Location"), &href)];
            match rest {
                ["aips"] => crumbs.push(crumb("AIPs", path)),
                ["edit"] => crumbs.push(crumb("Edit", path)),
                _ => {}
            }
            crumbs
        }
        _ => vec![crumb("Overview", "/")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(path: &str) -> Vec<String> {
        let north = |uuid| (uuid == Uuid::from_u128(7)).then(|| "North".to_owned());
        trail(path, |_| None, north).into_iter().map(|crumb| crumb.text).collect()
    }

    #[test]
    fn each_page_has_its_way() {
        assert_eq!(texts("/"), ["Overview"]);
        assert_eq!(texts("/user/signin"), ["Sign in"]);
        assert_eq!(texts("/storage/aips/00000000-0000-0000-0000-000000000007"), ["AIPs", "AIP"]);
        assert_eq!(texts("/storage/locations/new"), ["Locations", "New location"]);
        assert_eq!(texts("/storage/locations/00000000-0000-0000-0000-000000000007/aips"), ["Locations", "North", "AIPs"]);
        assert_eq!(texts("/nowhere/at/all"), ["Overview"]);
    }
}
