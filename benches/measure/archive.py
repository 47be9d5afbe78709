"""An archive of many AIPs, written straight into the database: depositing that many would take days.

Keeps what `src/server/db/aips.rs` and `tally.rs` keep: the sort and search columns, the tally, and one event for each AIP. The
same seed makes the same archive.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .server import Server

AIPS = 170_000
SEED = 20261121
NEWEST = datetime(2026, 11, 20, 18, 0, tzinfo=timezone.utc)
DAYS = 9 * 365

# In how many of a thousand names, and a word that is in 17 names of all.
FONDS_PER_MILLE = 985
RARE_WORD, RARE_COUNT = "zeppelin", 17

LOCATIONS = ["Deep store", "Newspapers", "Audiovisual", "Maps and plans", "Personal papers"]
LOCATION_WEIGHTS = [52, 21, 14, 8, 4, 1]
STATUSES = {"stored": 9_560, "deleted": 300, "unspecified": 60, "pending": 50, "queued": 20, "processing": 10}
FORMATS = {"7z": 60, "zip": 20, "tar": 15, "tar.gz": 5}
BODIES = [
    "Harbour Board", "City Council", "Textile Mill", "Parish of St Olave", "Railway Company", "Chamber of Commerce", "Botanical Garden",
    "Observatory", "Gebäudeverwaltung", "État civil", "Court of Appeal", "School Board", "Water Works", "Mining Office", "Theatre",
    "Fire Brigade", "Land Registry", "Orphans Chamber", "Seamens Hospital", "Geological Survey", "Broadcasting House", "Press Agency",
]
KINDS = [
    "correspondence", "minutes", "maps", "photographs", "ledgers", "registers", "drawings", "reports", "newspapers", "recordings",
    "diaries", "petitions", "charters", "accounts", "interviews", "film reels", "case files", "census returns", "tax rolls",
]


def names(rng: random.Random, count: int) -> list[str]:
    made = []
    for number in range(count):
        first = "fonds" if rng.randrange(1000) < FONDS_PER_MILLE else "collection"
        body, kind = rng.choice(BODIES), rng.choice(KINDS)
        made.append(f"{first}-{rng.randrange(1, 4000):04d} {body} {kind} {rng.randrange(1790, 2024)}-{number % 1000:03d}")
    for number in rng.sample(range(count), RARE_COUNT):
        made[number] += f" {RARE_WORD}"
    return made


def make(data: Path, count: int = AIPS) -> Path:
    """Makes the data folder and fills its database; returns the database's file."""
    with Server(data) as server:
        for number, name in enumerate(LOCATIONS):
            config = {"type": "filesystem", "value": {"path": f"store-{number}"}}
            server.ask("POST", "/api/storage/locations", {"name": name, "source": "filesystem", "purpose": "aip_store", "config": config})
    file = data / "strongroom.db"
    started = time.monotonic()
    db = sqlite3.connect(file, isolation_level=None)
    try:
        fill(db, count)
    finally:
        db.close()
    print(f"an archive of {count:,} AIPs: {file.stat().st_size / 1e6:,.0f} MB, written in {time.monotonic() - started:.0f} s", flush=True)
    return file


def fill(db: sqlite3.Connection, count: int) -> None:
    rng = random.Random(SEED)

    def new_uuid() -> uuid.UUID:
        return uuid.UUID(int=rng.getrandbits(128), version=4)

    locations = [(row[0], uuid.UUID(bytes=row[1]), row[2]) for row in db.execute("SELECT id, uuid, name FROM location ORDER BY id")]
    chosen_locations = rng.choices(locations, LOCATION_WEIGHTS[: len(locations)], k=count)
    chosen_statuses = rng.choices(list(STATUSES), list(STATUSES.values()), k=count)
    chosen_formats = rng.choices(list(FORMATS), list(FORMATS.values()), k=count)
    ages = sorted((rng.random() * DAYS for _ in range(count)), reverse=True)
    tally: dict[tuple[int, str], list[int]] = {}
    aips, events = [], []
    seq = db.execute("SELECT last_seq FROM event_log WHERE id = 1").fetchone()[0]

    for name, location, status, format_, age in zip(names(rng, count), chosen_locations, chosen_statuses, chosen_formats, ages):
        identity, object_key = new_uuid(), new_uuid()
        at = NEWEST - timedelta(days=age)
        micros = int(at.timestamp() * 1_000_000)
        announced = status == "unspecified"
        location_id, location_uuid, location_name = (None, None, "") if announced else location
        size = None if announced else int(min(rng.lognormvariate(19, 2), 2e12))
        sha256, sha512 = (None, None) if announced else (rng.randbytes(32).hex(), rng.randbytes(64).hex())
        format_ = None if announced else format_
        aips.append((
            identity.bytes, name, status, object_key.bytes, location_id, micros, size, format_, sha256, sha512, 1,
            name.lower(), location_name.lower(), f"{name.lower()}\n{identity}\n{object_key}",
        ))
        counted = tally.setdefault((location_id or 0, status), [0, 0])
        counted[0] += 1
        counted[1] += size or 0
        item = {
            "name": name, "uuid": str(identity), "status": status, "object_key": str(object_key),
            "location_uuid": location_uuid and str(location_uuid), "created_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "size": size,
            "format": format_, "sha256": sha256, "sha512": sha512, "version": 1,
        }
        value = {"type": "aip_created_event", "value": {"uuid": str(identity), "item": {k: v for k, v in item.items() if v is not None}}}
        seq += 1
        events.append((seq, new_uuid().bytes, micros, "aip_created_event", identity.bytes, identity.bytes, 1, json.dumps(value)))

    db.execute("PRAGMA synchronous = off")
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO aip (uuid, name, status, object_key, location_id, created_at, size, format, sha256, sha512, version, name_sort,"
        " location_sort, search_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", aips)
    db.executemany("INSERT INTO event (seq, id, at, type, resource_uuid, aip_uuid, version, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", events)
    db.execute("UPDATE event_log SET last_seq = ? WHERE id = 1", (seq,))
    db.executemany("INSERT INTO aip_tally (location_id, status, aips, bytes) VALUES (?, ?, ?, ?)", [(*key, *value) for key, value in tally.items()])
    db.execute("COMMIT")
