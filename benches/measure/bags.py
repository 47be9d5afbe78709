"""Valid bags (RFC 8493) in a tar file, as large as wanted."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
from pathlib import Path

BLOCK = 1 << 20


def _tags(payload: list[tuple[str, str]], size: int) -> list[tuple[str, bytes]]:
    tags = [
        ("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"),
        ("bag-info.txt", f"External-Identifier: benchmark\nPayload-Oxum: {size}.{len(payload)}\n".encode()),
        ("manifest-sha256.txt", "".join(f"{digest}  {path}\n" for path, digest in payload).encode()),
    ]
    listed = "".join(f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in tags)
    return [*tags, ("tagmanifest-sha256.txt", listed.encode())]


def _entry(path: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(f"bag/{path}")
    entry.size = size
    return entry


def of_random_files(file: Path, files: int, size: int) -> None:
    """Files that cannot be compressed; the same each time."""
    rng = random.Random(8493)
    seeds = [rng.getrandbits(64) for _ in range(files)]
    paths = [f"data/{number // 50:03d}/file-{number:05d}.bin" for number in range(files)]
    with tarfile.open(file, "w", format=tarfile.USTAR_FORMAT) as tar:
        payload = []
        for path, seed in zip(paths, seeds):
            content = random.Random(seed).randbytes(size)
            payload.append((path, hashlib.sha256(content).hexdigest()))
            tar.addfile(_entry(path, size), io.BytesIO(content))
        for path, content in _tags(payload, files * size):
            tar.addfile(_entry(path, len(content)), io.BytesIO(content))


def of_zeros(file: Path, files: int, size: int) -> None:
    """Files of zeros that take no room on the disk; `size` is a multiple of 1 MiB. They are sent and digested like any other."""
    digest = hashlib.sha256()
    for _ in range(size // BLOCK):
        digest.update(bytes(BLOCK))
    payload = [(f"data/zeros-{number:02d}.bin", digest.hexdigest()) for number in range(files)]
    with file.open("wb") as out:
        for path, _ in payload:
            out.write(_entry(path, size).tobuf(tarfile.USTAR_FORMAT))
            out.seek(size, io.SEEK_CUR)
        for path, content in _tags(payload, files * size):
            out.write(_entry(path, len(content)).tobuf(tarfile.USTAR_FORMAT))
            out.write(content + bytes(-len(content) % tarfile.BLOCKSIZE))
        out.write(bytes(2 * tarfile.BLOCKSIZE))
