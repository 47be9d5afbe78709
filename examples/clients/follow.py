"""Follows everything that happens, in order, each change once, across lost connections and restarts of the server (`strongroom.v1`).

    python follow.py [HOW MANY CHANGES]

Where the server cannot prove that nothing is missing, it says so, and what this program holds is read anew. Here that is only how
many AIPs there are; a program that holds more reads more in `read_anew`.
"""

from __future__ import annotations

import asyncio
import json
import sys

from websockets.exceptions import ConnectionClosed

from strongroom import ask, connection, run, say

TOPICS = ["storage"]


class Follower:
    def __init__(self, most: float) -> None:
        # How many changes are still to be told.
        self.most = most
        self.session: str | None = None
        # A place in the log: epoch, seq, tag.
        self.position: str | None = None

    @property
    def seq(self) -> int:
        return int(self.position.split("-")[1]) if self.position else 0

    async def read_anew(self) -> None:
        """What is held, and the place in the log that it is at least as new as."""
        _, headers, aips = await asyncio.to_thread(ask, "GET", "/api/storage/aips?limit=1")
        self.position = headers["Strongroom-Position"]
        say(f"read anew: {aips['page']['total']} AIPs")

    async def take(self, frame: dict) -> None:
        """One frame of the server."""
        match frame.get("type"):
            case "session.started":
                self.session = frame["session_id"]
                # With a position a resync follows, which says why.
                if self.position is None:
                    await self.read_anew()
            case "session.restored":
                say(f"goes on: {frame['replayed']} missed")
            case "resync":
                say(f"resync: {frame['reason']}")
                await self.read_anew()
            case "system.heartbeat":
                self.position = frame["position"]
            case None if "seq" in frame:
                self.change(frame)
            # Anything else is for other topics, or newer than this program.

    def change(self, frame: dict) -> None:
        if frame["seq"] <= self.seq:
            return
        # First the place, then what is done about it: what was done halfway must not be done twice.
        epoch = self.position.split("-")[0] if self.position else ""
        self.position = f"{epoch}-{frame['seq']}-{frame['tag']}"
        event = frame["value"]
        say(event["type"], event["value"].get("uuid", ""))
        self.most -= 1

    async def session_of(self, socket: object) -> None:
        """One connection, from its first frame to its end."""
        init = {"type": "session.init", "topics": TOPICS, "session_id": self.session, "resume": self.position}
        await socket.send(json.dumps({name: value for name, value in init.items() if value is not None}))
        patience = 25.0
        while self.most > 0:
            async with asyncio.timeout(patience):
                frame = json.loads(await socket.recv())
            # Two and a half heartbeats of silence: the connection is dead, whatever the operating system says.
            patience = frame.get("heartbeat_ms", patience * 400) / 400
            if frame.get("type") == "bye":
                say(f"bye: {frame['code']}")
                await asyncio.sleep(frame.get("retry_ms", 0) / 1_000)
                return
            await self.take(frame)

    async def follow(self) -> None:
        async for socket in connection("/api/storage/monitor", "strongroom.v1"):
            try:
                await self.session_of(socket)
            except (ConnectionClosed, TimeoutError):
                say("cut off")
            if self.most <= 0:
                return
            await socket.close()


if __name__ == "__main__":
    run(Follower(float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")).follow())
