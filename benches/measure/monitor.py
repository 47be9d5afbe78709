"""Idle live connections: what each costs the server in memory."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import time

from .figures import Bar, Figure, Report
from .server import Server

GROUP = "Memory"
CONNECTIONS = 1_000
# The service takes 100 from one address; all of 127.0.0.0/8 is this machine.
PER_ADDRESS = 50
HOW = (
    f"a server that has answered one page; growth of `VmRSS` by {CONNECTIONS:,} WebSockets on `GET /api/storage/monitor`, divided by their "
    "number, after each has had its greeting, a heartbeat and a ping and has answered it"
)
# The server pings every ten seconds.
PATIENCE = 60
PING, PONG, CLOSE = 0x9, 0xA, 0x8


class Socket:
    """One WebSocket (RFC 6455) of a client that only answers pings."""

    def __init__(self, server: Server, source: str) -> None:
        self.pinged = False
        self._bytes = b""
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=30, source_address=(source, 0))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /api/storage/monitor HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: strongroom.v0\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._bytes:
            self._read()
        head, self._bytes = self._bytes.split(b"\r\n\r\n", 1)
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"the monitor answered {head[:200]!r} {self._bytes[:300]!r}")
        self._frames()

    def _read(self) -> None:
        more = self.socket.recv(4096)
        if not more:
            raise RuntimeError("the server closed a monitor connection")
        self._bytes += more

    def take(self) -> None:
        """What has come in."""
        self._read()
        self._frames()

    def _frames(self) -> None:
        # The server's frames are short and are not masked.
        while len(self._bytes) >= 2:
            opcode, length, start = self._bytes[0] & 0xF, self._bytes[1] & 0x7F, 2
            if length == 126:
                if len(self._bytes) < 4:
                    return
                length, start = int.from_bytes(self._bytes[2:4], "big"), 4
            if len(self._bytes) < start + length:
                return
            payload, self._bytes = self._bytes[start : start + length], self._bytes[start + length :]
            if opcode == PING:
                self._send(PONG, payload)
                self.pinged = True
            elif opcode == CLOSE:
                raise RuntimeError(f"the server closed a monitor connection: {payload!r}")

    def _send(self, opcode: int, payload: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)

    def close(self) -> None:
        try:
            self._send(CLOSE, (1000).to_bytes(2, "big"))
        except OSError:
            pass
        self.socket.close()


def measure(server: Server, report: Report) -> None:
    server.ask("GET", "/api/storage/aips")
    # What is searched is gathered in the background after a start; a search waits for it.
    server.ask("GET", "/api/storage/aips?query=fonds")
    before = server.memory()["resident"]
    sockets: list[Socket] = []
    with selectors.DefaultSelector() as waiting:
        try:
            for number in range(CONNECTIONS):
                opened = Socket(server, f"127.0.1.{1 + number // PER_ADDRESS}")
                sockets.append(opened)
                waiting.register(opened.socket, selectors.EVENT_READ, opened)
            deadline = time.monotonic() + PATIENCE
            while not all(opened.pinged for opened in sockets):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{sum(not opened.pinged for opened in sockets)} connections were never pinged")
                for key, _ in waiting.select(timeout=1):
                    key.data.take()
            server.ask("GET", "/api/about")
            after = server.memory()["resident"]
        finally:
            for opened in sockets:
                opened.close()
    each = (after - before) * 1_000 / CONNECTIONS
    beside = {"before": f"{before:.1f} MB", f"with {CONNECTIONS:,}": f"{after:.1f} MB"}
    report.add(Figure(GROUP, "each idle live connection", each, "KB", HOW, Bar("at most", 10), beside))
