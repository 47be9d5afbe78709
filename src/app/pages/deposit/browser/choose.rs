//! Files and folders that a person chose or dropped. A folder becomes one tar archive: a blob of headers and references to the
//! files, of which nothing is read before it is sent.

use super::{
    super::{
        queue::{Package, Queue, Stage},
        remember::Fingerprint,
        tar::{self, Kind},
    },
    keep, storage,
};
use crate::domain::format;
use js_sys::{Array, Reflect, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use std::collections::BTreeMap;
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry, HtmlInputElement};

/// Files by their path within the folder, in the order in which they are packed; folders only where they are empty.
type Tree = BTreeMap<String, Option<File>>;

/// Takes the files of `<input type="file" multiple>`.
pub fn chosen_files(queue: Queue, input: &HtmlInputElement, location: Option<Uuid>) {
    for file in taken(input) {
        add_file(queue, &file, location);
    }
}

/// Takes the folder of `<input type="file" webkitdirectory>`. Browsers leave empty folders out of it.
pub fn chosen_folder(queue: Queue, input: &HtmlInputElement, location: Option<Uuid>) {
    let mut folders: BTreeMap<String, Tree> = BTreeMap::new();
    for file in taken(input) {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string()).unwrap_or_default();
        let path = if path.is_empty() { file.name() } else { path };
        let top = path.split('/').next().unwrap_or_default().to_owned();
        folders.entry(top).or_default().insert(path, Some(file));
    }
    for (name, tree) in folders {
        add_folder(queue, &name, tree, location);
    }
}

/// Takes what was dropped: files, and folders with all that is in them. `done` runs when everything was looked through, with
/// what could not be read.
pub fn dropped(queue: Queue, event: &web_sys::DragEvent, location: Option<Uuid>, done: impl Fn(Vec<String>) + 'static) {
    let Some(transfer) = event.data_transfer() else { return };
    let items = transfer.items();
    // The list of items is emptied when the event is over, so everything is taken out of it at once.
    let entries: Vec<FileSystemEntry> = (0..items.length()).filter_map(|at| items.get(at)?.webkit_get_as_entry().ok().flatten()).collect();
    spawn_local(async move {
        let mut unreadable = Vec::new();
        for entry in entries {
            let name = entry.name();
            if entry.is_file() {
                match file_of(entry.unchecked_into()).await {
                    Ok(file) => add_file(queue, &file, location),
                    Err(_) => unreadable.push(name),
                }
                continue;
            }
            match walk(entry.unchecked_into()).await {
                Ok(tree) => add_folder(queue, &name, tree, location),
                Err(_) => unreadable.push(name),
            }
        }
        done(unreadable);
    });
}

fn taken(input: &HtmlInputElement) -> Vec<File> {
    let files = input.files().map(|files| (0..files.length()).filter_map(|at| files.get(at)).collect()).unwrap_or_default();
    // Otherwise choosing the same file once more would be no change, and no event.
    input.set_value("");
    files
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes and times in the browser are whole, not negative and below 2^53"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn add_file(queue: Queue, file: &File, location: Option<Uuid>) {
    let fingerprint = Fingerprint { name: file.name(), size: whole(file.size()), modified: whole(file.last_modified()) };
    let name = format::without_extension(&fingerprint.name).to_owned();
    add(queue, fingerprint, None, name, file.clone().unchecked_into(), location);
}

fn add_folder(queue: Queue, name: &str, tree: Tree, location: Option<Uuid>) {
    let files = tree.values().flatten().count() as u64;
    let modified = tree.values().flatten().map(|file| whole(file.last_modified())).max().unwrap_or(0);
    let Ok(blob) = pack(&tree, modified) else { return };
    let fingerprint = Fingerprint { name: format!("{name}/"), size: whole(blob.size()), modified };
    add(queue, fingerprint, Some(files), name.to_owned(), blob, location);
}

