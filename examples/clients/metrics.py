"""How busy the machine is on which Strongroom runs, at each interval of the server.

    python metrics.py [HOW MANY]

While there is no connection, and where the server tells nothing over connections (`WS_ENABLED=false`), it is asked every ten seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys

from websockets.exceptions import ConnectionClosed, InvalidStatus

from strongroom import ask, connection, run, say

# Seconds between two questions.
EVERY = 10


def line(message: dict) -> str:
    sample = message["data"]
    busy = sample["processor"].get("total")
    memory = sample["memory"]
    parts = [
        message["timestamp"],
        sample["node"]["name"],
        # It takes two looks at a counter to know how fast it goes.
        "processor ?" if busy is None else f"processor {busy} %",
        f"memory {100 * memory['used'] // memory['total']} %",
        f"queue {sample['service']['queue_depth']}",
    ]
    return ", ".join(parts)


class Metrics:
    def __init__(self, most: float) -> None:
        # How many are still to be told.
        self.most = most

    def take(self, message: dict) -> None:
        if message["type"] == "error":
            raise RuntimeError(message["message"])
        say(line(message))
        self.most -= 1

    async def listen(self) -> None:
        """Takes what comes, as long as there is a connection."""
        async with connection("/ws/metrics") as socket:
            await socket.send(json.dumps({"type": "subscribe", "channel": "metrics"}))
            while self.most > 0:
                self.take(json.loads(await socket.recv()))
            await socket.send(json.dumps({"type": "unsubscribe", "channel": "metrics"}))

    async def watch(self) -> None:
        while self.most > 0:
            try:
                return await self.listen()
            except InvalidStatus as refused:
                # It is not told this way here, there is no room, or the server restarts.
                if refused.response.status_code != 503:
                    raise
            except (ConnectionClosed, OSError):
                pass
            try:
                self.take((await asyncio.to_thread(ask, "GET", "/api/system/metrics"))[2])
            except (OSError, RuntimeError) as trouble:
                say(trouble)
            if self.most > 0:
                await asyncio.sleep(EVERY)


if __name__ == "__main__":
    run(Metrics(float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")).watch())
