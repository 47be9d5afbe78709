//! How a page gets its data, the same on the server and in the browser.
//!
//! On the server the resource is awaited before the page is written, so that the first HTML is complete and its status right; the
//! answer goes into the HTML once more as data. In the browser the resource begins with that answer: it is put into the store
//! *before* the page's view is built, so that hydration meets the very text that the server wrote, and no second request is sent.
//! From then on the view lives from the store. Later answers (the address changed, something was refreshed) only change the store.

use super::{Question, Stores, Touched, refresh::Reason};
use crate::{
    api::{
        Problem,
        client::{self, Text},
    },
    app::{
        browser,
        components::{ProblemPanel, in_place},
        monitor::Dispatcher,
        pages::{ForbiddenPage, NotFoundPage},
        status,
    },
    realtime::{
        Position,
        client::replica::{Round, ViewId},
        topic::Topics,
    },
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
    view: StoredValue<View>,
    dispatcher: Dispatcher,
    stores: Stores,
}

/// What the monitor knows this page's query by, and how far its last answer reaches.
#[derive(Debug, Clone, Default)]
struct View {
    /// Given once the page is alive in the browser.
    id: Option<ViewId>,
    /// The monitor keeps it right.
    open: bool,
    /// What it needs to hear of for that.
    hears: Topics,
    /// When the question of the resource was sent.
    asked_in: Round,
    /// The last answer: its key, when it was asked for, and where in the log it stands.
    answer: Option<(String, Round, Option<Position>)>,
}

/// Asks for what the page shows. `key` is what the address says (reactive), `question` what is asked for it, `apply` puts the
/// answer into the store. It is kept right by the events of the topics that `hears` names; where they cannot tell everything, a change
/// of one of `touched` asks again, debounced. It keeps running until the calling component goes.
///
/// ```text
/// let data = page_data(
///     &[Touched::Aips],
///     |_| Topic::Storage.into(),
///     move || query.get(),
///     |query| client::aips(&query),
///     move |query, answer, arrival| stores.aips.show_list(query, answer, arrival),
/// );
/// view! { <Loaded data> <AipTable/> </Loaded> }
/// ```
pub fn page_data<K, Q>(
    touched: &'static [Touched],
    hears: impl Fn(&K) -> Topics + Send + Sync + 'static,
    key: impl Fn() -> K + Copy + Send + Sync + 'static,
    question: impl Fn(K) -> Q + Copy + Send + Sync + 'static,
    apply: impl Fn(&K, Q::Answer, Arrival) + Send + Sync + 'static,
) -> PageData
where
    K: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Q: Question + 'static,
{
    open(Some(touched), asking(hears, key, question), reading::<K, Q>(apply))
}

/// Asks for what the page shows first. From then on the page keeps it right by itself.
pub fn page_data_once<K, Q>(
    key: impl Fn() -> K + Copy + Send + Sync + 'static,
    question: impl Fn(K) -> Q + Copy + Send + Sync + 'static,
    apply: impl Fn(&K, Q::Answer, Arrival) + Send + Sync + 'static,
) -> PageData
where
    K: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Q: Question + 'static,
{
    open(None, asking(|_: &K| Topics::none(), key, question), reading::<K, Q>(apply))
}

fn asking<K: Serialize + 'static, Q: Question>(
    hears: impl Fn(&K) -> Topics + Send + Sync + 'static,
    key: impl Fn() -> K + Send + Sync + 'static,
    question: impl Fn(K) -> Q + Send + Sync + 'static,
) -> Asking {
    Arc::new(move || {
        let key = key();
        let hears = hears(&key);
        // A key is made of words and numbers: there is nothing in it that JSON could not say.
        Ask { key: serde_json::to_string(&key).unwrap_or_default(), paths: question(key).paths(), hears }
    })
}

fn reading<K: DeserializeOwned, Q: Question>(apply: impl Fn(&K, Q::Answer, Arrival) + Send + Sync + 'static) -> Apply {
    Arc::new(move |answered: &Answered, arrival| {
        let key: K = serde_json::from_str(&answered.key).map_err(client::unreadable)?;
        apply(&key, Q::read(&answered.texts)?, arrival);
        Ok(())
    })
}

/// What is asked: its key and the paths; and what of the log concerns the answer.
#[derive(Debug, Clone, PartialEq)]
struct Ask {
    key: String,
    paths: Vec<String>,
    hears: Topics,
}

type Asking = Arc<dyn Fn() -> Ask + Send + Sync>;

async fn answer(key: String, paths: Vec<String>) -> Outcome {
    Ok(Answered { key, texts: client::texts(paths).await? })
}

