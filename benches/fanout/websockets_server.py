"""The same fan-out by PyPI `websockets`: `broadcast`, without compression. Told what to do as `peer.mjs` is."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from websockets.asyncio.server import ServerConnection, broadcast, serve

HEARTBEAT = 10
# Bytes that a client may be behind, and events between two looks at that.
BEHIND = 64 * 1024
BURST = 16


def say(line: object) -> None:
    print(json.dumps(line), flush=True)


async def talk(connection: ServerConnection) -> None:
    await connection.wait_closed()


async def at_once(connections: set[ServerConnection], rest: str, first: int, count: int) -> list:
    for number in range(count):
        broadcast(connections, f'{{"seq":{first + number},{rest}')
        if number % BURST == BURST - 1:
            await asyncio.sleep(0)
            while any(connection.transport.get_write_buffer_size() > BEHIND for connection in connections):
                await asyncio.sleep(0)
    return []


async def paced(connections: set[ServerConnection], rest: str, first: int, count: int, rate: float) -> list:
    sent = []
    started = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(started + number / rate - time.perf_counter(), 0))
        sent.append((first + number, time.time_ns() // 1_000))
        broadcast(connections, f'{{"seq":{first + number},{rest}')
    return sent


async def main() -> None:
    commands = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async with serve(talk, "127.0.0.1", 0, compression=None, ping_interval=HEARTBEAT) as server:
        say({"ok": "127.0.0.1:{}".format(server.sockets[0].getsockname()[1])})
        while line := await commands.readline():
            told = json.loads(line)
            connections = set(server.connections)
            sending = at_once(connections, told["rest"], told["first"], told["count"]) if not told.get("rate") else paced(
                connections, told["rest"], told["first"], told["count"], told["rate"])
            say({"ok": await sending})


asyncio.run(main())
