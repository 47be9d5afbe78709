//! How a page gets its data, the same on the server and in the browser.
//!
//! On the server the resource is awaited before the page is written, so that the first HTML is complete and its status right; the
//! answer goes into the HTML once more as data. In the browser the resource begins with that answer: it is put into the store
//! *before* the page's view is built, so that hydration meets the very text that the server wrote, and no second request is sent.
//! From then on the view lives from the store. Later answers (the address changed, something was refreshed) only change the store.

use super::{Stores, Topic, refresh::Reason};
use crate::{
    api::{Problem, client::Snapshot},
    app::{browser, components::ProblemPanel, monitor::Dispatcher, pages::NotFoundPage, status},
    realtime::Position,
};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use std::{future::Future, pin::Pin, sync::Arc};

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The page was opened or its address changed, or events may have been missed: the answer is shown as it is.
    Opened,
    /// Something changed while the page was open: nothing on screen should jump.
    Refreshed,
}

/// Something with the log position that all of it is at least as new as.
pub trait Positioned {
    /// The position; none if any part has none.
    fn position(&self) -> Option<Position>;
}

impl<T> Positioned for Snapshot<T> {
    fn position(&self) -> Option<Position> {
        self.position
    }
}

impl<A: Positioned, B: Positioned> Positioned for (A, B) {
    fn position(&self) -> Option<Position> {
        let (a, b) = (self.0.position()?, self.1.position()?);
        (a.epoch == b.epoch).then_some(if a.seq <= b.seq { a } else { b })
    }
}

impl Positioned for super::aips::AipAnswers {
    fn position(&self) -> Option<Position> {
        self.aip.position
    }
}

type Apply<K, T> = Arc<dyn Fn(&K, T, Arrival) + Send + Sync>;

/// A page's data: asked for by key, put into the store, fetched again while on screen.
pub struct PageData<K: Send + Sync + 'static, T: Send + Sync + 'static> {
    resource: Resource<Result<(K, T), Problem>>,
    apply: Apply<K, T>,
    problem: RwSignal<Option<Problem>>,
    position: StoredValue<Option<Position>>,
    dispatcher: Dispatcher,
    stores: Stores,
    topics: &'static [Topic],
}

/// Asks for what the page shows. `key` is what the address says (reactive), `fetch` asks for it, `apply` puts the answer into the
/// store. A change of one of `topics` fetches it again, debounced; it keeps running until the calling component goes.
///
/// ```text
/// let data = page_data(
///     &[Topic::Aips, Topic::Locations],
///     move || query.get(),
///     |query| async move { Ok((client::aips(&query).await?, client::locations().await?)) },
///     move |query, (aips, locations), arrival| {
///         stores.locations.show_all(locations);
///         stores.aips.show_list(query, aips, arrival);
///     },
/// );
/// view! { <Loaded data> <AipTable/> </Loaded> }
/// ```
pub fn page_data<K, T, F>(
    topics: &'static [Topic],
    key: impl Fn() -> K + Copy + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + Clone + Send + Sync + 'static,
    apply: impl Fn(&K, T, Arrival) + Send + Sync + 'static,
) -> PageData<K, T>
where
    K: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Clone + Positioned + Serialize + DeserializeOwned + Send + Sync + 'static,
    F: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let apply: Apply<K, T> = Arc::new(apply);
    // The key comes back with the answer, so that an answer is never shown as that of another address.
    let resource = {
        let fetch = fetch.clone();
        Resource::new_blocking(key, move |key| {
            let answer: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(fetch(key.clone()));
            async move { answer.await.map(|answer| (key, answer)) }
        })
    };
    let data = PageData {
        resource,
        apply,
        problem: RwSignal::new(None),
        position: StoredValue::new(None),
        dispatcher: expect_context(),
        stores: Stores::here(),
        topics,
    };

    let settled = data.clone();
    Effect::new(move |_| {
        if let Some(answer) = resource.get() {
            settled.settle(answer, Arrival::Opened);
        }
    });

    let refreshed = data.clone();
    let refreshes = data.stores.refreshes;
    let position = data.position;
    Effect::new(move |_| {
        let (fetch, refreshed) = (fetch.clone(), refreshed.clone());
        refreshes.register(
            topics,
            move || position.try_get_value().flatten(),
            move |reason| {
                let asked = untrack(key);
                let answer: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(fetch(asked.clone()));
                let refreshed = refreshed.clone();
                async move {
                    let answer = answer.await;
                    if refreshed.position.is_disposed() || untrack(key) != asked {
                        return Ok(());
                    }
                    let arrival = if reason == Reason::Missed { Arrival::Opened } else { Arrival::Refreshed };
                    match answer {
                        // What is on screen was removed meanwhile.
                        Err(problem) if problem.is_not_found() => refreshed.settle(Err(problem), arrival),
                        // What is on screen stays; the frame says how old it is.
                        Err(problem) => return Err(problem),
                        Ok(answer) => refreshed.settle(Ok((asked, answer)), arrival),
                    }
                    Ok(())
                }
            },
        );
    });
    data
}

impl<K, T> PageData<K, T>
where
    K: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Clone + Positioned + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    fn settle(&self, answer: Result<(K, T), Problem>, arrival: Arrival) {
        match answer {
            Ok((key, answer)) => {
                let position = answer.position();
                self.position.set_value(position);
                (self.apply)(&key, answer, arrival);
                self.stores.connection.note(|seen| seen.updated_at = Some(browser::wall_clock()));
                if !position.is_none_or(|position| self.dispatcher.replay_after(position)) {
                    for topic in self.topics {
                        self.stores.refreshes.changed(*topic);
                    }
                }
                if self.problem.with_untracked(Option::is_some) {
                    self.problem.set(None);
                }
            }
            Err(problem) => self.problem.set(Some(problem)),
        }
    }

    /// Asks again because the person wants to, showing the problem if it is still there.
    pub fn retry(&self) {
        self.resource.refetch();
    }
}

impl<K: Send + Sync + 'static, T: Send + Sync + 'static> Clone for PageData<K, T> {
    fn clone(&self) -> Self {
        Self {
            resource: self.resource,
            apply: Arc::clone(&self.apply),
            problem: self.problem,
            position: self.position,
            dispatcher: self.dispatcher,
            stores: self.stores,
            topics: self.topics,
        }
    }
}

/// Shows the children once the page's data is in the store; the problem if it could not be had; the not-found page, with its
/// status, if there is no such thing. The children are built once and stay while the data changes.
#[component]
pub fn Loaded<K, T>(
    /// The page's data.
    data: PageData<K, T>,
    /// What shows it. Built after the store was filled.
    children: ChildrenFn,
) -> impl IntoView
where
    K: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    T: Clone + Positioned + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let waiting = || view! { <p class="waiting" role="status">"Loading…"</p> };
    view! {
        <Transition fallback=waiting>
            {
                let (data, children) = (data.clone(), ChildrenFn::clone(&children));
                Suspend::new(async move {
                    let answer = data.resource.await;
                    data.settle(answer, Arrival::Opened);
                    move || match data.problem.get() {
                        None => children().into_any(),
                        Some(problem) if problem.is_not_found() => view! { <NotFoundPage/> }.into_any(),
                        Some(problem) => {
                            status::of_problem(&problem);
                            let data = data.clone();
                            view! { <ProblemPanel title="This page could not be read" problem retry=Callback::new(move |()| data.retry())/> }.into_any()
                        }
                    }
                })
            }
        </Transition>
    }
}
