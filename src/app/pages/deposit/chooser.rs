//! Where packages are chosen or dropped, and where they are to be kept.

use super::{
    browser,
    queue::{Queue, Stage},
};
use crate::app::{
    components::{Glyph, Icon},
    stores::{Stores, locations::LocationListStoreFields},
};
use leptos::{
    ev,
    html::{Input, Select, input},
    prelude::*,
    web_sys::DragEvent,
};
use uuid::Uuid;

/// What the chooser of files offers first; others can be chosen too, and the server tells formats by their content.
const ACCEPT: &str = ".7z,.zip,.tar,.tar.gz,.tgz,.gz";

/// The place to choose and drop packages.
#[component]
pub fn Chooser(
    /// Where they go.
    queue: Queue,
    /// The location that was chosen; the first one when none was.
    location: RwSignal<Option<Uuid>>,
) -> impl IntoView {
    let stores = Stores::here();
    let select = NodeRef::<Select>::new();
    let over = RwSignal::new(false);
    let unreadable = RwSignal::new(Vec::<String>::new());
    let (files, folder) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    // Said to the server, and not left to it: what stands in the field is where packages go.
    let target =
        Signal::derive(move || location.get().or_else(|| stores.locations.list.rows().with(|rows| rows.first().map(|row| row.uuid))));
    let read_location = move || {
        let chosen = select.get_untracked().and_then(|select| select.value().parse().ok());
        location.set(chosen);
        chosen
    };
    let take_files = move || {
        if let Some(input) = files.get_untracked() {
            browser::chosen_files(queue, &input, target.get_untracked());
        }
    };
    let take_folder = move || {
        if let Some(input) = folder.get_untracked() {
            browser::chosen_folder(queue, &input, target.get_untracked());
        }
    };
    // What was chosen before the page came alive.
    Effect::new(move |_| {
        read_location();
        take_files();
        take_folder();
    });
    let relocate = move |_| {
        let chosen = read_location();
        while let Some(id) = queue.find(|package| package.stage == Stage::Chosen && package.location != chosen) {
            queue.change(id, |package| package.location = chosen);
        }
    };
    let drag = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        browser::dropped(queue, &event, target.get_untracked(), move |names| {
            unreadable.try_set(names);
        });
    };
    // Not an attribute of any standard, though every browser has it; hence not one that `view!` knows.
    let folder_input = input()
        .r#type("file")
        .class("visually-hidden")
        .attr("webkitdirectory", "true")
        .node_ref(folder)
        .on(ev::change, move |_| take_folder());
    view! {
        <div class="field deposit__location">
            <label class="field__label" for="deposit-location">"Keep in"</label>
            <select class="field__input" id="deposit-location" node_ref=select on:change=relocate>
                <For
                    each=move || stores.locations.list.rows().get()
                    key=|row| (row.uuid, row.name.clone())
                    children=move |row| {
                        let uuid = row.uuid;
                        view! { <option value=uuid.to_string() selected=move || target.get() == Some(uuid)>{row.name}</option> }
                    }
                />
            </select>
        </div>
        <div class="drop" class:drop--over=over on:dragenter=drag on:dragover=drag on:dragleave=move |_| over.set(false) on:drop=drop>
            <Icon glyph=Glyph::Upload />
            <p>"Drop packages or folders here, or"</p>
            <div class="drop__choices">
                <label class="button drop__choice">
                    <Icon glyph=Glyph::File />
                    "Choose files"
                    <input
                        class="visually-hidden"
                        type="file"
                        multiple
                        accept=ACCEPT
                        node_ref=files
                        on:change=move |_| take_files()
                    />
                </label>
                <label class="button drop__choice">
                    <Icon glyph=Glyph::Folder />
                    "Choose a folder"
                    {folder_input}
                </label>
            </div>
            <p class="field__hint">"7z, zip, tar and tar.gz packages, or a bag as a folder. Folders are packed while they are sent."</p>
        </div>
        <div class="banner-region" role="alert">
            {move || {
                let names = unreadable.get();
                (!names.is_empty())
                    .then(|| {
                        view! {
                            <p class="field__wrong">
                                {format!("The browser could not read: {}. Nothing of it was sent; check that you may read it, and drop it again.", names.join(", "))}
                            </p>
                        }
                    })
            }}
        </div>
    }
}
