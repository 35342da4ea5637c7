"""Paths of user code, as they lie on this machine."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from weir.model.origin import here
from weir.model.places import canonical, in_cloud, of_workspace, prefix_to_map, without_pattern
from weir.model.problems import Problem, WeirError
from weir.model.settings import Outside
from weir.run.lake.paths import local_file


def here_or_missing(path: str, outside: Outside) -> str:
    """The local path for a path of the sources.

    Raises:
        WeirError: It is one of a workspace or a cloud, and nothing on this machine stands for it.
    """
    mapped = outside.local_path(path)
    if mapped != path:
        return mapped
    if in_cloud(path):
        raise missing_place(path)
    if of_workspace(path):
        if not local_file(without_pattern(canonical(path))).exists():
            raise missing_place(path)
        return canonical(path)
    return path


def memory_here(options: Mapping[str, Any], outside: Outside) -> dict[str, Any]:
    """Options of Auto Loader: a place for what it has learned that is not on this machine is left out.

    The flow then keeps it itself: nobody but the flow reads it.
    """
    places = {k: str(v) for k, v in options.items() if k.lower().endswith("schemalocation")}
    mapped = {k: outside.local_path(path) for k, path in places.items()}
    elsewhere = {k for k, path in mapped.items() if in_cloud(path) or of_workspace(path)}
    return {k: mapped.get(k, v) for k, v in options.items() if k not in elsewhere}


def missing_place(path: str) -> WeirError:
    """Nothing stands for a path, and how to say what does."""
    hint = f"pass --map {shlex.quote(prefix_to_map(path))}=FOLDER"
    return WeirError(Problem("PATH_NOT_FOUND", f"`{path}` is not on this machine.", here(), hint))
