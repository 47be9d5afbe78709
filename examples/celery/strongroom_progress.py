"""Tells Strongroom how Celery tasks get on, so that people see them on its page of tasks, as they happen.

    import strongroom_progress

    app = Celery("archive", task_cls=strongroom_progress.ReportingTask)
    strongroom_progress.install()

`STRONGROOM_SERVER` says where Strongroom is (`https://archive.example.org`); without it nothing is told. Where people sign in,
`STRONGROOM_TOKEN` is what this program shows, or `STRONGROOM_TOKEN_FILE` names a file that holds it and is read for every report, so
that something else can renew it. The token needs the attribute `tasks:report`.

A task is never slower and never fails because of this: what is to be told goes into memory, and a thread of each process sends it. Of
several reports of a task only the last is kept. While Strongroom is away they wait, a thousand tasks at most; how a task ended is the
last thing to be given up.

Needs nothing but Celery.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import random
import threading
import time
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from celery import Task, current_app, signals

LOG = logging.getLogger(__name__)

# Characters and bytes that Strongroom takes.
MAX_MESSAGE, MAX_NAME, MAX_RESULT = 500, 120, 4 * 1024
# States after which nothing follows.
ENDS = ("SUCCESS", "FAILURE")
# Tasks of which something waits to be told, at most.
MOST_WAITING = 1_000
# Seconds: for an answer; between two reports of a task; between attempts at first and at most; to tell the rest when the process ends.
TIMEOUT, PACE, FIRST_PAUSE, LONGEST_PAUSE, FAREWELL = 3.0, 0.25, 0.5, 30.0, 5.0


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token is for the address that was configured, and for no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Reporter:
    """What waits to be told, and the thread that tells it. Each process has a thread of its own, also after a fork."""

    def __init__(self, server: str) -> None:
        if urllib.parse.urlsplit(server).scheme not in ("http", "https"):
            raise ValueError(f"STRONGROOM_SERVER has to be an http or https address, not {server!r}")
        self._server = server.rstrip("/")
        self._opener = urllib.request.build_opener(NoRedirect)
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, dict[str, Any]] = {}
        self._thread: threading.Thread | None = None
        # How many the thread has taken and not told yet.
        self._sending = 0
        self._hurry = False
        self._away = False

    def say(self, task_id: str, state: str, **fields: Any) -> None:
        """Notes how a task stands. Returns at once, whatever Strongroom does."""
        report = {"state": state, "timestamp": datetime.now(timezone.utc).isoformat()}
        report |= {name: value for name, value in fields.items() if value is not None}
        with self._changed:
            self._put(task_id, report)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="strongroom-progress", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, seconds: float = FAREWELL) -> bool:
        """Waits until all is told, but not longer than this. Whether it is."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            told = self._changed.wait_for(lambda: not self._waiting and not self._sending, seconds)
            self._hurry = False
        if not told:
            LOG.warning("Strongroom was not told how %d tasks stand", len(self._waiting) + self._sending)
        return told

    def _put(self, task_id: str, report: dict[str, Any]) -> None:
        before = self._waiting.get(task_id, {})
        # What came late does not undo an end; what only the earlier report said is kept.
        over = before.get("state") in ENDS and report["state"] not in ENDS
        self._waiting[task_id] = report | before if over else before | report
        if len(self._waiting) > MOST_WAITING:
            under_way = (one for one, waiting in self._waiting.items() if waiting["state"] not in ENDS)
            del self._waiting[next(under_way, next(iter(self._waiting)))]

    def _work(self) -> None:
        failures = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                batch = sorted(self._waiting.items(), key=lambda item: item[1]["state"] not in ENDS)
                self._waiting, self._sending = {}, len(batch)
            pause = None
            for sent, (task_id, report) in enumerate(batch):
                pause = self._send(task_id, report)
                if pause is not None:
                    break
            failures = 0 if pause is None else failures + 1
            with self._changed:
                if pause is not None:
                    newer, self._waiting = self._waiting, {}
                    for task_id, report in batch[sent:] + list(newer.items()):
                        self._put(task_id, report)
                    # Not all at once when it comes back.
                    pause = max(pause, random.uniform(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 10))))
                self._sending = 0
                self._changed.notify_all()
                ends = lambda: pause is None and any(report["state"] in ENDS for report in self._waiting.values())  # noqa: E731
                self._changed.wait_for(lambda: self._hurry or ends(), PACE if pause is None else pause)
                hurry = self._hurry
            if hurry and pause is not None:
                time.sleep(PACE)

    def _send(self, task_id: str, report: dict[str, Any]) -> float | None:
        """None when there is nothing more to do about it; else it is to be tried again, after these seconds at the earliest."""
        address = f"{self._server}/api/tasks/{urllib.parse.quote(task_id, safe='')}/progress"
        try:
            headers = {"Content-Type": "application/json"}
            if token := the_token():
                headers["Authorization"] = f"Bearer {token}"
            request = urllib.request.Request(address, json.dumps(report).encode(), headers, method="POST")
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                reason = refused.read(400).decode(errors="replace").strip()
            # A token may be renewed, and a server that is busy or restarts comes back.
            if refused.code in (401, 408, 429) or refused.code >= 500:
                self._is_away(f"{refused.code} {reason}")
                after = refused.headers.get("Retry-After", "")
                return min(float(after), LONGEST_PAUSE) if after.isascii() and after.isdigit() else 0.0
            LOG.warning("Strongroom does not take that task %s is %s: %d %s", task_id, report["state"], refused.code, reason)
        except (OSError, ValueError, urllib.error.URLError) as trouble:
            self._is_away(str(trouble))
            return 0.0
        except Exception:
            # Whatever it is, the next report is none the worse for it.
            LOG.exception("Strongroom could not be told that task %s is %s", task_id, report["state"])
        else:
            if self._away:
                self._away = False
                LOG.info("Strongroom answers again")
        return None

    def _is_away(self, reason: str) -> None:
        if not self._away:
            self._away = True
            LOG.warning("Strongroom cannot be told at the moment, and is tried again: %s", reason)


