"""Somebody who watches the metrics: a WebSocket (RFC 6455) by hand, so that every byte on the connection is counted."""

from __future__ import annotations

import base64
import os
import socket
import struct
import threading

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SUBSCRIBE = b'{"type":"subscribe","channel":"metrics"}'


class Viewer:
    """Subscribes and reads whatever comes, until it is closed. `received` and `samples` count from the first sample on."""

    def __init__(self, port: int) -> None:
        self.received = 0
        self.samples = 0
        self._first = threading.Event()
        self._stream = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._file = self._stream.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        head = f"GET /ws/metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self._stream.sendall(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
        status = self._file.readline().decode()
        if " 101 " not in status:
            raise RuntimeError(f"the door of metrics answers {status.strip()}")
        while self._file.readline().strip():
            pass
        self._send(TEXT, SUBSCRIBE)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        if not self._first.wait(60):
            raise RuntimeError("no sample came")

    def __enter__(self) -> Viewer:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._stream.close()

    def _send(self, opcode: int, payload: bytes) -> None:
        # What clients send is masked, with whatever mask.
        self._stream.sendall(struct.pack("!BB4x", 0x80 | opcode, 0x80 | len(payload)) + payload)

    def _frame(self) -> tuple[int, bytes, int]:
        """The next frame: its kind, its payload, its bytes on the wire. What servers send is not masked."""
        head = self._file.read(2)
        if len(head) < 2:
            raise EOFError
        length, size = head[1] & 0x7F, 2
        for mark, form in ((126, "!H"), (127, "!Q")):
            if length == mark:
                size += struct.calcsize(form)
                length = struct.unpack(form, self._file.read(struct.calcsize(form)))[0]
                break
        return head[0] & 0x0F, self._file.read(length), size + length

    def _read(self) -> None:
        try:
            while True:
                opcode, payload, size = self._frame()
                if opcode == PING:
                    self._send(PONG, payload)
                if self._first.is_set():
                    self.received += size
                if opcode == TEXT and payload.startswith(b'{"type":"metrics"'):
                    self.samples += self._first.is_set()
                    self._first.set()
                if opcode == CLOSE:
                    return
        except (EOFError, OSError):
            return
