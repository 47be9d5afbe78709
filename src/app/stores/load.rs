//! How a page gets its data, the same on the server and in the browser.
//!
//! On the server the resource is awaited before the page is written, so that the first HTML is complete and its status right; the
//! answer goes into the HTML once more as data. In the browser the resource begins with that answer: it is put into the store
//! *before* the page's view is built, so that hydration meets the very text that the server wrote, and no second request is sent.
//! From then on the view lives from the store. Later answers (the address changed, something was refreshed) only change the store.

use super::{Question, Stores, Topic, refresh::Reason};
use crate::{
    api::{
        Problem,
        client::{self, Text},
    },
    app::{
        browser,
        components::ProblemPanel,
        monitor::Dispatcher,
        pages::{ForbiddenPage, NotFoundPage},
        status,
    },
    realtime::Position,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// How an answer came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// The page was opened or its address changed, or events may have been missed: the answer is shown as it is.
    Opened,
    /// Something changed while the page was open: nothing on screen should jump.
    Refreshed,
}

/// Answers with what was asked, so that they are never shown as those of another address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Answered {
    key: String,
    texts: Vec<Text>,
}

type Outcome = Result<Answered, Problem>;

/// Reads answers and puts them into the store.
type Apply = Arc<dyn Fn(&Answered, Arrival) -> Result<(), Problem> + Send + Sync>;

/// A page's data: asked for by key, put into the store, fetched again while on screen.
#[derive(Clone)]
pub struct PageData {
    resource: Resource<Outcome>,
    apply: Apply,
    problem: RwSignal<Option<Problem>>,
    position: StoredValue<Option<Position>>,
    dispatcher: Dispatcher,
    stores: Stores,
    topics: &'static [Topic],
}

/// Asks for what the page shows. `key` is what the address says (reactive), `question` what is asked for it, `apply` puts the
/// answer into the store. A change of one of `topics` asks again, debounced; it keeps running until the calling component goes.
///
/// ```text
/// let data = page_data(
///     &[Topic::Aips],
///     move || query.get(),
///     |query| client::aips(&query),
///     move |query, answer, arrival| stores.aips.show_list(query, answer, arrival),
/// );
/// view! { <Loaded data> <AipTable/> </Loaded> }
/// ```
pub fn page_data<K, Q>(
    topics: &'static [Topic],
    key: impl Fn() -> K + Copy + Send + Sync + 'static,
    question: impl Fn(K) -> Q + Copy + Send + Sync + 'static,
    apply: impl Fn(&K, Q::Answer, Arrival) + Send + Sync + 'static,
) -> PageData
where
    K: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Q: Question + 'static,
{
    open(
        topics,
        Arc::new(move || {
            let key = key();
            // A key is made of words and numbers: there is nothing in it that JSON could not say.
            (serde_json::to_string(&key).unwrap_or_default(), question(key).paths())
        }),
        Arc::new(move |answered: &Answered, arrival| {
            let key: K = serde_json::from_str(&answered.key).map_err(client::unreadable)?;
            apply(&key, Q::read(&answered.texts)?, arrival);
            Ok(())
        }),
    )
}

/// What is asked: its key and the paths.
type Ask = Arc<dyn Fn() -> (String, Vec<String>) + Send + Sync>;

async fn answer((key, paths): (String, Vec<String>)) -> Outcome {
    Ok(Answered { key, texts: client::texts(paths).await? })
}

fn open(topics: &'static [Topic], ask: Ask, apply: Apply) -> PageData {
    let asked = Arc::clone(&ask);
    let resource = Resource::new_blocking(move || asked(), answer);
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
        if let Some(outcome) = resource.get() {
            settled.settle(outcome, Arrival::Opened);
        }
    });

    let refreshed = data.clone();
    let refreshes = data.stores.refreshes;
    let position = data.position;
    Effect::new(move |_| {
        let (ask, refreshed) = (Arc::clone(&ask), refreshed.clone());
        refreshes.register(
            topics,
            move || position.try_get_value().flatten(),
            move |reason| {
                let asked = untrack(|| ask());
                let (ask, refreshed) = (Arc::clone(&ask), refreshed.clone());
                async move {
                    let outcome = answer(asked.clone()).await;
                    if refreshed.position.is_disposed() || untrack(|| ask()) != asked {
                        return Ok(());
                    }
                    let arrival = if reason == Reason::Missed { Arrival::Opened } else { Arrival::Refreshed };
                    match outcome {
                        // What is on screen was removed meanwhile, or is not for this person any more.
                        Err(problem) if problem.is_not_found() || problem.status == 403 => refreshed.settle(Err(problem), arrival),
                        // What is on screen stays; the frame says how old it is.
                        Err(problem) => return Err(problem),
                        answered => refreshed.settle(answered, arrival),
                    }
                    Ok(())
                }
            },
        );
    });
    data
}

impl PageData {
    fn settle(&self, outcome: Outcome, arrival: Arrival) {
        // The first was asked first: what happened after its position may be missing from any of them.
        let position = outcome.as_ref().ok().and_then(|answered| answered.texts.first()?.position);
        match outcome.and_then(|answered| (self.apply)(&answered, arrival)) {
            Ok(()) => {
                self.position.set_value(position);
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

/// Shows the children once it is known who looks and the page's data is in the store; the problem if it could not be had; the not-found page or the forbidden
/// one, each with its status, if there is no such thing or if it is not for whoever asks. The children are built once and stay
/// while the data changes.
#[component]
pub fn Loaded(
    /// The page's data.
    data: PageData,
    /// What shows it. Built after the store was filled.
    children: ChildrenFn,
) -> impl IntoView {
    let waiting = || view! { <p class="waiting" role="status">"Loading…"</p> };
    let known = super::user::known();
    view! {
        <Transition fallback=waiting>
            {
                let (known, data, children) = (known.clone(), data.clone(), ChildrenFn::clone(&children));
                Suspend::new(async move {
                    known().await;
                    let answer = data.resource.await;
                    data.settle(answer, Arrival::Opened);
                    move || match data.problem.get() {
                        None => children().into_any(),
                        Some(problem) if problem.is_not_found() => view! { <NotFoundPage/> }.into_any(),
                        Some(Problem { status: 403, .. }) => view! { <ForbiddenPage/> }.into_any(),
                        // The frame leads to the sign-in.
                        Some(Problem { status: 401, .. }) => waiting().into_any(),
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
