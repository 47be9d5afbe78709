"""The service as a process: start, wait until it answers, look at its memory, stop."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "target/release/strongroom"
SITE = ROOT / "target/site"


def environment() -> dict[str, str]:
    """Ours without settings that somebody may have in their shell: what is measured are the defaults."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRONGROOM_", "LEPTOS_", "RUST_LOG"))}
    return kept | {"LEPTOS_SITE_ROOT": str(SITE)}


class Server:
    """One process on one data folder, on a port that the system picks."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        # Run from an empty folder, so that no settings file is read.
        cwd = data.parent / "cwd"
        cwd.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--listen", "127.0.0.1:0", "--data", data],
                cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )
        self.port = self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> int:
        assert self.process.stdout
        # It says its address once it listens; the end of the output means that it ended.
        for line in self.process.stdout:
            if found := re.search(r"is at http://127\.0\.0\.1:(\d+)", line):
                return int(found[1])
        self.process.wait()
        raise RuntimeError(f"the service ended with {self.process.returncode}:\n{self.log.read_text()[-4000:]}")

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, timeout: float = 120) -> http.client.HTTPConnection:
        """A connection that stays open between requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method: str, path: str, body: object = None) -> object:
        """One request for JSON; anything but success is an error."""
        connection = self.connect()
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text[:400]!r}")
            return json.loads(text) if text else None
        finally:
            connection.close()

    def memory(self) -> dict[str, float]:
        """What the process has in memory, in MB of 1,000,000 bytes: resident, of that anonymous, and the peak."""
        wanted = {"VmRSS": "resident", "RssAnon": "anonymous", "VmHWM": "peak"}
        lines = (line.split() for line in Path(f"/proc/{self.pid}/status").read_text().splitlines())
        return {wanted[parts[0].rstrip(":")]: int(parts[1]) * 1024 / 1e6 for parts in lines if parts and parts[0].rstrip(":") in wanted}

    def forget_peak(self) -> None:
        """From now on the peak is that of what follows (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
