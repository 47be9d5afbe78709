"""Three tasks of an archive that go on beside Strongroom, and are seen in it.

What is between the processes lies in the folder that `ARCHIVE_QUEUE` names: the messages and the results are files, so that no broker
has to be installed. A site with more than one machine takes RabbitMQ or Redis; nothing else changes.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from celery import Celery
from PIL import Image

import strongroom_progress

QUEUE = Path(os.environ.get("ARCHIVE_QUEUE", "queue")).resolve()
for folder in ("messages", "control", "results"):
    (QUEUE / folder).mkdir(parents=True, exist_ok=True)

app = Celery("archive", broker="filesystem://", backend=f"file://{QUEUE / 'results'}", task_cls=strongroom_progress.ReportingTask)
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(QUEUE / "messages"),
        "data_folder_out": str(QUEUE / "messages"),
        "control_folder": str(QUEUE / "control"),
        "polling_interval": 0.1,
    },
    broker_connection_retry_on_startup=True,
    task_track_started=True,
    # A task whose process was killed is not begun a second time behind people's backs.
    task_acks_late=False,
)
strongroom_progress.install()

THUMBNAIL = (240, 240)
IMAGES = {".jpeg", ".jpg", ".png", ".tif", ".tiff"}


@app.task(bind=True, title="Text of scanned pages")
def collect_text(self: Any, folder: str, into: str) -> dict[str, object]:
    """Puts the text that OCR found, one ALTO file for each page, into one file that can be searched."""
    pages = sorted(Path(folder).glob("*.xml"))
    words = 0
    with Path(into).open("w", encoding="utf-8") as text:
        for number, page in enumerate(pages, 1):
            self.update_state(state="PROGRESS", meta={"current": number - 1, "total": len(pages), "message": f"Page {number} of {len(pages)}"})
            # Whatever version of ALTO it is: the namespaces differ, the names do not.
            for line in ElementTree.parse(page).iterfind(".//{*}TextLine"):
                found = [string.get("CONTENT", "") for string in line.iterfind("{*}String")]
                words += len(found)
                text.write(" ".join(found) + "\n")
            text.write("\f")
    return {"message": f"{words} words on {len(pages)} pages", "pages": len(pages), "words": words}


@app.task(bind=True, title="Thumbnails")
def make_thumbnails(self: Any, folder: str, into: str) -> dict[str, object]:
    """Makes a small picture of each large one."""
    images = sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in IMAGES)
    Path(into).mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(images):
        self.update_state(state="PROGRESS", meta={"current": number, "total": len(images), "message": path.name})
        with Image.open(path) as image:
            image.thumbnail(THUMBNAIL)
            image.convert("RGB").save(Path(into) / f"{path.stem}.jpg")
    return {"message": f"{len(images)} thumbnails", "images": len(images)}


@app.task(bind=True, title="Checksum of a master file")
def verify_checksum(self: Any, path: str, expected: str) -> dict[str, object]:
    """Reads a file and compares its SHA-256. Fails when the file is another one, or is not there."""
    file_path, digest, done = Path(path), hashlib.sha256(), 0
    if not file_path.is_file():
        raise FileNotFoundError(f"{file_path.name} is not there")
    size = file_path.stat().st_size
    with file_path.open("rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
            done += len(block)
            self.update_state(state="PROGRESS", meta={"current": done, "total": size, "message": f"{done:,} of {size:,} bytes"})
    if digest.hexdigest() != expected:
        raise ValueError(f"{file_path.name} has the SHA-256 {digest.hexdigest()}, not {expected}")
    return {"message": f"{file_path.name} is as it was", "sha256": expected}
