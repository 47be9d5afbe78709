"""Starts a worker, has it do the three tasks of `tasks.py` on files made for it, waits for their ends, and stops it.

    STRONGROOM_SERVER=http://127.0.0.1:8480 python run.py

Prints a line of JSON for each task: its id, its name and how it ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Seconds until a worker that does not answer is given up.
PATIENCE = 60

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Layout><Page PHYSICAL_IMG_NR="{number}"><PrintSpace><TextBlock><TextLine>
<String CONTENT="Minutes"/><SP/><String CONTENT="page"/><SP/><String CONTENT="{number}"/>
</TextLine></TextBlock></PrintSpace></Page></Layout></alto>
"""


def make_files(folder: Path) -> None:
    """Five pages with what OCR found on them."""
    from PIL import Image

    scans = folder / "scans"
    scans.mkdir()
    for number in range(1, 6):
        (scans / f"page-{number}.xml").write_text(PAGE.format(number=number), encoding="utf-8")
        Image.new("L", (1_200, 1_600), 255 - number).save(scans / f"page-{number}.png")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="archive-") as name:
        folder = Path(name)
        make_files(folder)
        os.environ["ARCHIVE_QUEUE"] = str(folder / "queue")
        import tasks

        command = [sys.executable, "-m", "celery", "--app", "tasks", "worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
        worker = subprocess.Popen(command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        try:
            scans = str(folder / "scans")
            sent = [
                tasks.collect_text.delay(scans, str(folder / "minutes.txt")),
                tasks.make_thumbnails.delay(scans, str(folder / "thumbnails")),
                tasks.verify_checksum.delay(str(folder / "masters/minutes-1987.tif"), "0" * 64),
            ]
            titles = (tasks.collect_text.title, tasks.make_thumbnails.title, tasks.verify_checksum.title)
            for task, title in zip(sent, titles):
                task.get(timeout=PATIENCE, propagate=False)
                print(json.dumps({"task_id": task.id, "name": title, "state": task.state}), flush=True)
        finally:
            # A warm shutdown: what is under way is finished, and Strongroom is told of it.
            worker.send_signal(signal.SIGTERM)
            try:
                worker.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
