"""The AIPs page in a browser: bytes on the wire, and when it can be read and used. The browser's part is `page.mjs`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from .figures import Bar, Figure, Report, median
from .server import ROOT, Server

PAGE = "/storage/aips"
GROUP_WIRE = "First visit of the AIPs page: the wire"
GROUP_TIME = "First visit of the AIPs page: time"
HOW_WIRE = (
    "Chromium with a new profile, until live updates are connected and the network is idle; sum of `encodedDataLength` "
    "(`Network.loadingFinished`), which is headers and compressed bodies; the WebSocket apart. A relay between the two counts the same bytes"
)
HOW_TIME = (
    "Chromium, a new profile for each of {visits} visits, CDP processor rate 4, 10 Mbit/s, 40 ms; since the navigation began. Rows: the frame that "
    "holds a row of the table inside the window was handed over for painting. Largest paint: Chromium's LCP. Interactive: the later of the first click that "
    "had an effect (clicked once per frame from the start) and of the connection indicator turning to live. "
    "The slowing is checked by a fixed piece of work and by the time until the HTML was there"
)


def visit(server: Server, visits: int) -> dict:
    command = ["node", str(Path(__file__).resolve().parents[1] / "page.mjs"), server.url + PAGE, str(visits)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    if done.returncode:
        raise RuntimeError(f"the browser's part failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout)


def measure(server: Server, report: Report, visits: int) -> None:
    result = visit(server, visits)
    wire = result["wire"]
    requests = wire["requests"]
    relay = wire["relay"]
    report.about["browser"] = f"Chromium {wire['browser']}"
    beside = {
        "relay, down": f"{relay['http']['down'] / 1e3:.1f} KB",
        "relay, WebSocket": f"{relay['websocket']['down'] / 1e3:.1f} KB in {relay['websocket']['connections']}",
    }
    report.add(Figure(GROUP_WIRE, "bytes on the wire", sum(request["bytes"] for request in requests) / 1e3, "KB", HOW_WIRE, Bar("at most", 300), beside))
    report.add(Figure(GROUP_WIRE, "requests", len(requests), "", HOW_WIRE, None, {"WebSockets": len(wire["sockets"])}))
    for request in sorted(requests, key=lambda request: -request["bytes"]):
        name = f"{request['method']} {request['url']}"
        report.add(Figure(GROUP_WIRE, name, request["bytes"] / 1e3, "KB", HOW_WIRE, None, {"encoding": request["encoding"]}))

    how = HOW_TIME.format(visits=len(result["visits"]))

    def timed(name: str, key: str, most: float | None) -> None:
        times = [seen[key] for seen in result["visits"]]
        bar = None if most is None else Bar("at most", most)
        report.add(Figure(GROUP_TIME, f"{name}, median", median(times), "ms", how, bar, {"all": " ".join(f"{at:.0f}" for at in times)}))
        report.add(Figure(GROUP_TIME, f"{name}, worst", max(times), "ms", how, bar))

    timed("rows visible", "rows", 400)
    timed("largest contentful paint", "lcp", 500)
    timed("interactive", "interactive", 1_500)
    for name, key in (
        ("of that: HTML here", "html"), ("of that: first paint", "fcp"), ("of that: document loaded", "document"),
        ("of that: WebAssembly here", "wasm"), ("of that: first click handled", "handled"), ("of that: live", "live"),
    ):
        report.add(Figure(GROUP_TIME, f"{name}, median", median([seen[key] for seen in result["visits"]]), "ms", how))
    shifts = max(seen["shift"] for seen in result["visits"])
    elements = sorted({element for seen in result["visits"] for element in seen["shifts"]})
    report.add(Figure(
        GROUP_TIME, "layout shift, worst", shifts, "", "Chromium's layout-shift entries until the first click was handled, summed",
        Bar("at most", 0), {"of": ", ".join(elements)} if elements else {"largest paint is of": str(result["visits"][0]["lcpElement"])},
    ))