def the_token() -> str | None:
    """What this program shows; none where nobody signs in."""
    if file := os.environ.get("STRONGROOM_TOKEN_FILE"):
        return Path(file).read_text(encoding="ascii").strip()
    return os.environ.get("STRONGROOM_TOKEN")


class ReportingTask(Task):
    """A task whose progress is told: `self.update_state(state="PROGRESS", meta={"current": 3, "total": 12, "message": "Page 3"})`."""

    abstract = True
    title: str | None = None
    """What people call it; otherwise its name in Celery."""

    def update_state(self, task_id: str | None = None, state: str | None = None, meta: Any = None, **kwargs: Any) -> None:
        super().update_state(task_id, state, meta, **kwargs)
        if state == "PROGRESS":
            said = meta if isinstance(meta, dict) else {}
            say(task_id or self.request.id, state, progress=percent(said), message=line(said.get("message"), MAX_MESSAGE), name=name_of(self))


def percent(meta: dict[str, Any]) -> float | None:
    """0 to 100, from `progress`, or from `current` and `total`, as Celery's documentation has them."""
    try:
        share = meta["progress"] if "progress" in meta else meta["current"] / meta["total"] * 100
        return min(max(float(share), 0.0), 100.0)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def line(text: object, most: int) -> str | None:
    """What is left of a text within Strongroom's limits."""
    if text is None:
        return None
    plain = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in str(text)).strip()
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def small(result: object) -> object:
    """The result, where it is JSON and small enough; else nothing, which is no fault."""
    try:
        size = len(json.dumps(result, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    except (TypeError, ValueError, RecursionError):
        return None
    return result if size <= MAX_RESULT else None


def name_of(task: Task | str | None) -> str | None:
    """What people call a task."""
    if isinstance(task, str):
        task = current_app.tasks.get(task, task)
    return line(getattr(task, "title", None) or getattr(task, "name", task), MAX_NAME)


reporter: Reporter | None = None


def say(task_id: str | None, state: str, **fields: Any) -> None:
    """Notes how a task stands, where there is somebody to tell."""
    if reporter is not None and task_id:
        reporter.say(task_id, state, **{name: value for name, value in fields.items() if value != ""})


def install() -> None:
    """From now on tasks of this process are told. Once, where the Celery application is made."""
    global reporter
    server = os.environ.get("STRONGROOM_SERVER")
    if reporter is not None or not server:
        return
    reporter = Reporter(server)
    atexit.register(reporter.flush)
    signals.before_task_publish.connect(_published)
    signals.task_prerun.connect(_began)
    signals.task_retry.connect(_retried)
    signals.task_success.connect(_succeeded)
    signals.task_failure.connect(_failed)
    signals.task_revoked.connect(_revoked)
    # The processes of a pool end without Python's own farewell.
    signals.worker_process_shutdown.connect(_ends)


def _published(sender: str | None = None, headers: dict[str, Any] | None = None, **_: Any) -> None:
    say((headers or {}).get("id"), "PENDING", name=name_of(sender))


def _began(task_id: str | None = None, task: Task | None = None, **_: Any) -> None:
    say(task_id, "STARTED", name=name_of(task))


def _retried(sender: Task | None = None, request: Any = None, reason: object = None, **_: Any) -> None:
    # Strongroom's tasks only go forward; one that waits for another attempt is still under way.
    say(getattr(request, "id", None), "PROGRESS", message=line(f"Is tried again: {reason}", MAX_MESSAGE), name=name_of(sender))


def _succeeded(sender: Task | None = None, result: object = None, **_: Any) -> None:
    request = getattr(sender, "request", None)
    message = result.get("message") if isinstance(result, dict) else None
    say(getattr(request, "id", None), "SUCCESS", progress=100, message=line(message, MAX_MESSAGE), result=small(result), name=name_of(sender))


def _failed(sender: Task | None = None, task_id: str | None = None, exception: BaseException | None = None, **_: Any) -> None:
    message = f"{type(exception).__name__}: {exception}" if exception is not None else None
    say(task_id, "FAILURE", message=line(message, MAX_MESSAGE), name=name_of(sender))


def _revoked(sender: Task | None = None, request: Any = None, expired: bool = False, **_: Any) -> None:
    message = "Not begun in time" if expired else "Called off"
    say(getattr(request, "id", None), "FAILURE", message=message, name=name_of(sender))


def _ends(**_: Any) -> None:
    if reporter is not None:
        reporter.flush()
