"""Fixity checks and moves: how fast, next to the same done by hand, and what people who look at the list notice of it."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from pathlib import Path

from . import bags
from .deposits import deposit, timed
from .figures import Bar, Figure, Report, median, percentile
from .server import Server

GROUP = "Fixity checks and moves"
PAIRS = 3
FILES, FILE_SIZE = 200, 5_000_000
# Ten files of 2,000 MiB.
LONG_FILES, LONG_FILE_SIZE = 10, 2_000 << 20
ROOM_BESIDE = 6_000_000_000
LISTS = 2_000
HOW = (
    f"a valid bag of {FILES} files of {FILE_SIZE:,} random bytes in a tar, in the page cache for both sides. From the request to the workflow's "
    "own end, which is asked for every 5 ms. Before each, the same done by hand with the same bytes: `sha256sum` for a check, which computes "
    "SHA-256 and SHA-512 of the package and checks the bag's manifest; `cp` and `sha256sum` of the copy for a move, which copies, syncs, "
    f"reads back, compares, records, and removes the source. Ratio = time by hand / our time, median of {PAIRS} pairs"
)
HOW_LIST = (
    f"`GET /api/storage/aips`, newest first, 20 rows, over one keep-alive connection, one request after the other: {LISTS:,} while nothing "
    "else happens, then as many as are answered while one package of 21 GB is checked (every byte of it read from the disk: it is as large "
    "as the memory). Ratio = p99 during the check / p99 before it"
)


def _newest(server: Server, name: str) -> str:
    newest = server.ask("GET", "/api/storage/aips")["items"][0]
    assert newest["name"] == name, f"{newest['name']} is newer than {name}"
    return newest["uuid"]


def _until_it_ended(server: Server, aip: str) -> None:
    while (workflow := server.ask("GET", f"/api/storage/aips/{aip}/workflows")["workflows"][-1])["status"] == "in progress":
        time.sleep(0.005)
    if workflow["status"] != "done":
        raise RuntimeError(f"the workflow ended with {workflow}")


def check(server: Server, aip: str) -> None:
    """A fixity check, from the request to its end."""
    server.ask("POST", f"/api/storage/aips/{aip}/fixity", {})
    _until_it_ended(server, aip)
    outcome = server.ask("GET", f"/api/storage/aips/{aip}/fixity")["checks"][0]
    if outcome["outcome"] != "ok":
        raise RuntimeError(f"a good package was found to be {outcome}")


def move(server: Server, aip: str, location: str) -> None:
    """A move, from the request to its end."""
    server.ask("POST", f"/api/storage/aips/{aip}/store", {"location_uuid": location})
    _until_it_ended(server, aip)
    now = server.ask("GET", f"/api/storage/aips/{aip}")
    if (now["location_uuid"], now["status"]) != (location, "stored"):
        raise RuntimeError(f"the move left {now}")


def _sha256sum(file: Path) -> None:
    subprocess.run(["sha256sum", file], check=True, stdout=subprocess.DEVNULL)


def _copied_and_read(file: Path) -> None:
    copy = file.with_suffix(".copy")
    subprocess.run(["cp", file, copy], check=True)
    _sha256sum(copy)


def measure(server: Server, folder: Path, report: Report) -> None:
    file = folder / "work.tar"
    bags.of_random_files(file, FILES, FILE_SIZE)
    gigabytes = file.stat().st_size / 1e9
    deposit(server, file, "benchmark-work")
    aip = _newest(server, "benchmark-work")
    home = server.ask("GET", f"/api/storage/aips/{aip}")["location_uuid"]
    other = next(
        location["uuid"] for location in server.ask("GET", "/api/storage/locations")
        if location["purpose"] == "aip_store" and location["uuid"] != home
    )
    by_hand, checks = [], []
    for _ in range(PAIRS):
        by_hand.append(timed(lambda: _sha256sum(file)))
        checks.append(timed(lambda: check(server, aip)))
    _add(report, "fixity check beside sha256sum", gigabytes, by_hand, checks, 0.8)
    by_hand, moves = [], []
    for pair in range(PAIRS):
        by_hand.append(timed(lambda: _copied_and_read(file)))
        file.with_suffix(".copy").unlink()
        moves.append(timed(lambda: move(server, aip, home if pair % 2 else other)))
    _add(report, "move beside cp and sha256sum", gigabytes, by_hand, moves, 0.6)
    file.unlink()


def _add(report: Report, name: str, gigabytes: float, by_hand: list[float], ours: list[float], bar: float) -> None:
    ratios = [theirs / our for theirs, our in zip(by_hand, ours)]
    beside = {
        "ours": f"{median(ours):.2f} s, {gigabytes * 1e3 / median(ours):.0f} MB/s",
        "by hand": f"{median(by_hand):.2f} s",
        "pairs": " ".join(f"{ratio:.2f}" for ratio in ratios),
    }
    report.add(Figure(GROUP, f"{name}, {gigabytes:.2f} GB", median(ratios), "", HOW, Bar("at least", bar), beside))


def measure_list_beside_a_check(server: Server, folder: Path, report: Report) -> None:
    """What a person at the list notices of a check of 21 GB."""
    needed = LONG_FILES * LONG_FILE_SIZE + ROOM_BESIDE
    if (free := shutil.disk_usage(folder).free) < needed:
        print(f"  left out: the list beside a check of 21 GB needs {needed / 1e9:.0f} GB of disk, and {free / 1e9:.0f} GB are free", flush=True)
        return
    file = folder / "long.tar"
    bags.of_zeros(file, LONG_FILES, LONG_FILE_SIZE)
    deposit(server, file, "benchmark-long")
    file.unlink()
    aip = _newest(server, "benchmark-long")
    idle = _lists(server, lambda asked: asked < LISTS)
    checking = threading.Thread(target=check, args=(server, aip))
    started = time.perf_counter()
    checking.start()
    beside_it = _lists(server, lambda _: checking.is_alive())
    took = time.perf_counter() - started
    before, during = percentile(idle, 99), percentile(beside_it, 99)
    beside = {
        "p99 idle": f"{before:.2f} ms", "p99 during": f"{during:.2f} ms",
        "p50": f"{median(idle):.2f} and {median(beside_it):.2f} ms", "worst": f"{max(idle):.1f} and {max(beside_it):.1f} ms",
        "lists during the check": f"{len(beside_it):,}", "check": f"{took:.0f} s, {LONG_FILES * LONG_FILE_SIZE / 1e6 / took:.0f} MB/s",
    }
    report.add(Figure(GROUP, "the list's p99 while 21 GB are checked, beside its idle p99", during / before, "", HOW_LIST, Bar("below", 2), beside))


def _lists(server: Server, more) -> list[float]:
    """Milliseconds of each page of the list, asked for as long as `more` of the number so far."""
    took: list[float] = []
    connection = server.connect()
    try:
        while more(len(took)):
            before = time.perf_counter()
            connection.request("GET", "/api/storage/aips")
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - before) * 1_000)
            if answer.status != 200:
                raise RuntimeError(f"the list was answered by {answer.status}")
    finally:
        connection.close()
    return took
