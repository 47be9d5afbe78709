//! The table of AIPs. Its rows come from the store, each one reactive by itself.

use super::{query::ListQuery, row::AipRow};
use crate::{
    api::{SortKey, aips::SortColumn},
    app::{
        components::SortHeader,
        stores::{Stores, aips::AipListStoreFields},
    },
};
use leptos::prelude::*;
use uuid::Uuid;

/// The table.
#[component]
pub fn AipTable(
    /// The path of the list's address.
    path: Signal<String>,
    /// What is shown.
    query: Memo<ListQuery>,
    /// The location whose AIPs are shown: then it is not named in each row.
    inside: Signal<Option<Uuid>>,
) -> impl IntoView {
    let list = Stores::here().aips.list;
    let sort = Signal::derive(move || query.with(|query| query.sort));
    let href = Callback::new(move |sort: SortKey| query.with(|query| query.with(|query| query.sort = sort)).href(&path.get()));
    let with_location = Signal::derive(move || inside.get().is_none());
    view! {
        <div class="table-scroll">
            <table class="table">
                <caption class="visually-hidden">"AIPs"</caption>
                <thead>
                    <tr>
                        <SortHeader words="Name" column=SortColumn::Name sort href />
                        <SortHeader words="Status" column=SortColumn::Status sort href />
                        {move || with_location.get().then(|| view! { <SortHeader words="Location" column=SortColumn::Location sort href /> }.into_any())}
                        <SortHeader words="Size" column=SortColumn::Size sort href />
                        <SortHeader words="Deposited" column=SortColumn::CreatedAt sort href />
                    </tr>
                </thead>
                <tbody>
                    <For each=move || list.rows() key=|row| row.read_untracked().uuid children=move |row| view! { <AipRow row with_location /> } />
                </tbody>
            </table>
        </div>
    }
}
