"""Measures the release build from outside and writes `target/bench.json`. Run it by `make bench`.

Parts can be chosen by name: `scripts/bench.sh page lists`; `fanout` and `watch` need no archive. Environment: BENCH_REQUESTS (200) for
each kind of list, BENCH_VISITS (7) of the page, BENCH_AIPS (170000), BENCH_WATCH (60) seconds of each kind of watching, BENCH_HUGE=1 for
a package of 10 GB as well.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from measure import archive, deposits, fanout, lists, page, watch, work
from measure.figures import Bar, Figure, Report
from measure.server import BINARY, ROOT, Server

PARTS = ["page", "lists", "deposits", "work", "fanout", "watch"]
# Those that make a small archive of their own.
APART = {"fanout", "watch"}
GROUP_IDLE = "Memory"
HOW_IDLE = "`VmRSS` of the server; `anonymous` is the part that is not the program itself"


def number(name: str, otherwise: int) -> int:
    return int(os.environ.get(name) or otherwise)


def about(aips: int) -> dict[str, object]:
    """When, of what, and on which kind of machine."""
    models = (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    revision = subprocess.run(git, capture_output=True, text=True).stdout.strip() or "unknown"
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "revision": revision,
        "binary": f"{BINARY.stat().st_size / 1e6:.1f} MB",
        "aips": aips,
        "machine": {
            "cores": os.cpu_count(),
            "processor": next(models, platform.machine()),
            "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
            "system": f"Linux {platform.release().split('-')[0]}",
            "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        },
    }


def idle(report: Report, name: str, server: Server) -> None:
    memory = server.memory()
    beside = {"anonymous": f"{memory['anonymous']:.1f} MB", "peak": f"{memory['peak']:.1f} MB"}
    report.add(Figure(GROUP_IDLE, name, memory["resident"], "MB", HOW_IDLE, Bar("at most", 60), beside))


def with_an_archive(report: Report, chosen: list[str], folder: Path, aips: int) -> None:
    """The parts that need a service with many AIPs."""
    data = folder / "data"
    database = archive.make(data, aips)
    with Server(data) as server:
        server.ask("GET", "/api/about")
        idle(report, f"idle, just started, {aips:,} AIPs", server)
        if "page" in chosen:
            page.measure(server, report, number("BENCH_VISITS", 7))
        if "lists" in chosen:
            lists.measure(server, database, report, number("BENCH_REQUESTS", 200))
        if "deposits" in chosen:
            deposits.measure(server, folder, report)
            if os.environ.get("BENCH_HUGE") == "1":
                deposits.measure_huge(server, folder, report)
        if "work" in chosen:
            work.measure(server, folder, report)
            work.measure_list_beside_a_check(server, folder, report)
        idle(report, f"idle, after {', '.join(part for part in chosen if part not in APART)}", server)


def main() -> int:
    chosen = sys.argv[1:] or PARTS
    if unknown := set(chosen) - set(PARTS):
        print(f"bench: no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    aips = number("BENCH_AIPS", archive.AIPS)
    folder = ROOT / "target/bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    report = Report(about(aips))
    print(f"Strongroom {report.about['revision']}, {report.about['machine']}", flush=True)
    try:
        if set(chosen) - APART:
            with_an_archive(report, chosen, folder, aips)
        if "fanout" in chosen:
            fanout.measure(report, folder)
        if "watch" in chosen:
            watch.measure(report, folder, number("BENCH_WATCH", 60))
        report.close(ROOT / "target/bench.json", ROOT / "target/bench.md")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
