//! The browser's side of depositing: what was chosen becomes packages, and packages are sent.

mod choose;
mod sender;
mod storage;

pub use choose::{chosen_files, chosen_folder, dropped};
pub use sender::{cancel, look_for_unfinished, send, try_now};

use send_wrapper::SendWrapper;
use std::{cell::RefCell, collections::HashMap};
use web_sys::Blob;

thread_local! {
    /// The bytes of the packages, by identity. Not in the reactive queue: they are the browser's, and only handles to it.
    static BLOBS: RefCell<HashMap<u64, SendWrapper<Blob>>> = RefCell::new(HashMap::new());
}

fn keep(id: u64, blob: Blob) {
    BLOBS.with_borrow_mut(|blobs| blobs.insert(id, SendWrapper::new(blob)));
}

fn blob(id: u64) -> Option<Blob> {
    BLOBS.with_borrow(|blobs| blobs.get(&id).map(|blob| Blob::clone(blob)))
}

/// Lets go of the bytes of a package that is over.
pub fn release(id: u64) {
    BLOBS.with_borrow_mut(|blobs| blobs.remove(&id));
}
