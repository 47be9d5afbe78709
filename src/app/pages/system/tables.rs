//! What there is now, in tables: the processes that take most, and network interfaces.

use super::{board::Board, figures::percent};
use crate::{
    app::format,
    realtime::metrics::sample::{Interface, Process},
};
use leptos::prelude::*;

/// All of them.
#[component]
pub fn Tables(board: Board) -> impl IntoView {
    let network = board.part(|sample| sample.network.clone());
    let busy = board.part(|sample| sample.processes.by_processor.clone());
    let large = board.part(|sample| sample.processes.by_memory.clone());
    view! {
        <div class="system__tables">
            <Table
                id="busy"
                title="Busiest processes"
                head=["Process", "Number", "Processor", "Memory"]
                rows=Signal::derive(move || busy.with(|all| all.iter().map(process).collect()))
            />
            <Table
                id="large"
                title="Largest processes"
                head=["Process", "Number", "Processor", "Memory"]
                rows=Signal::derive(move || large.with(|all| all.iter().map(process).collect()))
            />
            <Table id="network" title="Network" head=["Interface", "Received", "Sent", "Errors"] rows=Signal::derive(move || network.with(|all| all.iter().map(interface).collect())) />
        </div>
    }
}

type Cells = [String; 4];

fn interface(interface: &Interface) -> Cells {
    let rate = |bytes: Option<u64>| bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{}/s", format::size(bytes)));
    [interface.name.clone(), rate(interface.received), rate(interface.sent), format::count(interface.errors)]
}

fn process(process: &Process) -> Cells {
    [process.name.clone(), process.pid.to_string(), percent(process.processor.get()), format::size(process.memory)]
}

/// A table of four columns, the first of which names the row.
#[component]
fn Table(id: &'static str, title: &'static str, head: [&'static str; 4], rows: Signal<Vec<Cells>>) -> impl IntoView {
    let body = move || {
        let row = |[name, a, b, c]: Cells| {
            view! { <tr><th scope="row" title=name.clone()>{name.clone()}</th><td class="number">{a}</td><td class="number">{b}</td><td class="number">{c}</td></tr> }
                .into_any()
        };
        let rows = rows.get();
        if rows.is_empty() {
            return view! { <tr><td colspan="4" class="quiet">"None is told of."</td></tr> }.into_any();
        }
        rows.into_iter().map(row).collect_view().into_any()
    };
    view! {
        <section class="section" aria-labelledby=id>
            <h2 id=id>{title}</h2>
            <div class="table-scroll" role="group" tabindex="0" aria-label=format!("{title}, as a table")>
                <table class="table table--compact system__table">
                    <thead>
                        <tr>
                            <th scope="col">{head[0]}</th>
                            {head[1..].iter().map(|words| view! { <th scope="col" class="number">{*words}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </section>
    }
}
