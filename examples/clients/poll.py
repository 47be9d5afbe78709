"""Asks again and again, where nothing that stays open can be had: is this answer another one by now, and what happened since?

    python poll.py PATH [HOW OFTEN [SECONDS BETWEEN]]

An answer that did not change is not sent again (304). Of the log, only what is newer than what was read before comes.
"""

from __future__ import annotations

import sys
import time

from strongroom import ask, say


def events_after(seq: int) -> list[dict]:
    """What the log has after this place, oldest first; of a long absence the newest 500."""
    _, _, answer = ask("GET", f"/api/events?after={seq}&limit=500")
    return list(reversed(answer["items"]))


def main(path: str, times: float = float("inf"), every: float = 10) -> None:
    _, headers, _ = ask("GET", path)
    tag, seq = headers["ETag"], int(headers["Strongroom-Position"].split("-")[1])
    say("read", path)
    while times > 0:
        times -= 1
        time.sleep(every)
        status, headers, _ = ask("GET", path, If_None_Match=tag)
        say("as before" if status == 304 else "changed")
        tag = headers["ETag"]
        for event in events_after(seq):
            say(event["seq"], event["value"]["type"])
            seq = event["seq"]


if __name__ == "__main__":
    try:
        main(sys.argv[1], *map(float, sys.argv[2:4]))
    except KeyboardInterrupt:
        sys.exit(130)
