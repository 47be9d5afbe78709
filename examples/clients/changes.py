"""Keeps copies of something in Strongroom? This tells which of them are old: every change of a resource, and what is announced.

    python changes.py [HOW MANY]

What changed while the connection was away is not told later: whenever `listening` is printed, read your copies anew, or ask for each
with `If-None-Match` (see poll.py). A program that must know of every single change takes follow.py.
"""

from __future__ import annotations

import json
import sys

from websockets.exceptions import ConnectionClosed

from strongroom import connection, run, say


def told(message: dict) -> str | None:
    """A line about a message; none of a kind that is not known, since newer servers may tell more."""
    if message.get("type") != "resource_change":
        return f"{message['type']} {json.dumps(message['data'], sort_keys=True)}" if "data" in message else None
    resource = message["resource"]
    name = resource.get("name") or resource.get("status") or ""
    return f"{message['event']} {message['resource_type']} {resource['id']} version {resource['version']} {name}".rstrip()


async def main(most: float) -> None:
    async for socket in connection("/ws"):
        say("listening")
        try:
            async for text in socket:
                if line := told(json.loads(text)):
                    say(line)
                    most -= 1
                    if most <= 0:
                        return
        except ConnectionClosed:
            pass
        say("cut off")


if __name__ == "__main__":
    run(main(float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")))
