//! How busy the machine is that serves: now, and in the last ten minutes.

mod board;
mod charts;
mod figures;
mod tables;
mod watch;

use crate::{
    api::client,
    app::{
        components::{Glyph, Icon},
        stores::{Loaded, Permitted, Stores, WithUser, page_data, page_data_once},
    },
    domain::attribute,
    realtime::{client::metrics_viewer::Mode, topic::Topic},
};
use board::{Board, Measured};
use charts::Charts;
use figures::Figures;
use leptos::prelude::*;
use leptos_meta::Title;
use tables::Tables;
use watch::{How, watch};

/// The page.
#[component]
pub fn SystemPage() -> impl IntoView {
    view! {
        <Title text="System" />
        <div class="page page--wide">
            <h1>"System"</h1>
            <WithUser>
                <Permitted attribute=attribute::SYSTEM_METRICS_READ>
                    <Known />
                </Permitted>
            </WithUser>
        </div>
    }
}

#[component]
fn Known() -> impl IntoView {
    let stores = Stores::here();
    let board = Board::new(stores.system);
    let may_name = stores.user.may(attribute::LOCATIONS_LIST);
    let locations = page_data(
        &[],
        |()| Topic::Locations.into(),
        || (),
        move |()| may_name.then(client::locations),
        move |(), answer, _| stores.locations.show_known(answer),
    );
    let data = page_data_once(|| (), |()| client::system_metrics(), move |(), answer, _| board.show(answer.data));
    view! {
        <Loaded data=locations>
            <Loaded data=data.clone()>
                <Shown board />
            </Loaded>
        </Loaded>
    }
}

#[component]
fn Shown(board: Board) -> impl IntoView {
    let How { mode, trouble } = watch(board);
    view! {
        <p class="system__mode">
            <span role="status"><ModeBadge mode /></span>
            <span class="quiet">"Measured " <Measured board /></span>
            <span class="quiet">{move || meaning(mode.get())}</span>
        </p>
        <div class="banner-region" role="status">
            <Show when=move || trouble.with(Option::is_some)>
                <p class="banner banner--waiting"><Icon glyph=Glyph::Warning /><span>{move || trouble.get()}</span></p>
            </Show>
        </div>
        <Figures board />
        <Charts board />
        <Tables board />
    }
}

/// Whether the page is live.
#[component]
fn ModeBadge(mode: RwSignal<Mode>) -> impl IntoView {
    let look = move || match mode.get() {
        Mode::Live => ("good", Glyph::Check, "Live"),
        Mode::Polling => ("waiting", Glyph::Sync, "Polling"),
        Mode::Paused => ("gone", Glyph::Stop, "Paused"),
    };
    view! {
        <span class=move || format!("badge badge--{}", look().0)>
            <Icon glyph=Signal::derive(move || look().1) />
            <span class="badge__word">{move || look().2}</span>
        </span>
    }
}

const fn meaning(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "What is measured appears here at once.",
        Mode::Polling => "It is asked for every ten seconds.",
        Mode::Paused => "Nothing is asked for while nobody looks.",
    }
}
