//! Debounced refresh: what is on screen registers how it is fetched again; events say which resource changed, and a [table](touched)
//! what that touches. What is old is fetched again, too, when somebody comes back to the page.
//!
//! The timing is [`crate::realtime::refresh::Debounce`]; here are the register, the timer and the requests. Nothing registers on
//! the server, where effects do not run.

mod touched;

pub use touched::Touched;

use crate::{
    api::Problem,
    app::browser,
    realtime::{
        refresh::{Debounce, FRESH},
        resource_change::ResourceType,
    },
};
use leptos::prelude::*;
use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

/// Milliseconds after which what could not be fetched is asked for again.
const AGAIN: u64 = 5_000;

/// Why something is fetched again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// An event touched it, or it is time to poll.
    Changed,
    /// Events may have been missed: what is held may be wrong in ways that no event told.
    Missed,
}

type Fetched = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>>;
type Fetch = Arc<dyn Fn(Reason) -> Fetched + Send + Sync>;

struct Entry {
    touched: &'static [Touched],
    fetch: Fetch,
    debounce: Debounce,
    /// When the answer came that is held.
    answered: u64,
    /// A timer will look at it.
    armed: bool,
}

/// The register of what is on screen.
#[derive(Debug, Clone, Copy)]
pub struct Refreshes {
    entries: StoredValue<BTreeMap<u64, Entry>>,
    next: StoredValue<u64>,
    /// The problem of the last refresh that failed; none once one succeeded.
    pub problem: RwSignal<Option<Problem>>,
}

impl Refreshes {
    pub(super) fn new() -> Self {
        Self { entries: StoredValue::new(BTreeMap::new()), next: StoredValue::new(0), problem: RwSignal::new(None) }
    }

    /// Registers something that is on screen until the calling component goes: `fetch` asks for it again and puts the answer into
    /// its store. Returns what it is known by from now on.
    pub fn register<F>(&self, touched: &'static [Touched], fetch: impl Fn(Reason) -> F + Send + Sync + 'static) -> u64
    where
        F: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let id = self.next.with_value(|next| *next);
        self.next.set_value(id + 1);
        let fetch: Fetch = Arc::new(move |reason| Box::pin(fetch(reason)));
        let entry = Entry { touched, fetch, debounce: Debounce::default(), answered: browser::monotonic(), armed: false };
        self.entries.update_value(|entries| {
            entries.insert(id, entry);
        });
        let entries = self.entries;
        on_cleanup(move || {
            entries.try_update_value(|entries| entries.remove(&id));
        });
        id
    }

    /// Something of this kind changed: whatever shows it is fetched again, debounced.
    pub fn changed(&self, what: Touched) {
        for id in self.ids(|entry| entry.touched.contains(&what)) {
            self.again(id);
        }
    }

    /// A resource of this type came to be, changed or went: whatever that touches is fetched again, debounced.
    pub fn resource_changed(&self, resource: ResourceType) {
        for what in touched::by(resource) {
            self.changed(*what);
        }
    }

    /// The answer to this was put in its store.
    pub fn answered(&self, id: u64) {
        self.entries.update_value(|entries| {
            if let Some(entry) = entries.get_mut(&id) {
                entry.answered = browser::monotonic();
            }
        });
    }

    /// Somebody comes back to the page, at `now`: what is older than a minute is fetched again.
    pub fn focused(&self, now: u64) {
        for id in self.ids(|entry| now >= entry.answered + FRESH && !entry.debounce.in_flight()) {
            self.again(id);
        }
    }

    /// This is fetched again, debounced.
    pub fn again(&self, id: u64) {
        self.entries.update_value(|entries| {
            if let Some(entry) = entries.get_mut(&id) {
                entry.debounce.changed(browser::monotonic());
            }
        });
        self.arm(id);
    }

    /// Fetches everything on screen once, now. As [`Self::fetch_all`].
    ///
    /// # Errors
    /// The first problem; nothing is left out because of it.
    pub async fn run(&self, reason: Reason) -> Result<(), Problem> {
        self.fetch_all(self.ids(|_| true), reason).await
    }

    /// Fetches these once, now; what is gone from the screen meanwhile is not missed.
    ///
    /// # Errors
    /// The first problem; nothing is left out because of it.
    pub async fn fetch_all(&self, ids: Vec<u64>, reason: Reason) -> Result<(), Problem> {
        let mut first = Ok(());
        for id in ids {
            let result = self.fetch(id, reason).await;
            if first.is_ok() {
                first = result;
            }
        }
        first
    }

    fn ids(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<u64> {
        self.entries.with_value(|entries| entries.iter().filter(|(_, entry)| wanted(entry)).map(|(id, _)| *id).collect())
    }

    /// Sees to it that the entry is looked at when it is due: one timer per entry, however many changes come.
    fn arm(&self, id: u64) {
        let due = self.entries.try_update_value(|entries| {
            let entry = entries.get_mut(&id).filter(|entry| !entry.armed)?;
            let due = entry.debounce.due()?;
            entry.armed = true;
            Some(due)
        });
        let Some(due) = due.flatten() else { return };
        let this = *self;
        browser::after(due.saturating_sub(browser::monotonic()), move || this.look(id));
    }

    fn look(&self, id: u64) {
        let now = browser::monotonic();
        let taken = self.entries.try_update_value(|entries| {
            let entry = entries.get_mut(&id)?;
            entry.armed = false;
            Some(entry.debounce.take(now))
        });
        match taken.flatten() {
            Some(true) => {
                let this = *self;
                leptos::task::spawn_local(async move {
                    if this.send(id, Reason::Changed).await.is_err() {
                        // The change that it was for comes only once.
                        browser::after(AGAIN, move || this.again(id));
                    }
                });
            }
            Some(false) => self.arm(id),
            None => {}
        }
    }

    async fn fetch(&self, id: u64, reason: Reason) -> Result<(), Problem> {
        self.entries.try_update_value(|entries| entries.get_mut(&id).map(|entry| entry.debounce.begin()));
        self.send(id, reason).await
    }

    async fn send(&self, id: u64, reason: Reason) -> Result<(), Problem> {
        let fetch = self.entries.try_with_value(|entries| entries.get(&id).map(|entry| Arc::clone(&entry.fetch))).flatten();
        let Some(fetch) = fetch else { return Ok(()) };
        let result = fetch(reason).await;
        self.problem.try_set(result.clone().err());
        self.entries.try_update_value(|entries| entries.get_mut(&id).map(|entry| entry.debounce.finished()));
        self.arm(id);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stores::Stores;

    #[test]
    fn coming_back_asks_again_for_what_is_older_than_a_minute() {
        Owner::new().with(|| {
            let refreshes = Stores::provide().refreshes;
            let id = refreshes.register(&[Touched::Aips], |_| async { Ok(()) });
            let waits = || refreshes.entries.with_value(|entries| entries[&id].debounce.due().is_some());
            refreshes.focused(FRESH - 1);
            assert!(!waits());
            refreshes.focused(FRESH);
            assert!(waits());
        });
    }

    #[test]
    fn a_change_touches_what_shows_it_and_nothing_else() {
        Owner::new().with(|| {
            let refreshes = Stores::provide().refreshes;
            let [list, deletions] =
                [&[Touched::Aips], &[Touched::Deletions]].map(|touched| refreshes.register(touched, |_| async { Ok(()) }));
            let waits = |id| refreshes.entries.with_value(|entries| entries[&id].debounce.due().is_some());
            refreshes.resource_changed(ResourceType::Aip);
            assert_eq!((waits(list), waits(deletions)), (true, false));
        });
    }
}
