"""`weir ui`: the page of a storage's pipelines, until Ctrl-C."""

from __future__ import annotations

import json
import signal
import webbrowser
from pathlib import Path
from typing import Any

import click

from weir.bundle.bundle import default_storage
from weir.ui.screen import console
from weir.web.processes.place import running_at
from weir.web.reading.world import Project, World
from weir.web.serving.server import PORT, Server


def run_ui(
    folder: str, storage: str | None, target: str | None, port: int | None, no_open: bool, read_only: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """`weir ui`."""
    place = Path(folder).resolve()
    project = Project.at(place, default_storage(storage, folder), target)
    other = running_at(project.own)
    if other is not None:
        _tell(other.address, project, read_only=other.read_only, no_open=no_open, as_json=as_json)
        return 0
    server = Server(World(project), read_only, PORT if port is None else port)
    signal.signal(signal.SIGTERM, _interrupt)
    _tell(server.address, project, read_only=read_only, no_open=no_open, as_json=as_json)
    try:
        server.serve()
    except KeyboardInterrupt:
        return 0
    return 0


def _tell(address: str, project: Project, *, read_only: bool, no_open: bool, as_json: bool) -> None:
    if as_json:
        shown = {"address": address, "storage": str(project.storage.root), "read_only": read_only}
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        console().say(f"{address}  shows {project.storage.root}; Ctrl-C ends it")
    if not no_open:
        webbrowser.open(address)


def _interrupt(number: int, frame: Any) -> None:
    del number, frame
    raise KeyboardInterrupt
