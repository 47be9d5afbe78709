"""Figures: a number, how it was made, and the bar that it is held to."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Bar:
    """What a figure is held to; `kind` is "at most", "below" or "at least"."""

    kind: str
    value: float

    def met(self, value: float) -> bool:
        return {"at most": value <= self.value, "below": value < self.value, "at least": value >= self.value}[self.kind]


@dataclasses.dataclass(frozen=True)
class Figure:
    """One number. `beside` is what belongs to it and has no bar of its own."""

    group: str
    name: str
    value: float
    unit: str
    how: str
    bar: Bar | None = None
    beside: dict[str, float | str] = dataclasses.field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        return None if self.bar is None else self.bar.met(self.value)

    @property
    def verdict(self) -> str:
        return {None: "-", True: "met", False: "MISSED"}[self.met]

    @property
    def written(self) -> str:
        return f"{plain(self.value)} {self.unit}".strip()

    @property
    def bar_written(self) -> str:
        return "" if self.bar is None else f"{self.bar.kind} {plain(self.bar.value)} {self.unit}".strip()

    @property
    def beside_written(self) -> str:
        parts = (f"{name} {plain(value) if isinstance(value, (int, float)) else value}" for name, value in self.beside.items())
        return ", ".join(parts)


def plain(value: float) -> str:
    """Three digits that matter, and thousands apart."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile: one of the values, never something between two."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def median(values: list[float]) -> float:
    ranked = sorted(values)
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


class Report:
    """Collects figures, shows each as it is made, and keeps them for people and for programs."""

    def __init__(self, about: dict[str, object]) -> None:
        self.about = about
        self.figures: list[Figure] = []

    def add(self, figure: Figure) -> None:
        if not self.figures or self.figures[-1].group != figure.group:
            print(f"\n{figure.group}", flush=True)
        self.figures.append(figure)
        bar = f"  [{figure.bar_written}]" if figure.bar else ""
        beside = f"  ({figure.beside_written})" if figure.beside else ""
        print(f"  {figure.verdict:6}  {figure.written:>12}  {figure.name}{bar}{beside}", flush=True)

    def close(self, json_file: Path, markdown_file: Path) -> None:
        """Writes both files and says how it went."""
        entries = [dataclasses.asdict(figure) | {"met": figure.met} for figure in self.figures]
        json_file.write_text(json.dumps(self.about | {"figures": entries}, indent=2) + "\n")
        markdown_file.write_text(self.markdown())
        print("\nHow each was made")
        for how in dict.fromkeys((figure.group, figure.how) for figure in self.figures):
            print(f"  {how[0]}: {how[1]}")
        held = [figure for figure in self.figures if figure.bar]
        missed = [figure for figure in held if not figure.met]
        print(f"\n{len(self.figures)} figures, {len(held)} with a bar: {len(held) - len(missed)} met, {len(missed)} missed")
        for figure in missed:
            print(f"  MISSED  {figure.group}: {figure.name}: {figure.written}, bar {figure.bar_written}")
        print(f"written to {json_file}")

    def markdown(self) -> str:
        """The figures as tables for `docs/performance.md`."""
        lines: list[str] = []
        group = None
        for figure in self.figures:
            if figure.group != group:
                group = figure.group
                lines += ["", f"### {group}", "", "| figure | value | bar | | beside it |", "| --- | ---: | --- | --- | --- |"]
            verdict = {None: "", True: "met", False: "**missed**"}[figure.met]
            lines.append(f"| {figure.name} | {figure.written} | {figure.bar_written} | {verdict} | {figure.beside_written} |")
        return "\n".join(lines).lstrip("\n") + "\n"
