"""What is promised by `strongroom_progress`, with a server that can be made to refuse. Run by `tests/it/celery.rs`, or by `python -m unittest`."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

import strongroom_progress
from strongroom_progress import Reporter


class Strongroom:
    """Notes what it is told; answers with what `answers` says, and then with 200."""

    def __init__(self, answers: list[tuple[int, dict[str, str]]] | None = None) -> None:
        self.answers = answers or []
        self.heard: list[tuple[str, dict[str, Any], str | None]] = []
        self.gate = threading.Event()
        self.gate.set()
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told.heard.append((self.path, body, self.headers["Authorization"]))
                told.gate.wait()
                status, headers = told.answers.pop(0) if told.answers else (200, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self) -> Strongroom:
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    def states(self) -> list[str]:
        return [body["state"] for _, body, _ in self.heard]

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 30
        while len(self.heard) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{count} reports did not come: {self.heard}")
            time.sleep(0.01)


class Reports(unittest.TestCase):
    def test_what_is_said_arrives_with_the_token(self) -> None:
        with Strongroom() as server, mock.patch.dict(os.environ, {"STRONGROOM_TOKEN": "secret"}):
            reporter = Reporter(server.url + "/")
            reporter.say("ocr 17/a", "SUCCESS", progress=100, message=None)
            self.assertTrue(reporter.flush())
            [(path, body, authorization)] = server.heard
            self.assertEqual((path, authorization), ("/api/tasks/ocr%2017%2Fa/progress", "Bearer secret"))
            self.assertEqual(sorted(body), ["progress", "state", "timestamp"])

    def test_a_token_in_a_file_may_be_renewed(self) -> None:
        with Strongroom() as server, tempfile.NamedTemporaryFile("w") as file, mock.patch.dict(os.environ, {"STRONGROOM_TOKEN_FILE": file.name}):
            reporter = Reporter(server.url)
            for token in ("first", "later"):
                file.seek(0)
                file.write(f"{token}\n")
                file.flush()
                reporter.say(token, "SUCCESS")
                self.assertTrue(reporter.flush())
            self.assertEqual([authorization for _, _, authorization in server.heard], ["Bearer first", "Bearer later"])

    def test_of_several_reports_the_last_is_told_with_what_only_the_first_said(self) -> None:
        with Strongroom() as server:
            reporter = Reporter(server.url)
            server.gate.clear()
            reporter.say("other", "STARTED")
            server.wait_for(1)
            reporter.say("ocr", "STARTED", name="OCR")
            for page in range(1_000):
                reporter.say("ocr", "PROGRESS", progress=page / 10)
            server.gate.set()
            self.assertTrue(reporter.flush())
            _, (_, body, _) = server.heard
            self.assertEqual((body["state"], body["progress"], body["name"]), ("PROGRESS", 99.9, "OCR"))

    def test_how_it_ended_is_told_when_the_server_is_back(self) -> None:
        with Strongroom([(503, {"Retry-After": "0"}), (401, {}), (500, {})]) as server:
            reporter = Reporter(server.url)
            reporter.say("ocr", "FAILURE", message="No ink")
            # A report of before that comes late undoes nothing.
            reporter.say("ocr", "PROGRESS")
            server.wait_for(4)
            self.assertTrue(reporter.flush())
            self.assertEqual(set(server.states()), {"FAILURE"})

    def test_what_is_refused_is_not_said_again(self) -> None:
        for status, headers in ((400, {}), (403, {}), (413, {}), (302, {"Location": "/elsewhere"})):
            with self.subTest(status=status), Strongroom([(status, headers)]) as server, self.assertLogs("strongroom_progress", "WARNING"):
                reporter = Reporter(server.url)
                reporter.say("ocr", "SUCCESS")
                self.assertTrue(reporter.flush())
                self.assertEqual([path for path, _, _ in server.heard], ["/api/tasks/ocr/progress"], "also not elsewhere")

    def test_a_server_that_is_away_costs_no_time_and_little_memory(self) -> None:
        with mock.patch.object(strongroom_progress, "MOST_WAITING", 10), self.assertLogs("strongroom_progress", "WARNING"):
            reporter = Reporter("http://127.0.0.1:1")
            for number in range(5):
                reporter.say(f"ended-{number}", "SUCCESS")
            for number in range(1_000):
                reporter.say(f"at-work-{number}", "PROGRESS")
            self.assertFalse(reporter.flush(0.5))
            with reporter._changed:
                reporter._changed.wait_for(lambda: not reporter._sending)
                waiting = list(reporter._waiting)
            self.assertEqual(len(waiting), 10)
            self.assertTrue({f"ended-{number}" for number in range(5)} <= set(waiting), "those that ended are given up last")

    def test_a_process_that_was_forked_tells_for_itself(self) -> None:
        with Strongroom() as server:
            reporter = Reporter(server.url)
            reporter.say("parent", "STARTED")
            self.assertTrue(reporter.flush())
            child = os.fork()
            if child == 0:
                reporter.say("child", "SUCCESS")
                os._exit(0 if reporter.flush() else 1)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            self.assertEqual(server.states(), ["STARTED", "SUCCESS"])

    def test_only_web_addresses_are_servers(self) -> None:
        for address in ("file:///etc/passwd", "archive.example.org"):
            with self.assertRaises(ValueError):
                Reporter(address)


class Fields(unittest.TestCase):
    def test_texts_and_numbers_are_within_what_is_taken(self) -> None:
        self.assertEqual(strongroom_progress.line("a\x1b[2J\ud800b\n", 500), "a [2J b")
        self.assertEqual(len(strongroom_progress.line("x" * 600, 500)), 500)
        percents = [strongroom_progress.percent(meta) for meta in ({"current": 3, "total": 12}, {"progress": 250}, {"current": 1, "total": 0}, {"progress": "?"}, {})]
        self.assertEqual(percents, [25.0, 100.0, None, None, None])

    def test_results_that_cannot_be_shown_are_left_out(self) -> None:
        self.assertEqual(strongroom_progress.small({"pages": 3}), {"pages": 3})
        for result in ("x" * 5_000, object(), float("nan")):
            self.assertIsNone(strongroom_progress.small(result))


if __name__ == "__main__":
    unittest.main()
