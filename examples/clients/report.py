"""Reports how a task gets on, so that it is seen on the page of tasks.

    python report.py ocr-17 PROGRESS --progress 40 --message "Page 4 of 10"

Says how Strongroom has it now: a report that comes late or again changes nothing. It has forgotten a task that ended long ago.
"""

from __future__ import annotations

import argparse
import json
import sys
from urllib.parse import quote

from strongroom import ask, say


def main() -> None:
    parser = argparse.ArgumentParser(description="Reports how a task gets on.")
    parser.add_argument("task", help="what names it: letters, digits and . _ : -")
    parser.add_argument("state", choices=["PENDING", "STARTED", "PROGRESS", "SUCCESS", "FAILURE"])
    parser.add_argument("--progress", type=float, help="percent")
    parser.add_argument("--message", help="what it does, or what became of it")
    parser.add_argument("--name", help="what people call it")
    parser.add_argument("--result", type=json.loads, help="what came of it, as JSON")
    given = vars(parser.parse_args())
    task = given.pop("task")
    _, _, stands = ask("POST", f"/api/tasks/{quote(task, safe='')}/progress", {name: value for name, value in given.items() if value is not None})
    if stands is None:
        say(f"{task}: ended, and is not shown any more")
        return
    say(f"{stands['task_id']}: {stands['state']}, {stands['progress']} %, {stands.get('message', 'no message')}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, RuntimeError) as trouble:
        sys.exit(str(trouble))
