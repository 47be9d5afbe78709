//! What whoever keeps the connection tells the dispatcher, and is asked by it.

use super::{Ask, Dispatcher, Kept, Replica};
use leptos::prelude::*;

impl Dispatcher {
    /// Tells the replica what the connection heard; what it wants is asked for.
    pub fn tell(&self, change: impl FnOnce(&mut Replica<Kept>) -> Vec<Ask>) {
        self.ask(self.with(change));
    }

    /// What is to be asked for, reactive: it is worth looking again when there is more, or when something was answered.
    #[must_use]
    pub fn asks(&self) -> Vec<Ask> {
        self.bell.track();
        self.asks.try_update_value(std::mem::take).unwrap_or_default()
    }
}
