"""`GET /api/storage/aips`: how long one page takes, for every order and filter, over one connection that stays open."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from .archive import RARE_COUNT, RARE_WORD
from .figures import Bar, Figure, Report, percentile
from .server import Server

GROUP = "A page of the list of AIPs"
HOW = (
    "`GET /api/storage/aips`, 20 rows, over one keep-alive connection, one request after the other, from before the request is sent to "
    "the last byte of the answer; no warm-up is left out; the total in the answer is compared with the database's"
)
BAR = Bar("below", 50)
COLUMNS = ["name", "created_at", "size", "status", "location"]


@dataclasses.dataclass(frozen=True)
class Case:
    """One kind of request: parameters, and the condition that counts the same rows in SQL."""

    name: str
    parameters: dict[str, object]
    where: str = "1"
    values: tuple[object, ...] = ()


def iso(micros: int) -> str:
    return datetime.fromtimestamp(micros // 1_000_000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def micros_of(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=timezone.utc).timestamp()) * 1_000_000


def contains(text: str) -> tuple[str, tuple[object, ...]]:
    return "instr(search_text, ?) > 0", (text,)


def cases(db: sqlite3.Connection) -> list[Case]:
    """Every order, every filter, and the combinations that are hard: a filter that keeps nearly all, or nearly none, in each order."""
    count = db.execute("SELECT count(*) FROM aip").fetchone()[0]
    locations = [(row[0], str(UUID(bytes=row[1])), row[2]) for row in db.execute("SELECT id, uuid, name FROM location ORDER BY id")]
    by_size = [row[0] for row in db.execute("SELECT location_id FROM aip WHERE location_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC")]
    largest = next(location for location in locations if location[0] == by_size[0])
    smallest = next(location for location in locations if location[0] == by_size[-1])
    fragment = str(UUID(bytes=db.execute("SELECT uuid FROM aip WHERE id = ?", (count // 3,)).fetchone()[0]))[9:18]
    week, year_2019, year_2020 = micros_of(2026, 11, 13), micros_of(2019, 1, 1), micros_of(2020, 1, 1)
    early = micros_of(2017, 12, 15)
    sorts = [sign + column for column in COLUMNS for sign in ("", "-")]

    made = [Case("newest first", {})]
    made += [Case(f"sort={sort}", {"sort": sort}) for sort in sorts]
    for status in ("stored", "deleted", "unspecified", "pending", "queued", "processing"):
        made.append(Case(f"status={status}", {"status": status}, "status = ?", (status,)))
    for id_, uuid, name in locations:
        made.append(Case(f"location {name}", {"location_uuid": uuid}, "location_id = ?", (id_,)))
    for status in ("stored", "pending"):
        made += [Case(f"status={status} sort={sort}", {"status": status, "sort": sort}, "status = ?", (status,)) for sort in sorts]
    for (id_, uuid, _), word in ((largest, "largest"), (smallest, "smallest")):
        made += [
            Case(f"{word} location sort={sort}", {"location_uuid": uuid, "sort": sort}, "location_id = ?", (id_,))
            for sort in ("name", "-created_at", "-size", "status")
        ]
    where = ("location_id = ? AND status = ?", (smallest[0], "stored"))
    made.append(Case("smallest location status=stored sort=name", {"location_uuid": smallest[1], "status": "stored", "sort": "name"}, *where))
    where = ("location_id = ? AND status = ?", (largest[0], "pending"))
    made.append(Case("largest location status=pending sort=-size", {"location_uuid": largest[1], "status": "pending", "sort": "-size"}, *where))

    last_week = ("created_at >= ?", (week,))
    made.append(Case("last week", {"earliest_created_time": iso(week)}, *last_week))
    made.append(Case("last week sort=name", {"earliest_created_time": iso(week), "sort": "name"}, *last_week))
    range_2019 = {"earliest_created_time": iso(year_2019), "latest_created_time": iso(year_2020)}
    where_2019 = ("created_at >= ? AND created_at < ?", (year_2019, year_2020))
    made.append(Case("one year", range_2019, *where_2019))
    made.append(Case("one year sort=name", range_2019 | {"sort": "name"}, *where_2019))
    where = (where_2019[0] + " AND status = ?", (*where_2019[1], "stored"))
    made.append(Case("one year status=stored sort=-size", range_2019 | {"status": "stored", "sort": "-size"}, *where))
    made.append(Case("the oldest only", {"latest_created_time": iso(early)}, "created_at < ?", (early,)))
    made.append(Case("all but the oldest sort=name", {"earliest_created_time": iso(early), "sort": "name"}, "created_at >= ?", (early,)))

    made.append(Case("last page", {"offset": count - 20}))
    made.append(Case("last page sort=name", {"offset": count - 20, "sort": "name"}))
    stored = db.execute("SELECT count(*) FROM aip WHERE status = 'stored'").fetchone()[0]
    made.append(Case("last page status=stored sort=name", {"offset": stored - 20, "status": "stored", "sort": "name"}, "status = ?", ("stored",)))

    assert db.execute("SELECT count(*) FROM aip WHERE instr(search_text, ?) > 0", (RARE_WORD,)).fetchone()[0] == RARE_COUNT
    texts = {
        "a word in 17 names": RARE_WORD, "a word in nearly all names": "fonds", "a word in one name of twenty": "observatory",
        "part of a UUID": fragment, "two letters": "er", "two digits": "19", "two words": "harbour board", "a word in no name": "quixotic",
    }
    for words, text in texts.items():
        made.append(Case(f"text: {words}", {"query": text}, *contains(text)))
    made.append(Case("text: a word in 17 names, sort=name", {"query": RARE_WORD, "sort": "name"}, *contains(RARE_WORD)))
    made.append(Case("text: a word in nearly all names, sort=-size", {"query": "fonds", "sort": "-size"}, *contains("fonds")))
    where = ("status = ? AND " + contains(RARE_WORD)[0], ("stored", RARE_WORD))
    made.append(Case("text: a word in 17 names, status=stored", {"query": RARE_WORD, "status": "stored"}, *where))
    where = ("status = ? AND " + contains("fonds")[0], ("pending", "fonds"))
    made.append(Case("text: a word in nearly all names, status=pending", {"query": "fonds", "status": "pending"}, *where))
    return made


def measure(server: Server, database: Path, report: Report, requests: int) -> None:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        chosen = [(case, db.execute(f"SELECT count(*) FROM aip WHERE {case.where}", case.values).fetchone()[0]) for case in cases(db)]
    finally:
        db.close()
    connection = server.connect()
    connection.connect()
    worst: list[tuple[float, str]] = []
    try:
        for case, expected in chosen:
            path = f"/api/storage/aips?{urlencode(case.parameters)}"
            took = []
            for _ in range(requests):
                before = time.perf_counter()
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read()
                took.append((time.perf_counter() - before) * 1_000)
                if answer.status != 200:
                    raise RuntimeError(f"{path}: {answer.status} {body[:400]!r}")
            page = json.loads(body)
            if page["page"]["total"] != expected:
                raise RuntimeError(f"{path}: {page['page']['total']} in all, the database has {expected}: a wrong answer has no speed")
            p99 = percentile(took, 99)
            worst.append((p99, case.name))
            beside = {"p50": percentile(took, 50), "worst": max(took), "of rows": expected}
            report.add(Figure(GROUP, f"p99, {case.name}", p99, "ms", f"{HOW}; {requests} requests each", BAR, beside))
    finally:
        connection.close()
    slowest = max(worst)
    report.add(Figure(
        GROUP, "p99 of the slowest kind", slowest[0], "ms", f"{HOW}; {requests} requests each", BAR,
        {"which": slowest[1], "kinds within": f"{sum(BAR.met(p99) for p99, _ in worst)} of {len(worst)}"},
    ))
