"""A pipeline of the workspace as a bundle that Weir runs: files, settings, and the functions there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from weir.workspace.calls import Json
from weir.workspace.files import on_disk, plain
from weir.workspace.world import World

SETTINGS = ("name", "catalog", "schema", "target", "continuous", "development")


def write_bundle(world: World, pipeline: Json) -> Path:
    """Write the bundle of one pipeline, and give its folder."""
    folder = world.folder / "updates" / pipeline["pipeline_id"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "functions.sql").write_text(functions_text(world), encoding="utf-8")
    bundle = {"bundle": {"name": "workspace"}, "resources": _resources(world, pipeline), "targets": {
        "workspace": {"default": True, "mode": "production"}}}  # fmt: skip
    (folder / "databricks.yml").write_text(yaml.safe_dump(bundle, sort_keys=False), encoding="utf-8")
    return folder


def _resources(world: World, pipeline: Json) -> Json:
    spec = pipeline["spec"]
    settings: dict[str, Any] = {n: spec[n] for n in SETTINGS if n in spec}
    settings["libraries"] = [_library(world, library) for library in spec.get("libraries", [])]
    settings["configuration"] = {k: str(v) for k, v in spec.get("configuration", {}).items()}
    if "root_path" in spec:
        settings["root_path"] = str(world.folder / "Workspace" / plain(spec["root_path"])[1:])
    task = {"task_key": "functions", "sql_task": {"file": {"path": "functions.sql"}}}
    return {"pipelines": {"pipeline": settings}, "jobs": {"functions": {"tasks": [task]}}}


def _library(world: World, library: Json) -> Json:
    if "glob" in library:
        path = plain(library["glob"]["include"])
        return {"glob": {"include": str(world.folder / "Workspace" / path[1:])}}
    kind = "notebook" if "notebook" in library else "file"
    return {"file": {"path": str(on_disk(world, library[kind]["path"]))}}


def functions_text(world: World) -> str:
    """The statements that make every function of the workspace."""
    return "\n".join(value["text"] for value in world.state.all("function_texts").values())
