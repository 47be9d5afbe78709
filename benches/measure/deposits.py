"""Taking a package in: how fast, next to a digest of the same file, and in how much memory."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from . import bags
from .figures import Bar, Figure, Report, median
from .server import Server

GROUP = "Taking a package in"
PAIRS = 3
FILES, FILE_SIZE = 200, 5_000_000
HUGE_FILES, HUGE_FILE_SIZE = 10, 1_000 << 20
HOW = (
    f"a valid bag of {FILES} files of {FILE_SIZE:,} random bytes in a tar, sent as the body of `POST /api/storage/deposits` over loopback with "
    "sendfile(2), from the request to the 201: received, digested (SHA-256, SHA-512), every byte read again and checked against the bag's "
    "manifest, synced, recorded. Before each deposit, `sha256sum` of the same file, which is in the page cache for both; "
    f"ratio = time of sha256sum / time of the deposit, median of {PAIRS} pairs"
)
HOW_MEMORY = "`VmHWM` of the server over the deposits, after the mark was reset (proc(5), clear_refs)"


def deposit(server: Server, file: Path, name: str) -> float:
    """Seconds from the request to the 201."""
    size = file.stat().st_size
    with socket.create_connection(("127.0.0.1", server.port)) as connection, file.open("rb") as body:
        connection.settimeout(600)
        head = (
            f"POST /api/storage/deposits?name={name} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        )
        started = time.perf_counter()
        connection.sendall(head.encode())
        try:
            connection.sendfile(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused before it was sent: the answer says why.
        answer = http.client.HTTPResponse(connection, method="POST")
        answer.begin()
        text = answer.read()
        took = time.perf_counter() - started
    if answer.status != 201:
        raise RuntimeError(f"the deposit was answered by {answer.status}: {text[:600]!r}")
    return took


def timed(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def copied(file: Path) -> None:
    """What the disk alone costs: the bytes written once and synced."""
    target = file.with_suffix(".copy")
    with file.open("rb") as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)
        os.fsync(sink.fileno())
    target.unlink()


def openssl(file: Path) -> None:
    """SHA-256 with what the processor has for it, which not every `sha256sum` uses."""
    with file.open("rb") as source:
        hashlib.file_digest(source, "sha256")


def measure(server: Server, folder: Path, report: Report) -> None:
    file = folder / "package.tar"
    bags.of_random_files(file, FILES, FILE_SIZE)
    megabytes = file.stat().st_size / 1e6
    digests, deposits, ratios = [], [], []
    server.forget_peak()
    for number in range(PAIRS):
        digests.append(timed(lambda: subprocess.run(["sha256sum", file], check=True, stdout=subprocess.DEVNULL)))
        deposits.append(deposit(server, file, f"benchmark-{number}"))
        ratios.append(digests[-1] / deposits[-1])
    peak = server.memory()["peak"]
    beside = {
        "deposit": f"{median(deposits):.2f} s, {megabytes / median(deposits):.0f} MB/s",
        "sha256sum": f"{median(digests):.2f} s",
        "OpenSSL's SHA-256": f"{timed(lambda: openssl(file)):.2f} s",
        "write and sync": f"{timed(lambda: copied(file)):.2f} s",
        "pairs": " ".join(f"{ratio:.2f}" for ratio in ratios),
    }
    report.add(Figure(GROUP, f"speed beside sha256sum, {megabytes / 1e3:.2f} GB", median(ratios), "", HOW, Bar("at least", 0.6), beside))
    report.add(Figure(GROUP, f"peak memory, {megabytes / 1e3:.2f} GB", peak, "MB", HOW_MEMORY, Bar("at most", 200)))
    file.unlink()


def measure_huge(server: Server, folder: Path, report: Report) -> None:
    """The same with ten times as much, to see that memory does not grow with the package."""
    file = folder / "huge.tar"
    bags.of_zeros(file, HUGE_FILES, HUGE_FILE_SIZE)
    gigabytes = file.stat().st_size / 1e9
    server.forget_peak()
    took = deposit(server, file, "benchmark-huge")
    beside = {"deposit": f"{took:.0f} s, {gigabytes * 1e3 / took:.0f} MB/s"}
    report.add(Figure(GROUP, f"peak memory, {gigabytes:.1f} GB", server.memory()["peak"], "MB", HOW_MEMORY, Bar("at most", 200), beside))
    file.unlink()
