//! Debounced refresh: what is on screen registers how it is fetched again; events say what they touched.
//!
//! The timing is [`crate::realtime::refresh::Debounce`]; here are the register, the timer and the requests. Nothing registers on
//! the server, where effects do not run.

use crate::{api::Problem, app::browser, realtime::refresh::Debounce};
use leptos::prelude::*;
use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

/// Milliseconds after which what could not be fetched is asked for again.
const AGAIN: u64 = 5_000;

/// What a change can touch. One row more per kind of thing on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touched {
    /// A list of AIPs: which there are, in which order, how many.
    Aips,
    /// The AIP on screen: more of it than events carry.
    Aip,
    /// The fixity checks of the AIP on screen.
    Fixity,
    /// The requests for the deletion of the AIP on screen.
    Deletions,
    /// The locations and what they hold.
    Locations,
    /// The archive at a glance.
    Overview,
    /// What changed in a location without the service having done it.
    Changes,
    /// How tasks get on: while there was no connection, or none that carried it, nothing told.
    Tasks,
    /// The log.
    Activity,
}

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
        let entry = Entry { touched, fetch, debounce: Debounce::default(), armed: false };
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
