//! What there is now, in figures: the processor, memory, disks, the machine, and the service itself.

use super::board::Board;
use crate::{
    app::{
        components::{Progress, Size},
        format,
        stores::Stores,
    },
    realtime::metrics::{
        Percent,
        sample::{Disk, Memory},
    },
};
use leptos::prelude::*;

/// All of them.
#[component]
pub fn Figures(board: Board) -> impl IntoView {
    view! {
        <div class="system__figures">
            <Processor board />
            <MemoryUse board />
            <Disks board />
            <Machine board />
            <Itself board />
        </div>
    }
}

/// Percent to a tenth.
pub(super) fn percent(value: f64) -> String {
    format!("{value:.1} %")
}

/// Tenths of a percent, of which 1,000 are the whole.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage, not below zero")]
fn tenths(value: Percent) -> u64 {
    (value.get() * 10.0).round() as u64
}

#[component]
fn Processor(board: Board) -> impl IntoView {
    let total = board.part(|sample| sample.processor.total);
    let cores = board.part(|sample| sample.processor.cores.clone());
    let count = Memo::new(move |_| cores.with(Vec::len));
    let load = board.part(|sample| sample.load);
    let averages = move || match load.get() {
        Some(load) => format!("{:.2}, {:.2}, {:.2}", load.one.get(), load.five.get(), load.fifteen.get()),
        None => "not told by this system".to_owned(),
    };
    let core = move |at: usize| {
        let value = move || cores.with(|cores| cores.get(at).copied().unwrap_or_default());
        let label = format!("Core {}", at + 1);
        view! {
            <li class="core">
                <span>{label.clone()}</span>
                <progress class="progress__bar" max="1000" value=move || tenths(value()).to_string() aria-label=label></progress>
                <span class="core__number">{move || percent(value().get())}</span>
            </li>
        }
    };
    view! {
        <section class="panel system__panel" aria-labelledby="processor">
            <h2 id="processor">"Processor"</h2>
            // It takes two measurements.
            <Show when=move || total.get().is_some() fallback=|| view! { <p class="quiet">"Known in a moment."</p> }>
                <Progress
                    done=Signal::derive(move || total.get().map_or(0, tenths))
                    whole=Signal::stored(1_000)
                    label=Signal::stored("Processor, all cores".to_owned())
                />
            </Show>
            <svg class="cores__drawing" viewBox=move || format!("0 0 {} 100", 10 * count.get().max(1)) preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path d=move || cores.with(|cores| bars(cores)) />
            </svg>
            <details class="cores__each">
                <summary>"Each core"</summary>
                <ol class="cores">{move || (0..count.get()).map(core).collect_view()}</ol>
            </details>
            <dl class="facts"><div><dt>"Load over 1, 5, 15 minutes"</dt><dd>{averages}</dd></div></dl>
        </section>
    }
}

/// The `d` of a path: a bar for each core, ten units wide with the space beside it, as high as it is busy.
fn bars(cores: &[Percent]) -> String {
    let bar = |(at, core): (usize, &Percent)| {
        let height = core.get().clamp(0.0, 100.0);
        format!("M{},100v-{height:.1}h8v{height:.1}z", 10 * at + 1)
    };
    cores.iter().enumerate().map(bar).collect()
}

/// So much of so much.
#[component]
fn Amount(#[prop(into)] title: String, memory: Memo<Memory>) -> impl IntoView {
    let text = move || {
        let Memory { total, used } = memory.get();
        if total == 0 { "none".to_owned() } else { format!("{} of {}", format::size(used), format::size(total)) }
    };
    view! {
        <div class="amount">
            <p><strong>{title.clone()}</strong>" "{text}</p>
            <Show when=move || memory.with(|memory| memory.total > 0)>
                <Progress done=Signal::derive(move || memory.get().used) whole=Signal::derive(move || memory.get().total) label=Signal::stored(title.clone()) />
            </Show>
        </div>
    }
}

#[component]
fn MemoryUse(board: Board) -> impl IntoView {
    view! {
        <section class="panel system__panel" aria-labelledby="memory">
            <h2 id="memory">"Memory"</h2>
            <Amount title="Main memory" memory=board.part(|sample| sample.memory) />
            <Amount title="Swap" memory=board.part(|sample| sample.swap) />
        </section>
    }
}

#[component]
fn Disks(board: Board) -> impl IntoView {
    let disks = board.part(|sample| sample.disks.clone());
    let places = Memo::new(move |_| disks.with(|disks| places(disks)));
    let one = move |mount: String| {
        let found = {
            let mount = mount.clone();
            Memo::new(move |_| disks.with(|disks| disks.iter().rfind(|disk| disk.mount == mount).cloned()))
        };
        view! { <li><OneDisk mount found /></li> }
    };
    view! {
        <section class="panel system__panel" aria-labelledby="disks">
            <h2 id="disks">"Disks"</h2>
            <ul class="system__list"><For each=move || places.get() key=Clone::clone children=one /></ul>
            <Show when=move || places.with(Vec::is_empty)><p class="quiet">"This system tells of none."</p></Show>
        </section>
    }
}

