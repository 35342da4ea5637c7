"""The tables on the screen and the JSON file."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.metadata import version
from statistics import median
from typing import Any

import psutil
from rich.table import Table

from bench.data import SIZES
from bench.goals import GOALS, Goal, middle, ratio, seconds
from bench.place import Tools
from bench.rounds import PHASES, Sample


def times_table(samples: Sequence[Sample], size: str) -> Table:
    """Medians of one size, and Weir's share of each peer's."""
    table = Table(title=f"{size}: {SIZES[size]:,} rows, seconds")
    table.add_column("")
    table.add_column("contender")
    for name in ("median", "range", "weir / it"):
        table.add_column(name, justify="right")
    names = dict.fromkeys(s.contender for s in samples)
    for phase, title in PHASES.items():
        for number, name in enumerate(names):
            runs = seconds(samples, size, phase, name)
            share = None if name == "weir" else ratio(samples, size, phase, name)
            last = number == len(names) - 1
            first = "" if number else title
            table.add_row(first, name, *_range(runs), _number(share), end_section=last)
    return table


def goals_table(samples: Sequence[Sample]) -> Table:
    """What is to be reached."""
    table = Table(title="to reach (pipelines: the fastest variant)")
    for name in ("", "who", "over", "at most", "is", ""):
        table.add_column(name)
    for goal in GOALS:
        value = ratio(samples, goal.size, goal.phase, goal.peer, goal.ours)
        table.add_row(goal.text, goal.ours, goal.peer, str(goal.limit), _number(value), _met(goal, value))
    return table


def remarks(samples: Sequence[Sample]) -> list[str]:
    """Every run that was not right, counted."""
    seen: dict[str, int] = {}
    for s in samples:
        if s.verdict != "right":
            key = f"{s.size}, {PHASES[s.phase]}: {s.contender} {s.verdict}"
            seen[key] = seen.get(key, 0) + 1
    return [f"{key} ({count} x)" for key, count in seen.items()]


def as_json(samples: Sequence[Sample], tools: Tools) -> dict[str, Any]:
    """All that was measured; no paths."""
    return {
        "machine": machine(tools),
        "medians": list(_medians(samples)),
        "goals": [
            {**asdict(g), "ratio": r, "met": None if r is None else r <= g.limit}
            for g in GOALS
            for r in [ratio(samples, g.size, g.phase, g.peer, g.ours)]
        ],
        "samples": [asdict(s) for s in samples],
    }


def machine(tools: Tools) -> dict[str, Any]:
    """What ran it."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "load": [round(x, 2) for x in psutil.getloadavg()],
        "python": platform.python_version(),
        "java": tools.java.version,
        "java_bundled": tools.java.bundled,
        "class_archive": tools.archived,
        "pyspark": version("pyspark"),
        "delta": version("delta-spark"),
    }


def _medians(samples: Sequence[Sample]) -> Iterator[dict[str, Any]]:
    keys = dict.fromkeys((s.size, s.phase, s.contender) for s in samples if s.round)
    for size, phase, name in keys:
        runs = seconds(samples, size, phase, name)
        value = middle(samples, size, phase, name)
        yield {"size": size, "phase": phase, "contender": name, "median": value, "runs": runs}


def _range(runs: list[float]) -> tuple[str, str]:
    if not runs:
        return "-", ""
    return f"{median(runs):.1f}", f"{min(runs):.1f} to {max(runs):.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _met(goal: Goal, value: float | None) -> str:
    if value is None:
        return "not measured"
    return "[green]reached[/]" if value <= goal.limit else "[red]missed[/]"
