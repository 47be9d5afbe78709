//! What changed under a location without the service having done it: in an archive that is an alarm.

use crate::{
    api::{EventRecord, LocationChanges, client},
    app::{
        browser,
        components::{Glyph, Icon, Time, in_a_line},
        sentences::{Sentence, sentence},
        stores::{Latest, Loaded, Stores, Touched, page_data},
    },
    domain::attribute,
    realtime::topic::Topic,
};
use leptos::{prelude::*, task::spawn_local};
use uuid::Uuid;

/// The panel; absent while there is nothing to take note of.
#[component]
pub fn Changes(
    /// The location.
    uuid: Uuid,
) -> impl IntoView {
    let changes = Latest::<LocationChanges>::new();
    let data = page_data(
        // That somebody took note is told as a change of the location.
        &[Touched::Changes, Touched::Locations],
        move |_| Topic::Location(uuid).into(),
        move || uuid,
        client::location_changes,
        move |_, answer, _| changes.show(answer),
    );
    view! {
        <Loaded data>
            <Shown uuid changes />
        </Loaded>
    }
}

#[component]
fn Shown(uuid: Uuid, changes: Latest<LocationChanges>) -> impl IntoView {
    let stores = Stores::here();
    let items = changes.part(|changes| changes.items.clone());
    let any = Memo::new(move |_| items.with(|items| !items.is_empty()));
    let busy = RwSignal::new(false);
    let take_note = move |_| {
        // What came since it was read is still to be read.
        let Some(up_to) = items.with_untracked(|items| items.iter().map(|record| record.seq).max()) else { return };
        busy.set(true);
        spawn_local(async move {
            match client::acknowledge_changes(uuid, up_to).await {
                Ok(_) => {
                    stores.toasts.done("It was recorded that you took note.".to_owned());
                    stores.refreshes.changed(Touched::Changes);
                    // The button goes; the focus must not be lost with it.
                    browser::focus("main");
                }
                Err(problem) => stores.toasts.failed(in_a_line("That you took note could not be recorded.", &problem)),
            }
            busy.try_set(false);
        });
    };
    let line = move |record: EventRecord| {
        let at = record.at;
        view! {
            <li class="history__entry">
                <Time at />
                {move || view! { <Sentence parts=sentence(&record, |uuid| stores.locations.place(uuid)) /> }}
            </li>
        }
    };
    view! {
        // The live region is always there, so that what comes to stand in it is read out; of more that comes, only that.
        <div class="banner-region" role="alert" aria-atomic="false">
            <Show when=move || any.get()>
                <section class="panel panel--problem" aria-labelledby="changes">
                    <h2 id="changes" class="panel__title"><Icon glyph=Glyph::Alert />"Something changed here that Strongroom did not do"</h2>
                    <p>
                        "Files under this location appeared, changed or vanished, and not because of anything that was asked of this service. In an archive that is an alarm: somebody or something else writes here, or the medium fails."
                    </p>
                    <ol class="history" aria-label="Changes, newest first">
                        <For each=move || items.get() key=|record| record.seq children=line />
                    </ol>
                    <p>
                        "Check the fixity of all AIPs that are kept here, and ask whoever looks after this storage what happened. The changes stay in the "
                        <a href="/activity?kind=announcement">"activity"</a>"."
                    </p>
                    {stores
                        .user
                        .may(attribute::LOCATIONS_UPDATE)
                        .then(|| view! { <button type="button" class="button" disabled=move || busy.get() on:click=take_note>"Taken note"</button> })}
                </section>
            </Show>
        </div>
    }
}