/// The archive of a folder.
fn pack(tree: &Tree, newest: u64) -> Result<Blob, JsValue> {
    let parts = Array::new();
    let push = |bytes: &[u8]| parts.push(&Uint8Array::from(bytes));
    for (path, file) in tree {
        let Some(file) = file else {
            push(&tar::head(Kind::Folder, path, 0, newest / 1_000));
            continue;
        };
        let size = whole(file.size());
        push(&tar::head(Kind::File, path, size, whole(file.last_modified()) / 1_000));
        parts.push(file);
        push(&vec![0; tar::padding(size)]);
    }
    push(&tar::end());
    Blob::new_with_blob_sequence(&parts)
}

fn add(queue: Queue, file: Fingerprint, files: Option<u64>, name: String, blob: Blob, location: Option<Uuid>) {
    // The same file, chosen again after a reload: its upload goes on.
    if let Some(id) = queue.find(|known| known.file == file && known.stage == Stage::NeedsFile) {
        keep(id, blob);
        super::send(queue, id);
        return;
    }
    if queue.find(|known| known.file == file && !known.stage.is_over()).is_some() {
        return;
    }
    let upload = storage::read().find(&file);
    let id = queue.add(Package {
        id: 0,
        file,
        files,
        name,
        location,
        stage: Stage::Chosen,
        sent: 0,
        checked: 0,
        rate: None,
        upload,
        verdict: None,
    });
    keep(id, blob);
}

/// A promise that is kept by whichever of the two callbacks `start` is given.
fn promise(start: impl FnOnce(&js_sys::Function, &js_sys::Function)) -> JsFuture {
    let mut start = Some(start);
    JsFuture::from(js_sys::Promise::new(&mut |resolve, reject| {
        if let Some(start) = start.take() {
            start(&resolve, &reject);
        }
    }))
}

async fn file_of(entry: FileSystemFileEntry) -> Result<File, JsValue> {
    let found = promise(|resolve, reject| call_with_callbacks(&entry, "file", resolve, reject)).await?;
    found.dyn_into()
}

async fn entries_of(reader: &FileSystemDirectoryReader) -> Result<Vec<FileSystemEntry>, JsValue> {
    let found = promise(|resolve, reject| call_with_callbacks(reader, "readEntries", resolve, reject)).await?;
    Ok(Array::from(&found).iter().map(JsCast::unchecked_into).collect())
}

/// Calls a method that takes a callback for success and one for failure, as the entries API does.
fn call_with_callbacks(object: &JsValue, method: &str, resolve: &js_sys::Function, reject: &js_sys::Function) {
    let called = Reflect::get(object, &method.into())
        .and_then(JsCast::dyn_into::<js_sys::Function>)
        .and_then(|function| function.call2(object, resolve, reject));
    if let Err(error) = called {
        drop(reject.call1(&JsValue::NULL, &error));
    }
}

/// Everything in a folder, without recursion: folders can be nested deeply.
async fn walk(top: FileSystemDirectoryEntry) -> Result<Tree, JsValue> {
    let mut tree = Tree::new();
    let mut folders = vec![top];
    while let Some(folder) = folders.pop() {
        let path = path_of(&folder);
        let reader = folder.create_reader();
        let mut empty = true;
        // Browsers hand entries out a hundred at a time; an empty answer is the end.
        loop {
            let entries = entries_of(&reader).await?;
            if entries.is_empty() {
                break;
            }
            empty = false;
            for entry in entries {
                let path = path_of(&entry);
                if entry.is_directory() {
                    folders.push(entry.unchecked_into());
                } else {
                    tree.insert(path, Some(file_of(entry.unchecked_into()).await?));
                }
            }
        }
        if empty {
            tree.insert(path, None);
        }
    }
    Ok(tree)
}

fn path_of(entry: &FileSystemEntry) -> String {
    entry.full_path().trim_start_matches('/').to_owned()
}

/// Asks before the page is left while something is being sent; registered once.
pub(super) fn warn_before_leaving(queue: Queue) {
    thread_local! {
        static REGISTERED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    if REGISTERED.replace(true) {
        return;
    }
    let ask = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        if queue.count_now(|package| package.stage.needs_the_page()) > 0 {
            event.prevent_default();
        }
    });
    drop(window().add_event_listener_with_callback("beforeunload", ask.as_ref().unchecked_ref()));
    // It lives as long as the page does.
    ask.forget();
}
