"""An arrival as files, in the folders that the pipeline reads.

`events/streaming`: JSON lines, a file a day. `events/batch`: the old system's export, indented JSON
arrays, ten days a file. A file an arrival, of JSON lines: `users`, the changes of users;
`solicitudes/MODULE`, the modules' requests; `eventos/SERVICE`, what the microservices publish.
"""

import json
import os
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from simulator import cases, requests
from simulator.arrivals import Record, records
from simulator.changes import lines
from simulator.settings import SimulatorSettings, day_of, midnight

EXPORT_DAYS = 10
FOLDERS = ("events/streaming", "events/batch")


def arrival_files(settings: SimulatorSettings, arrival: int) -> dict[str, str]:
    """Path below the landing folder -> content."""
    brought = records(settings, arrival)
    return {
        **_grouped(brought, "streaming", lambda r: f"events/streaming/{day_of(midnight(r.day))}.jsonl"),
        **_grouped(
            brought,
            "batch",
            lambda r: f"events/batch/historico-{(r.day - 1) // EXPORT_DAYS + 1:02d}.json",
        ),
        **_grouped(brought, "broken", lambda _: "events/batch/historico-roto.json"),
        f"users/usuarios-{arrival:04d}.jsonl": _lines(lines(settings, arrival)),
        **{
            f"solicitudes/{module}/{arrival:04d}.jsonl": _lines(requests.lines(settings, module, arrival))
            for module in requests.PERSON
        },
        **{
            f"eventos/{service}/{arrival:04d}.jsonl": _lines(cases.lines(settings, service, arrival))
            for service in cases.SERVICES
        },
    }


def write(landing: Path, files: dict[str, str]) -> None:
    """Put files into the landing folder, each of them whole at once."""
    for folder in FOLDERS:
        (landing / folder).mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        replace_file(landing / name, content)


def replace_file(path: Path, content: str) -> None:
    """In one step: nobody reads half a file (Spark passes over names with a leading dot)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_text(content, encoding="utf-8", newline="\n")
    os.replace(unfinished, path)  # noqa: PTH105


def _grouped(brought: tuple[Record, ...], lane: str, name: Callable[[Record], str]) -> dict[str, str]:
    of_lane = sorted((record for record in brought if record.lane == lane), key=name)
    return {
        path: _CONTENT[lane]([record.text for record in group]) for path, group in groupby(of_lane, key=name)
    }


def _lines(texts: Iterable[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


def _array(texts: Iterable[str]) -> str:
    return json.dumps([json.loads(text) for text in texts], indent=2, ensure_ascii=False) + "\n"


_CONTENT: dict[str, Callable[[list[str]], str]] = {
    "streaming": _lines,
    "batch": _array,
    "broken": "".join,
}
