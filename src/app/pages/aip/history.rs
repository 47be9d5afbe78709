//! The events of an AIP: its place in the log, in sentences.

use crate::{
    api::{EventsQuery, Problem, client},
    app::{
        components::{ProblemPanel, Time},
        sentences::{Sentence, own_sentence},
        stores::{Stores, aips::AipDetailStoreFields},
    },
};
use leptos::{prelude::*, task::spawn_local};

/// The history of the AIP on screen, newest first; older entries on request.
#[component]
pub fn History() -> impl IntoView {
    let stores = Stores::here();
    let detail = stores.aips.detail;
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let older = move |_| {
        let aip_uuid = detail.aip().with_untracked(|aip| aip.as_ref().map(|aip| aip.uuid));
        let before = detail.older_events().get_untracked();
        busy.set(true);
        problem.set(None);
        spawn_local(async move {
            match client::events(&EventsQuery { aip_uuid, before, ..EventsQuery::default() }).await {
                // Another AIP may be on screen by now.
                Ok(answer) if aip_uuid.is_some_and(|uuid| stores.aips.is_current(uuid)) => stores.aips.push_older_events(answer.data),
                Ok(_) => {}
                Err(error) => {
                    problem.try_set(Some(error));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <section class="section" aria-labelledby="history">
            <h2 id="history">"History"</h2>
            <ol class="history">
                <For
                    each=move || detail.events().get()
                    key=|record| record.seq
                    children=move |record| {
                        let (at, who) = (record.at, record.person.clone());
                        view! {
                            <li class="history__entry">
                                <Time at />
                                <span>
                                    {move || view! { <Sentence parts=own_sentence(&record, |uuid| stores.locations.place(uuid)) /> }}
                                    {who.map(|who| view! { <span class="history__person">{format!(" by {who}")}</span> })}
                                </span>
                            </li>
                        }
                    }
                />
            </ol>
            {move || problem.get().map(|problem| view! { <ProblemPanel title="Older entries could not be read" problem /> }.into_any())}
            <Show when=move || detail.older_events().get().is_some()>
                <button type="button" class="button" prop:disabled=busy on:click=older>"Show older entries"</button>
            </Show>
        </section>
    }
}
