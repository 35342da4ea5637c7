"""Updates: Weir as a child process on the uploaded files, or the outcome that was recorded."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from weir.run.lake.existing import PIPELINE
from weir.workspace.calls import Json
from weir.workspace.sources import write_bundle
from weir.workspace.state import new_id, now
from weir.workspace.tables import column_info
from weir.workspace.world import Outcome, World

ENDED = frozenset({"COMPLETED", "FAILED", "CANCELED"})
ASKED_FOR = ("full_refresh", "refresh_selection", "full_refresh_selection", "validate_only", "parameters")
WEIR = "from weir.cli import main; main()"
LINES = 20  # of what a run said last, where it ended without an event that tells why


def of_pipeline(world: World, key: str) -> list[Json]:
    """The updates of a pipeline, the newest first."""
    return [u for u in reversed(world.state.all("updates").values()) if u["pipeline_id"] == key]  # pyright: ignore[reportArgumentType, reportCallIssue]


def start(world: World, pipeline: Json, body: Mapping[str, Any], cause: str) -> str:
    """Start an update, and give its id.

    Args:
        pipeline: As the state has it.
        body: What the client asked for.
        cause: Why it starts, as the API names it.
    """
    key = _new(world, pipeline, body, cause)
    if world.recorded is not None:
        _as_recorded(world, pipeline, key, world.recorded(pipeline["name"]))
        return key
    run = _Run(world, pipeline, key, cause)
    process = run.begin(body)
    thread = threading.Thread(target=run.follow, args=(process,), daemon=True)
    world.running[pipeline["pipeline_id"]] = (process, thread)
    thread.start()
    return key


def _new(world: World, pipeline: Json, body: Mapping[str, Any], cause: str) -> str:
    key = new_id()
    own = {"update_id": key, "pipeline_id": pipeline["pipeline_id"], "creation_time": now(), "cause": cause}
    given = {name: body[name] for name in ASKED_FOR if body.get(name)}
    world.state.put("updates", key, {**own, **given, "state": "CREATED", "config": pipeline["spec"]})
    return key


def stop(world: World, key: str) -> None:
    """Ask the update of a pipeline that runs to end."""
    process, _ = world.running.get(key, (None, None))
    if process is not None and process.poll() is None:
        process.send_signal(signal.SIGINT)
    for update in of_pipeline(world, key):
        if update["state"] not in ENDED:
            world.state.change("updates", update["update_id"], state="STOPPING")


def _record(world: World, pipeline: str, events: list[Json]) -> None:
    known = (world.state.get("events", pipeline) or {"events": []})["events"]
    world.state.put("events", pipeline, {"events": [*known, *events]})


def progress(pipeline: Json, key: str, state: str, error: Json | None = None) -> Json:
    """The event that tells the state of an update."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    origin = {"pipeline_id": pipeline["pipeline_id"], "pipeline_name": pipeline["name"], "update_id": key}
    text = {"message": f"Update {key[:6]} is {state}.", "level": "ERROR" if state == "FAILED" else "INFO"}
    kind = {"event_type": "update_progress", "maturity_level": "STABLE", "details": {
        "update_progress": {"state": state}}}  # fmt: skip
    return {
        "id": new_id(),
        "origin": origin,
        "timestamp": at,
        **text,
        **kind,
        **({"error": error} if error else {}),
    }


def _as_recorded(world: World, pipeline: Json, key: str, outcome: Outcome) -> None:
    between = [{**event, "origin": {**event.get("origin", {}), "update_id": key}} for event in outcome.events]
    states = [progress(pipeline, key, state) for state in ("RUNNING", outcome.state)]
    _record(world, pipeline["pipeline_id"], [states[0], *between, states[1]])
    world.state.change("updates", key, state=outcome.state)
    for name, columns in outcome.tables.items():
        infos = [column_info(i, column, type_) for i, (column, type_) in enumerate(columns.items())]
        owner = {"properties": {PIPELINE: pipeline["name"]}, "pipeline_id": pipeline["pipeline_id"]}
        world.state.put("recorded_tables", name, {**owner, "columns": infos})


class _Run:
    """One run of Weir: its events become those of the update, and of those that follow it."""

    def __init__(self, world: World, pipeline: Json, key: str, cause: str) -> None:
        self._world, self._pipeline = world, pipeline
        self._key, self._cause = key, cause
        self._keys: dict[str, str] = {}  # Weir's id of an update -> the workspace's

    def begin(self, body: Mapping[str, Any]) -> subprocess.Popen[str]:
        """Start the process."""
        folder = write_bundle(self._world, self._pipeline)
        command = [sys.executable, "-c", WEIR, *arguments(self._world, body)]
        return subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip

    def follow(self, process: subprocess.Popen[str]) -> None:
        """Take its events until it ends."""
        said: list[str] = []
        with process:
            for line in process.stdout or ():
                event = _event(line)
                if event is None:
                    said = [*said, line.rstrip()][-LINES:]
                    continue
                with self._world.state.lock:
                    self._take(event)
        code = process.wait()
        with self._world.state.lock:
            self._end(code, said)

    def _take(self, event: Json) -> None:
        theirs = event["origin"]["update_id"]
        if theirs not in self._keys:
            first = not self._keys
            self._keys[theirs] = self._key if first else _new(
                self._world, self._pipeline, {}, "RETRY_ON_FAILURE")  # fmt: skip
        key = self._key = self._keys[theirs]
        own = {"update_id": key, "pipeline_id": self._pipeline["pipeline_id"]}
        text = event["message"].replace(f"Update {theirs[:6]} ", f"Update {key[:6]} ")
        _record(self._world, own["pipeline_id"], [
            {**event, "origin": {**event["origin"], **own}, "message": text}])  # fmt: skip
        state = event["details"].get("update_progress", {}).get("state")
        if state:
            self._world.state.change("updates", key, state=state)

    def _end(self, code: int, said: list[str]) -> None:
        """An update that no event has ended failed before it began, or was only validated."""
        update = self._world.state.get("updates", self._key)
        if update is None or update["state"] in ENDED:
            return
        state = "CANCELED" if update["state"] == "STOPPING" else "FAILED" if code else "COMPLETED"
        message = "\n".join(said)
        exceptions = [{"class_name": "weir", "message": message, "stack": []}]
        error = {"fatal": True, "exceptions": exceptions} if state == "FAILED" else None
        _record(
            self._world, self._pipeline["pipeline_id"], [progress(self._pipeline, self._key, state, error)]
        )
        self._world.state.change("updates", self._key, state=state)


def arguments(world: World, body: Mapping[str, Any]) -> list[str]:
    """What Weir is called with, in the folder of the pipeline's bundle."""
    maps = [f"/{name}={world.folder / name}" for name in ("Volumes", "Workspace")]
    common = ["--storage", str(world.storage.root), *(a for m in maps for a in ("--map", m))]
    if body.get("validate_only"):
        return ["validate", *common]
    return ["run", "--json-events", *common, *_selection(body)]


def _selection(body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("full_refresh"):
        yield "--full-refresh-all"
    for name in ("refresh_selection", "full_refresh_selection"):
        if body.get(name):
            yield from (f"--{name.removesuffix('_selection').replace('_', '-')}", ",".join(body[name]))
    if body.get("development"):
        yield "--development"


def _event(line: str) -> Json | None:
    with contextlib.suppress(ValueError):
        content = json.loads(line)
        if isinstance(content, dict) and "event_type" in content:
            return content
    return None
