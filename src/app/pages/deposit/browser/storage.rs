//! What is remembered of unfinished uploads. Where the browser may not remember anything, everything else still works.

use super::super::remember::Memory;
use crate::app::browser::{remember, remembered};

/// Under which name (in `localStorage`).
const KEY: &str = "strongroom.uploads";

/// What is remembered.
pub fn read() -> Memory {
    remembered(KEY).map(|text| Memory::read(&text)).unwrap_or_default()
}

/// Changes what is remembered. Read anew each time, since other tabs write it too.
pub fn change(change: impl FnOnce(&mut Memory)) {
    let mut memory = read();
    change(&mut memory);
    remember(KEY, Some(&memory.write()));
}
