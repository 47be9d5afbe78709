"""What it costs to watch: the sampler of metrics, one who watches, the System page, and the Tasks page under a storm of reports.

The browser's parts are `benches/system.mjs` and `benches/tasks.mjs`.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import threading
import time
from pathlib import Path

from .fanout_servers import Told
from .figures import Bar, Figure, Report
from .server import ROOT, Server
from .viewer import Viewer

GROUP_METRICS = "Watching: the metrics"
GROUP_TASKS = "Watching: reports of tasks"

# The default of WS_METRICS_INTERVAL, in seconds: nothing is set here.
INTERVAL = 5
TASKS, RATE, SECONDS, REPORTERS = 50, 500, 30, 10
# Reports of each task.
STEPS = RATE * SECONDS // TASKS

HOW_SAMPLER = (
    "`utime` and `stime` of `/proc/PID/stat` of the release build on an archive that is empty, over {seconds} s with one viewer of `/ws/metrics` that has had its "
    "first sample, less the same server's over {seconds} s before with nobody; per second. The interval is the default, 5 s. What is measured is the "
    "sampling, making the message, and sending it once"
)
HOW_WIRE = "bytes that come on that viewer's connection after its first sample, frames' heads and pings included, TCP's own not; divided by the time"
HOW_PAGE = (
    "Chromium with the System page in front, connected, after two samples; processor time of its renderer processes (`SystemInfo.getProcessInfo`) over {seconds} s, "
    "per second. Nobody touches it"
)
HOW_TASKS = (
    f"{TASKS} tasks of another system, {RATE} reports a second in all for {SECONDS} s, by {REPORTERS} connections that stay open, each report after the answer of the one "
    "before; half of the tasks end, half are left at work. Chromium shows the Tasks page; long tasks are those of Chromium's `longtask` entries "
    "(over 50 ms) from then until the page shows the last message of every task at its place. All have to be as `GET /api/tasks` says, and that as was reported"
)


def measure(report: Report, folder: Path, seconds: int) -> None:
    with Server(folder / "watch") as server:
        server.ask("GET", "/api/about")
        _metrics(report, server, seconds)
        _system_page(report, server, seconds)
        _tasks(report, server)


def _busy(server: Server) -> float:
    """Seconds of processor time so far, of all threads."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _share(server: Server, seconds: int) -> float:
    """Percent of a core that it takes over this time."""
    started, before = time.monotonic(), _busy(server)
    time.sleep(seconds)
    return (_busy(server) - before) / (time.monotonic() - started) * 100


def _metrics(report: Report, server: Server, seconds: int) -> None:
    # What a start leaves to be done is not what is measured.
    time.sleep(INTERVAL)
    alone = _share(server, seconds)
    with Viewer(server.port) as viewer:
        started, counted = time.monotonic(), (viewer.received, viewer.samples)
        watched = _share(server, seconds)
        elapsed = time.monotonic() - started
        received, samples = viewer.received - counted[0], viewer.samples - counted[1]
    if abs(samples - elapsed / INTERVAL) > 2:
        raise RuntimeError(f"{samples} samples came in {elapsed:.0f} s, one was due every {INTERVAL} s")
    beside = {"with one viewer": f"{watched:.2f} %", "with nobody": f"{alone:.2f} %", "samples": samples}
    how = HOW_SAMPLER.format(seconds=seconds)
    report.add(Figure(GROUP_METRICS, "processor time of the sampler, of a core", watched - alone, "%", how, Bar("below", 0.5), beside))
    beside = {"a sample": f"{received / samples / 1e3:.2f} KB"}
    report.add(Figure(GROUP_METRICS, "bytes to one viewer", received / elapsed / 1e3, "KB/s", HOW_WIRE, Bar("below", 2), beside))


def _system_page(report: Report, server: Server, seconds: int) -> None:
    command = ["node", str(ROOT / "benches/system.mjs"), f"{server.url}/system", str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + 120)
    if done.returncode:
        raise RuntimeError(f"the browser's part failed:\n{done.stderr[-3000:]}")
    seen = json.loads(done.stdout)
    if abs(seen["samples"] - seen["elapsed"] / INTERVAL) > 2:
        raise RuntimeError(f"{seen['samples']} samples came to the page in {seen['elapsed']:.0f} s: it was not live")
    beside = {"samples": seen["samples"], "Chromium": seen["browser"]}
    share = seen["time"] / seen["elapsed"] * 100
    report.add(Figure(GROUP_METRICS, "processor time of the System page, of a core", share, "%", HOW_PAGE.format(seconds=seconds), Bar("below", 3), beside))


def _last(task: int) -> dict:
    """How a task stands in the end."""
    ended = task % 2 == 0
    return {"state": "SUCCESS" if ended else "PROGRESS", "message": f"Step {STEPS} of {STEPS}", "progress": 100 if ended else 99}


class Reporter(threading.Thread):
    """One of the connections over which is reported: its share of the tasks, in turn, at its share of the rate."""

    def __init__(self, server: Server, number: int, start: float) -> None:
        super().__init__(daemon=True)
        self._tasks = range(number, TASKS, REPORTERS)
        self._connection = server.connect()
        # Evenly spread over the time between two of one connection.
        self._start = start + number / RATE
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            due = self._start
            for step in range(1, STEPS + 1):
                for task in self._tasks:
                    time.sleep(max(0.0, due - time.monotonic()))
                    due += REPORTERS / RATE
                    body = {"state": "PROGRESS", "progress": 99 * step // STEPS, "message": f"Step {step} of {STEPS}", "name": f"Task {task:02}"}
                    self._report(task, body | (_last(task) if step == STEPS else {}))
        except Exception as trouble:  # Told by whoever waits for the end.
            self.trouble = trouble
        finally:
            self._connection.close()

    def _report(self, task: int, body: dict) -> None:
        self._connection.request("POST", f"/api/tasks/bench-{task:02}/progress", json.dumps(body), {"Content-Type": "application/json"})
        answer: http.client.HTTPResponse = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a report was answered with {answer.status} {text[:300]!r}")


def _tasks(report: Report, server: Server) -> None:
    with Told("the browser's part", ["node", ROOT / "benches/tasks.mjs", f"{server.url}/tasks"]) as page:
        page.read()
        started, before = time.monotonic(), _busy(server)
        reporters = [Reporter(server, number, started) for number in range(REPORTERS)]
        for reporter in reporters:
            reporter.start()
        for reporter in reporters:
            reporter.join()
            if reporter.trouble:
                raise reporter.trouble
        elapsed, busy = time.monotonic() - started, _busy(server) - before
        answer = server.ask("GET", "/api/tasks")
        stands = {task["name"]: {key: task[key] for key in ("state", "message", "progress")} for task in answer["items"]}
        if stands != {f"Task {task:02}": _last(task) for task in range(TASKS)}:
            raise RuntimeError(f"the tasks do not stand as was reported: {stands}")
        page.tell(tasks=[{"name": name, "message": at["message"], "ended": at["state"] == "SUCCESS"} for name, at in stands.items()])
        seen = page.read()
    long = seen["long"]
    name = f"{RATE} reports/s over {TASKS} tasks"
    beside = {
        "kept": f"{STEPS * TASKS / elapsed:,.0f} reports/s", "longest": f"{max(long):.0f} ms" if long else "none",
        "page": f"{seen['time'] / elapsed * 100:.0f} % of a core", "server": f"{busy / elapsed * 100:.0f} % of a core",
    }
    report.add(Figure(GROUP_TASKS, f"{name}: long tasks of the page", len(long), "", HOW_TASKS, Bar("at most", 0), beside))
