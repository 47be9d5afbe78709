//! While the server renders nobody chooses a file: the same functions, which nothing calls.

use super::queue::Queue;
use uuid::Uuid;

pub fn chosen_files<I>(_: Queue, _: &I, _: Option<Uuid>) {}
pub fn chosen_folder<I>(_: Queue, _: &I, _: Option<Uuid>) {}
pub fn dropped<E>(_: Queue, _: &E, _: Option<Uuid>, _: impl Fn(Vec<String>) + 'static) {}
pub fn send(_: Queue, _: u64) {}
pub fn cancel(_: Queue, _: u64) {}
pub fn try_now(_: u64) {}
pub fn look_for_unfinished(_: Queue) {}
pub fn release(_: u64) {}
