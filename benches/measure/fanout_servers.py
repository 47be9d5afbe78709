"""The servers that are compared in `fanout.py`, and their clients: processes that are told what to do by a line of JSON and answer by one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .server import ROOT, environment

SOURCES = ROOT / "benches/fanout"
BUILT = ROOT / "target/release"
PYTHON = ROOT / "target/fanout/bin/python"

# AIPs of ours whose statuses change in turn: as many as the list shows on one page.
AIPS = 20
# Changes to a transaction where nothing else is said: what a disk can sync in a second must not be what is measured.
TOGETHER = 64
PATIENCE = 120


@dataclass
class Told:
    """A program that takes commands and answers them, each a line of JSON."""

    name: str
    command: list[str | Path]
    env: dict[str, str] | None = None
    cwd: Path = ROOT
    process: subprocess.Popen = field(init=False)

    def __enter__(self) -> Told:
        self.process = subprocess.Popen(self.command, cwd=self.cwd, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        # The end of their input ends them.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def tell(self, **command: object) -> None:
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def read(self) -> dict:
        """The next line; who is silent for too long is ended."""
        watchdog = threading.Timer(PATIENCE, self.process.kill)
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        answer = json.loads(line) if line else {"error": "it ended, or said nothing for too long"}
        if "error" in answer:
            raise RuntimeError(f"{self.name}: {answer['error']}")
        return answer

    def ask(self, **command: object) -> dict:
        self.tell(**command)
        return self.read()

    def processor(self) -> float:
        """Seconds of processor time so far, of all its threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> int:
        """Bytes of `VmRSS`."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


class Clients(Told):
    """The clients of one server."""

    def __init__(self, name: str, command: list[str | Path], count: int) -> None:
        super().__init__(f"the clients of {name}", [*command, str(count)])
        self.count = count
        self._before = 0

    def expect(self, events: int) -> None:
        """From now on this many events come to each."""
        late = self.ask(call="frames", each=events)["before"] - self._before
        if late:
            raise RuntimeError(f"{self.name} were sent {late:,} events too many")

    def received(self, events: int) -> dict:
        """What they got; anything but each event once is an error."""
        got = self.read()
        if (got["received"], got["least"], got["most"]) != (self.count * events, events, events):
            raise RuntimeError(f"{self.name}: {self.count:,} were sent {events:,} events each and got {got['least']:,} to {got['most']:,}")
        seqs: dict[int, int] = {}
        for connection, seq, _ in got["watched"]:
            if seqs.get(connection, seq - 1) != seq - 1:
                raise RuntimeError(f"{self.name}: connection {connection} got {seq} after {seqs[connection]}")
            seqs[connection] = seq
        self._before = got["received"]
        return got


class Fanout:
    """One of the servers that are compared."""

    name: str
    kind: str
    told: Told
    address: str
    seq = 1

    def clients(self, count: int) -> Clients:
        return Clients(self.name, [BUILT / "fanout-client", self.kind, self.address], count)

    def send(self, count: int, rate: float | None = None, per_commit: int = TOGETHER) -> list:
        raise NotImplementedError


class Ours(Fanout):
    name, kind = "Strongroom", "strongroom"

    def __init__(self, stack: contextlib.ExitStack, data: Path) -> None:
        cwd = data.parent / "cwd"
        cwd.mkdir(parents=True, exist_ok=True)
        env = environment() | {"STRONGROOM_LISTEN": "127.0.0.1:0", "STRONGROOM_DATA": str(data)}
        self.told = stack.enter_context(Told(self.name, [BUILT / "fanout-server"], env, cwd))
        self.address = self.told.read()["ok"]
        self.aips = self.told.ask(call="aips", count=AIPS)["ok"]

    def send(self, count: int, rate: float | None = None, per_commit: int = TOGETHER) -> list:
        return self.told.ask(call="change", count=count, per_commit=per_commit, rate=rate)["ok"]


class Peer(Fanout):
    def __init__(self, stack: contextlib.ExitStack, name: str, kind: str, command: list[str | Path], rest: str) -> None:
        self.name, self.kind, self.rest = name, kind, rest
        self.told = stack.enter_context(Told(name, command))
        self.address = self.told.read()["ok"]

    def send(self, count: int, rate: float | None = None, per_commit: int = TOGETHER) -> list:
        first, self.seq = self.seq, self.seq + count
        return self.told.ask(call="send", first=first, count=count, rest=self.rest, rate=rate)["ok"]


@contextlib.contextmanager
def running(data: Path, rest: str) -> Iterator[tuple[Ours, list[Peer]]]:
    """All four."""
    with contextlib.ExitStack() as stack:
        yield Ours(stack, data), [
            Peer(stack, "npm ws", "plain", ["node", SOURCES / "ws.mjs"], rest),
            Peer(stack, "npm socket.io", "socket.io", ["node", SOURCES / "socketio.mjs"], rest),
            Peer(stack, "PyPI websockets", "plain", [PYTHON, SOURCES / "websockets_server.py"], rest),
        ]
