//! The last ten minutes, each number a small chart with a table behind it. What was not measured is a gap.

use super::{board::Board, figures::percent};
use crate::{
    app::{format, stores::system::Reading},
    realtime::metrics::{
        chart::{Row, Scale, View, highest},
        history::{SPAN, Segment},
    },
};
use leptos::prelude::*;

/// In the units of the view box; the style stretches it.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 100.0;
/// Rows of a table: one for each minute.
const ROWS: u32 = 10;

/// What one chart shows.
#[derive(Clone, Copy)]
struct Series {
    id: &'static str,
    title: &'static str,
    number: fn(&Reading) -> Option<f64>,
    words: fn(f64) -> String,
    scale: fn(&[Segment]) -> Scale,
}

const SERIES: [Series; 6] = [
    Series { id: "processor", title: "Processor", number: |reading| reading.processor, words: percent, scale: |_| Scale::PERCENT },
    Series { id: "memory", title: "Memory", number: |reading| reading.memory, words: percent, scale: |_| Scale::PERCENT },
    Series {
        id: "load",
        title: "Load over a minute",
        number: |reading| reading.load,
        words: |value| format!("{value:.2}"),
        scale: |segments| Scale::up_to(highest(segments), 0.5),
    },
    Series { id: "received", title: "Received", number: |reading| reading.received, words: rate, scale: bytes },
    Series { id: "sent", title: "Sent", number: |reading| reading.sent, words: rate, scale: bytes },
    Series {
        id: "queue",
        title: "Work waiting or running",
        number: |reading| reading.queue,
        words: |value| format::count(whole(value)),
        scale: |segments| Scale::up_to(highest(segments), 1.0),
    },
];

fn bytes(segments: &[Segment]) -> Scale {
    Scale::up_to(highest(segments), 1_000.0)
}

fn rate(value: f64) -> String {
    format!("{}/s", format::size(whole(value)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, not below zero")]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// All charts.
#[component]
pub fn Charts(board: Board) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="charts">
            <h2 id="charts">"The last ten minutes"</h2>
            <div class="charts">{SERIES.map(|series| view! { <Chart board series /> }).collect_view()}</div>
        </section>
    }
}

/// What is drawn of a series.
#[derive(Debug, Clone, PartialEq)]
struct Drawing {
    line: String,
    grid: String,
    top: String,
    now: String,
    rows: Vec<Row>,
}

fn draw(board: Board, series: Series) -> Drawing {
    let to = board.at();
    let (segments, until) = board.history.series(series.number);
    let to = to.max(until);
    let view = View { from: to.saturating_sub(SPAN), to, scale: (series.scale)(&segments), width: WIDTH, height: HEIGHT };
    let level = |label: f64| format!("M0,{:.1}h{WIDTH}", (1.0 - label / view.scale.top) * HEIGHT);
    let newest = segments.last().and_then(|segment| segment.last()).filter(|point| point.at == to);
    Drawing {
        line: view.path(&segments),
        grid: view.scale.labels().map(level).collect(),
        top: (series.words)(view.scale.top),
        now: newest.map_or_else(|| "not known".to_owned(), |point| (series.words)(point.value)),
        rows: view.rows(&segments, ROWS),
    }
}

#[component]
fn Chart(board: Board, series: Series) -> impl IntoView {
    let Series { id, title, words, .. } = series;
    let drawing = Memo::new(move |_| draw(board, series));
    let line = Memo::new(move |_| drawing.with(|drawing| drawing.line.clone()));
    let grid = Memo::new(move |_| drawing.with(|drawing| drawing.grid.clone()));
    let top = Memo::new(move |_| drawing.with(|drawing| drawing.top.clone()));
    let now = Memo::new(move |_| drawing.with(|drawing| drawing.now.clone()));
    let rows = Memo::new(move |_| drawing.with(|drawing| drawing.rows.clone()));
    let label = format!("{title} in the last ten minutes");
    view! {
        <figure class="chart" aria-labelledby=format!("chart-{id}")>
            <figcaption class="chart__head" id=format!("chart-{id}")>
                <span class="chart__title">{title}</span>
                <span class="chart__now">{now}</span>
            </figcaption>
            <div class="chart__plot" aria-hidden="true">
                <span class="chart__top">{top}</span>
                <svg class="chart__drawing" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" focusable="false">
                    <path class="chart__grid" d=grid />
                    <path class="chart__line" d=line />
                </svg>
                <span class="chart__from">"10 min ago"</span>
                <span class="chart__to">"now"</span>
            </div>
            <details class="chart__table">
                <summary>{format!("{title} as a table")}</summary>
                <div class="table-scroll" role="group" tabindex="0" aria-label=format!("{title}, as a table")>
                    <table class="table table--compact">
                        <caption class="visually-hidden">{label}</caption>
                        <thead>
                            <tr><th scope="col">"Minutes ago"</th><th scope="col">"Lowest"</th><th scope="col">"Mean"</th><th scope="col">"Highest"</th></tr>
                        </thead>
                        <tbody>{move || rows.get().into_iter().enumerate().rev().map(|(at, row)| line_of(at, row, words)).collect_view()}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}

/// A row of the table: the minute, and what was measured in it.
fn line_of(at: usize, row: Row, words: fn(f64) -> String) -> AnyView {
    let ago = (ROWS as usize).saturating_sub(at);
    let cells = match row.measured {
        Some(measured) => [measured.lowest, measured.mean, measured.highest]
            .map(|value| view! { <td>{words(value)}</td> }.into_any())
            .collect_view()
            .into_any(),
        None => view! { <td colspan="3" class="quiet">"not measured"</td> }.into_any(),
    };
    view! { <tr><th scope="row">{format!("{ago} to {}", ago - 1)}</th>{cells}</tr> }.into_any()
}