/// Where there are disks. What was mounted over another one hides it.
fn places(disks: &[Disk]) -> Vec<String> {
    let hidden = |at: usize, disk: &Disk| disks[at + 1..].iter().any(|later| later.mount == disk.mount);
    disks.iter().enumerate().filter(|(at, disk)| !hidden(*at, disk)).map(|(_, disk)| disk.mount.clone()).collect()
}

#[component]
fn OneDisk(mount: String, found: Memo<Option<Disk>>) -> impl IntoView {
    let stores = Stores::here();
    let used =
        Memo::new(move |_| found.with(|disk| disk.as_ref().map(|disk| Memory { total: disk.size, used: disk.used }).unwrap_or_default()));
    let locations = Memo::new(move |_| found.with(|disk| disk.as_ref().map(|disk| disk.locations.clone()).unwrap_or_default()));
    let kind = found.with_untracked(|disk| disk.as_ref().map(|disk| disk.kind.clone()).unwrap_or_default());
    let free = move || used.with(|used| format::size(used.total.saturating_sub(used.used)));
    let names = move || {
        let link = |uuid| {
            let name = stores.locations.name(uuid).unwrap_or_else(|| "a location".to_owned());
            view! { <li><a href=format!("/storage/locations/{uuid}")>{name}</a></li> }
        };
        let locations = locations.get();
        (!locations.is_empty()).then(|| {
            view! { <div class="disk__keeps"><span class="quiet">"Keeps"</span><ul class="disk__locations">{locations.into_iter().map(link).collect_view()}</ul></div> }
        })
    };
    view! {
        <Amount title=format!("{mount} ({kind})") memory=used />
        <p class="quiet">{free}" free"</p>
        {names}
    }
}

#[component]
fn Machine(board: Board) -> impl IntoView {
    let name = board.part(|sample| sample.node.name.clone());
    let up = board.part(|sample| sample.uptime);
    let processes = board.part(|sample| sample.processes.count);
    view! {
        <section class="panel system__panel" aria-labelledby="machine">
            <h2 id="machine">"Machine"</h2>
            <dl class="facts">
                <div><dt>"Name"</dt><dd>{name}</dd></div>
                <div><dt>"Up for"</dt><dd>{move || format::duration(i64::try_from(up.get().saturating_mul(1_000_000)).unwrap_or(i64::MAX))}</dd></div>
                <div><dt>"Processes"</dt><dd>{move || format::count(processes.get())}</dd></div>
            </dl>
        </section>
    }
}

#[component]
fn Itself(board: Board) -> impl IntoView {
    let service = board.part(|sample| sample.service);
    let known = |number: Option<u64>| number.map_or_else(|| "not known".to_owned(), format::count);
    let files = move || match service.with(|service| (service.open_files, service.open_files_limit)) {
        (Some(open), Some(limit)) => format!("{} of {}", format::count(open), format::count(limit)),
        (open, _) => known(open),
    };
    view! {
        <section class="panel system__panel" aria-labelledby="itself">
            <h2 id="itself">"Strongroom itself"</h2>
            <dl class="facts">
                <div><dt>"Live connections"</dt><dd>{move || format::count(service.get().connections)}</dd></div>
                <div><dt>"Work waiting or running"</dt><dd>{move || format::count(service.get().queue_depth)}</dd></div>
                <div><dt>"Memory"</dt><dd><Size bytes=Signal::derive(move || service.get().resident) /></dd></div>
                <div><dt>"Database"</dt><dd><Size bytes=Signal::derive(move || service.get().database_size) /></dd></div>
                <div><dt>"Threads"</dt><dd>{move || known(service.get().threads)}</dd></div>
                <div><dt>"Open files"</dt><dd>{files}</dd></div>
            </dl>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_core_has_a_bar_as_high_as_it_is_busy() {
        assert_eq!(bars(&[Percent::new(25.0), Percent::new(100.0)]), "M1,100v-25.0h8v25.0zM11,100v-100.0h8v100.0z");
        assert_eq!(bars(&[]), "");
    }

    #[test]
    fn of_two_disks_at_one_place_the_later_is_seen() {
        let disk = |mount: &str, size| Disk { mount: mount.into(), kind: "ext4".into(), size, used: 0, locations: Vec::new() };
        assert_eq!(places(&[disk("/srv", 1), disk("/", 2), disk("/srv", 3)]), ["/", "/srv"]);
    }
}
