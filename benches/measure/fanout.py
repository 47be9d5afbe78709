"""Live updates: one event to many, beside npm `ws`, npm `socket.io` and PyPI `websockets` doing the same on the same machine.

The servers and their common client are in `benches/fanout`, the browser's part is `benches/dom.mjs`.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from .fanout_servers import AIPS, TOGETHER, Clients, Fanout, Ours, Told, running
from .figures import Bar, Figure, Report, median, percentile
from .server import ROOT

GROUP_RATE = "Live updates: one event to 1,000 clients"
GROUP_MEMORY = "Live updates: memory of idle connections"
GROUP_LATENCY = "Live updates: from commit to the client"
GROUP_DOM = "Live updates: from commit to the page"

CLIENTS = 1_000
ROUNDS = 3
# So long should a round take. The first one tells how many events that are; the service keeps 8,192 in memory for who is behind.
ROUND_SECONDS, FIRST_EVENTS, MOST_EVENTS = 2.0, 64, 8_000
IDLE = 4_000
# Events a second, to how many clients, how many events, and how many of ours to a transaction. The first is a load: 100,000 deliveries a
# second, each on its own. The other two are a tenth of that.
PACES = [(100, CLIENTS, 150, 1), (100, 100, 500, 1), (1_000, 10, 4_000, 5)]
# The one that has a bar.
HELD = (100, 100)
DOM_EVENTS, DOM_RATE = 1_000, 100

HOW_RATE = (
    f"{CLIENTS:,} WebSockets of one client program (`benches/fanout/client.rs`: one thread, counts frames); the same events, of {{size}} bytes, from four "
    "servers, as fast as the clients take them. Ours is the service of the release build: statuses of AIPs are really changed, "
    f"{TOGETHER} to a transaction, in its database, and told by `strongroom.v1`. `ws`: a loop of `send` over all clients, the same buffer; `socket.io`: "
    "`io.emit`, WebSocket only; `websockets`: `broadcast`; all without compression, and without a database. Deliveries from the first frame of the first "
    f"client to the last frame of the last; every client has to get every event. Median of {ROUNDS} rounds, in turn with the others; rounds of about "
    f"{ROUND_SECONDS:.0f} s. Processor time is that of the whole process during the rounds: it says on a busy machine, too, what a delivery costs"
)
HOW_MEMORY = (
    f"growth of the server's `VmRSS` by {IDLE:,} WebSockets, divided by their number, after each has had its greeting and a heartbeat and has answered that; "
    "a server that has answered one client before. Heartbeats every 10 s with all four. The same client program and settings as for the fan-out"
)
HOW_LATENCY = (
    "each event with the time at which its transaction was committed (noted between the commit and telling anybody), and the time at which the "
    "client program had read its frame, by the clock of the same machine. For the peers the time before the first `send`: they have nothing to commit. "
    "Noted by 20 of the clients (of 10: by all), evenly spread in the order in which they connected. At 100 events a second ours are a transaction each, at "
    "1,000 five to a transaction. *Kept* is the rate that was reached: below the one that was asked for, the server could not carry it"
)
HOW_DOM = (
    f"Chromium shows the list of AIPs; the statuses of {AIPS} AIPs in it are changed in turn, {DOM_RATE} a second, a transaction each, {DOM_EVENTS:,} in all. "
    "From the time after the commit to a `MutationObserver`'s call for the row's new text. A change that was overtaken by the next one of its row before "
    "it was shown counts until that one was shown"
)


def measure(report: Report, folder: Path) -> None:
    rest = _a_real_event(folder / "fanout-event")
    with running(folder / "fanout-idle", rest) as (ours, peers):
        _memory(report, [ours, *peers])
    with running(folder / "fanout", rest) as (ours, peers):
        for rate, count, events, per_commit in PACES:
            with contextlib.ExitStack() as stack:
                clients = [(server, stack.enter_context(server.clients(count))) for server in (ours, *peers)]
                for _, connected in clients:
                    connected.read()
                if count == CLIENTS:
                    _rate(report, clients, len(rest))
                _latency(report, clients, rate, count, events, per_commit)
        _dom(report, ours)


def _a_real_event(data: Path) -> str:
    """What stands behind the seq in an event of ours: the peers send the same bytes."""
    with contextlib.ExitStack() as stack:
        ours = Ours(stack, data)
        client = stack.enter_context(ours.clients(1))
        client.read()
        client.expect(TOGETHER)
        ours.send(TOGETHER)
        # The frames end with a newline, as Enduro's do.
        return client.received(TOGETHER)["sample"].rstrip().split(",", 1)[1]


def _memory(report: Report, all_four: list[Fanout]) -> None:
    with contextlib.ExitStack() as stack:
        before, clients = [], []
        for server in all_four:
            with server.clients(1) as one:
                one.read()
            before.append(server.told.resident())
            clients.append(stack.enter_context(server.clients(IDLE)))
            clients[-1].read()
        for client in clients:
            client.ask(call="beats", each=1)
        for client in clients:
            client.read()
        for server, start in zip(all_four, before):
            end = server.told.resident()
            bar = Bar("at most", 10) if isinstance(server, Ours) else None
            beside = {"before": f"{start / 1e6:.1f} MB", f"with {IDLE:,}": f"{end / 1e6:.1f} MB"}
            report.add(Figure(GROUP_MEMORY, f"{server.name}: each of {IDLE:,}", (end - start) / IDLE / 1e3, "KB", HOW_MEMORY, bar, beside))


def _round(server: Fanout, clients: Clients, events: int) -> float:
    """Deliveries a second of one round."""
    clients.expect(events)
    server.send(events)
    got = clients.received(events)
    return got["received"] / (max(got["last"] - got["first"], 1) / 1e6)


def _rate(report: Report, clients: list[tuple[Fanout, Clients]], size: int) -> None:
    events = {}
    for server, client in clients:
        per_second = _round(server, client, FIRST_EVENTS) / CLIENTS
        wanted = int(per_second * ROUND_SECONDS) // TOGETHER * TOGETHER
        events[server.name] = min(max(wanted, FIRST_EVENTS), MOST_EVENTS)
    rates: dict[str, list[float]] = {server.name: [] for server, _ in clients}
    busy = {server.name: (-server.told.processor(), -client.processor()) for server, client in clients}
    for _ in range(ROUNDS):
        for server, client in clients:
            rates[server.name].append(_round(server, client, events[server.name]))
    how = HOW_RATE.format(size=size + len('{"seq":1000,'))
    for server, client in clients:
        measured = rates[server.name]
        micros = 1e6 / (ROUNDS * events[server.name] * CLIENTS)
        its, theirs = ((after() + before) * micros for after, before in zip((server.told.processor, client.processor), busy[server.name]))
        beside = {
            "rounds": " ".join(f"{rate:,.0f}" for rate in measured), "events in each": f"{events[server.name]:,}",
            "processor time of each delivery": f"{its:.2f} µs, of the clients {theirs:.2f} µs",
        }
        report.add(Figure(GROUP_RATE, server.name, median(measured), "deliveries/s", how, None, beside))
    ours, *peers = rates.items()
    for name, measured in peers:
        ratios = [mine / theirs for mine, theirs in zip(ours[1], measured)]
        bar = Bar("at least", 5) if name == "npm ws" else None
        report.add(Figure(GROUP_RATE, f"{ours[0]} beside {name}", median(ratios), "", how, bar, {"rounds": " ".join(f"{ratio:.1f}" for ratio in ratios)}))


def _latency(report: Report, clients: list[tuple[Fanout, Clients]], rate: int, count: int, events: int, per_commit: int) -> None:
    for server, client in clients:
        client.expect(events)
        started = time.monotonic()
        sent = {entry[0]: entry[1] for entry in server.send(events, rate, per_commit)}
        took = time.monotonic() - started
        got = client.received(events)
        late = [(at - sent[seq]) / 1e3 for _, seq, at in got["watched"]]
        name = f"{server.name}: {rate:,} events/s to {count:,} clients"
        bar = Bar("below", 20) if isinstance(server, Ours) and (rate, count) == HELD else None
        beside = {"kept": f"{events / took:,.0f} events/s", "worst": f"{max(late):.1f} ms"}
        report.add(Figure(GROUP_LATENCY, f"{name}, p50", percentile(late, 50), "ms", HOW_LATENCY))
        report.add(Figure(GROUP_LATENCY, f"{name}, p99", percentile(late, 99), "ms", HOW_LATENCY, bar, beside))


def _dom(report: Report, ours: Ours) -> None:
    url = f"http://{ours.address}/storage/aips"
    with Told("the browser's part", ["node", ROOT / "benches/dom.mjs", url]) as page:
        if (rows := page.read()["rows"]) != AIPS:
            raise RuntimeError(f"the list shows {rows} AIPs instead of {AIPS}")
        changes = ours.send(DOM_EVENTS, DOM_RATE, 1)
        page.tell(**{uuid: status for _, _, uuid, status in changes})
        seen = page.read()["seen"]
    late, overtaken = _until_shown(changes, seen)
    beside = {"worst": f"{max(late):.1f} ms", "overtaken": f"{overtaken:,} of {len(late):,}"}
    report.add(Figure(GROUP_DOM, f"{DOM_RATE} changes/s, p50", percentile(late, 50), "ms", HOW_DOM))
    report.add(Figure(GROUP_DOM, f"{DOM_RATE} changes/s, p99", percentile(late, 99), "ms", HOW_DOM, Bar("below", 60), beside))


def _until_shown(changes: list, seen: list) -> tuple[list[float], int]:
    """Milliseconds from each commit until the page showed that status, or a later one; and how many were overtaken."""
    late, overtaken = [], 0
    for aip in {uuid for _, _, uuid, _ in changes}:
        shown = [(status, at) for uuid, status, at in seen if uuid == aip]
        wanted = [(status, at) for _, at, uuid, status in changes if uuid == aip]
        done = 0
        for status, at in shown:
            # Statuses come in a fixed order: what was left out before this one was overtaken by it.
            found = next((number for number in range(done, len(wanted)) if wanted[number][0] == status), None)
            if found is None:
                raise RuntimeError(f"the page showed {status} for {aip}, to which nothing had set it")
            late += [(at - committed) / 1e3 for _, committed in wanted[done : found + 1]]
            overtaken += found - done
            done = found + 1
        if done != len(wanted):
            raise RuntimeError(f"the page never showed the last of the changes of {aip}")
    return late, overtaken