/// `touched`: none for what is asked for once.
fn open(touched: Option<&'static [Touched]>, ask: Asking, apply: Apply) -> PageData {
    let asked = Arc::clone(&ask);
    let dispatcher: Dispatcher = expect_context();
    let view = StoredValue::new(View::default());
    let resource = Resource::new_blocking(
        move || {
            let Ask { key, paths, hears } = asked();
            expect(view, dispatcher, hears);
            (key, paths)
        },
        |(key, paths)| answer(key, paths),
    );
    let data = PageData { resource, apply, problem: RwSignal::new(None), view, dispatcher, stores: Stores::here() };

    let settled = data.clone();
    Effect::new(move |_| {
        if let Some(outcome) = resource.get() {
            settled.settle(outcome, Arrival::Opened, None);
        }
    });

    let Some(touched) = touched else { return data };
    let refreshed = data.clone();
    let refreshes = data.stores.refreshes;
    let watched = data.clone();
    Effect::new(move |_| {
        let (ask, refreshed) = (Arc::clone(&ask), refreshed.clone());
        let id = refreshes.register(touched, move |reason| {
            let asked = untrack(|| ask());
            let (ask, refreshed) = (Arc::clone(&ask), refreshed.clone());
            async move {
                let round = refreshed.dispatcher.round();
                let outcome = answer(asked.key.clone(), asked.paths.clone()).await;
                if refreshed.view.is_disposed() || untrack(|| ask()) != asked {
                    return Ok(());
                }
                let arrival = if reason == Reason::Missed { Arrival::Opened } else { Arrival::Refreshed };
                match outcome {
                    // What is on screen was removed meanwhile, or is not for this person any more.
                    Err(problem) if problem.is_not_found() || problem.status == 403 => {
                        refreshed.settle(Err(problem), arrival, Some(round));
                    }
                    // What is on screen stays; the frame says how old it is.
                    Err(problem) => return Err(problem),
                    answered => refreshed.settle(answered, arrival, Some(round)),
                }
                Ok(())
            }
        });
        watched.watch(id);
    });
    data
}

/// A question is about to be sent whose answer is kept right by these topics. What was answered for others says nothing about it.
fn expect(view: StoredValue<View>, dispatcher: Dispatcher, hears: Topics) {
    view.update_value(|view| {
        view.asked_in = dispatcher.round();
        if view.hears != hears {
            (view.hears, view.answer) = (hears, None);
            if let (Some(id), true) = (view.id, view.open) {
                dispatcher.open(id, view.hears.clone());
            }
        }
    });
}

impl PageData {
    /// Puts an answer in place that was asked for in that round; the resource's own, without one.
    fn settle(&self, outcome: Outcome, arrival: Arrival, round: Option<Round>) {
        // The first was asked first: what happened after its position may be missing from any of them.
        let position = outcome.as_ref().ok().and_then(|answered| answered.texts.first()?.position);
        let round = round.unwrap_or_else(|| self.view.with_value(|view| view.asked_in));
        if outcome.as_ref().is_ok_and(|answered| self.is_overtaken(&answered.key, round, position)) {
            return;
        }
        let key = outcome.as_ref().map(|answered| answered.key.clone()).unwrap_or_default();
        // What came before the answer is put in place before it.
        self.dispatcher.flush();
        match outcome.and_then(|answered| (self.apply)(&answered, arrival)) {
            Ok(()) => {
                self.stores.connection.note(|seen| seen.updated_at = Some(browser::wall_clock()));
                self.view.update_value(|view| view.answer = Some((key, round, position)));
                if let Some(id) = self.view.with_value(|view| view.id) {
                    self.stores.refreshes.answered(id);
                }
                self.join();
                if self.problem.with_untracked(Option::is_some) {
                    self.problem.set(None);
                }
            }
            Err(problem) => {
                // Nothing is shown that could be wrong, and nothing is waited for.
                self.view.update_value(|view| view.open = false);
                if let Some(id) = self.view.with_value(|view| view.id) {
                    self.dispatcher.close(id);
                }
                self.problem.set(Some(problem));
            }
        }
    }

    /// Whether a later answer to the same question is in place already.
    fn is_overtaken(&self, key: &str, round: Round, position: Option<Position>) -> bool {
        self.view.with_value(|view| match (&view.answer, position) {
            (Some((held_key, held_round, Some(held))), Some(position)) => {
                held_key == key && *held_round == round && held.epoch == position.epoch && position.seq < held.seq
            }
            _ => false,
        })
    }

    /// From now on what is shown is kept right, until the calling component goes.
    fn watch(&self, id: ViewId) {
        let open = self.problem.with_untracked(Option::is_none);
        self.view.update_value(|view| (view.id, view.open) = (Some(id), open));
        if open {
            self.dispatcher.open(id, self.view.with_value(|view| view.hears.clone()));
        }
        self.join();
        let dispatcher = self.dispatcher;
        on_cleanup(move || dispatcher.close(id));
    }

    /// Joins the last answer with the events that came since; where that cannot be done, it is asked for again.
    fn join(&self) {
        let Some(View { id: Some(id), open, hears, answer: Some((_, round, position)), .. }) = self.view.try_get_value() else { return };
        let Some(position) = position else {
            // It stands nowhere in the log (nothing was asked for): there is nothing to keep right.
            self.view.update_value(|view| view.open = false);
            self.dispatcher.close(id);
            return;
        };
        if !open {
            self.view.update_value(|view| view.open = true);
            self.dispatcher.open(id, hears);
        }
        if !self.dispatcher.answered(id, round, position) {
            self.stores.refreshes.again(id);
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
                    data.settle(answer, Arrival::Opened, None);
                    in_place(move || match data.problem.get() {
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
                    })
                })
            }
        </Transition>
    }
}
