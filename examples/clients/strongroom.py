"""Where Strongroom is, who asks, and how: what the programs in this folder have in common.

`STRONGROOM_SERVER` is its address, `STRONGROOM_TOKEN` what this program shows where people sign in.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from email.message import Message
from typing import Any

SERVER = os.environ.get("STRONGROOM_SERVER", "http://127.0.0.1:8480").rstrip("/")
# Seconds for an answer.
TIMEOUT = 10


def credentials() -> dict[str, str]:
    """A program sends its token as a header, also when it opens a WebSocket. Only browsers, which cannot, need a ticket."""
    token = os.environ.get("STRONGROOM_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


def ask(method: str, path: str, body: object = None, **headers: str) -> tuple[int, Message, Any]:
    """One request. Status, headers and what the body is as JSON; 304 is an answer like another, errors are raised with what they say."""
    headers = credentials() | {name.replace("_", "-"): value for name, value in headers.items()}
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(SERVER + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None
    except urllib.error.HTTPError as other:
        with other:
            if other.code == 304:
                return 304, other.headers, None
            raise RuntimeError(f"{method} {path}: {other.code} {other.read(400).decode(errors='replace')}") from None


def connection(path: str, subprotocol: str | None = None) -> Any:
    """A WebSocket: `async with` opens one; `async for` opens another one whenever it broke, without end, and waits longer each time.

    The library finds out by pings of its own whether the connection is dead. What is no passing trouble, such as 401, is raised.
    """
    from websockets.asyncio.client import connect

    subprotocols = {"subprotocols": [subprotocol]} if subprotocol else {}
    return connect("ws" + SERVER.removeprefix("http") + path, additional_headers=credentials(), compression=None, **subprotocols)


def say(*words: object) -> None:
    """Prints a line now, not when the buffer is full."""
    print(*words, flush=True)


def run(main: Any) -> None:
    """Runs a program until it ends or somebody stops it; what goes wrong is said in a line."""
    import asyncio

    try:
        asyncio.run(main)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as trouble:
        sys.exit(f"{type(trouble).__name__}: {trouble}")
