"""What everything looks like that decides what an update does, after one and before the next.

Whatever can't be looked at without Spark, or may be another the next time, is told by name: then updates run.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyspark

import weir
from weir.define.closed import is_closed, opening
from weir.define.load import helper_modules
from weir.define.mentions import executed
from weir.define.notebooks import cells_of
from weir.graph.analysis import Graph
from weir.model.no_op import Looks
from weir.model.settings import Outside, Settings
from weir.model.texts import fingerprint
from weir.plan.no_op import obstacle
from weir.plan.steps import Plan, Step, Verb
from weir.run.code.file_use import FileUse
from weir.run.lake.looks import (
    changed_at,
    checkpoint_looks,
    importable_looks,
    installed_looks,
    kind_looks,
    newest_in,
    place_looks,
    program_looks,
)
from weir.run.lake.world import World
from weir.run.update.execute import Executor

# What differs between two terminals, and says nothing about data.
OF_A_TERMINAL = frozenset({
    "_", "COLUMNS", "LINES", "OLDPWD", "PYTEST_CURRENT_TEST", "SHLVL", "TERM", "TERM_SESSION_ID",
    "WEIR_ENGINE", "WINDOWID",
})  # fmt: skip
CONF_FOLDERS = {"SPARK_CONF_DIR": "", "SPARK_HOME": "conf", "HADOOP_CONF_DIR": ""}


@dataclass(frozen=True, slots=True)
class Opening:
    """What was so when the sources of a pipeline were read.

    Attributes:
        request: What settings, environment and program looked like before.
        use: What its code does with files, also later.
        sentences: What was said of its sources.
        began: Nanoseconds of the epoch, before its sources were read.
    """

    request: Mapping[str, str]
    use: FileUse
    sentences: tuple[str, ...]
    began: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A whole update that has just completed, while its pipeline is open.

    Attributes:
        next_plan: What an update would do now.
    """

    settings: Settings
    opening: Opening
    world: World
    graph: Graph
    executor: Executor
    next_plan: Plan


def looks_now(before: Looks, request: Mapping[str, str], storage: Path) -> Looks:
    """The same things as before, as they are now.

    Args:
        request: What settings, environment and program look like now.
    """
    return Looks(
        request,
        {file: _content(file) for file in before.sources},
        {folder: importable_looks(Path(folder), storage) for folder in before.folders},
        {place: place_looks(Path(place)) for place in before.places},
        {checkpoint: checkpoint_looks(Path(checkpoint)) for checkpoint in before.checkpoints},
        {path: kind_looks(Path(path)) for path in before.kinds},
    )


def request_looks(settings: Settings, outside: Outside) -> Mapping[str, str]:
    """The settings, the environment, the program itself, and what can be imported from the sources' roots."""
    environment = sorted(f"{k}={v}" for k, v in os.environ.items() if k not in OF_A_TERMINAL)
    return {
        "settings": fingerprint([repr(settings), repr(outside), str(Path.cwd())]),
        "environment": fingerprint([*environment, *time.tzname, *platform.uname()]),
        "versions": fingerprint([platform.python_version(), installed_looks(sys.path)]),
        "program": program_looks(Path(weir.__file__).parent),
        **{str(root): importable_looks(root, settings.storage) for root in settings.roots},
    }


def looks_after(ended: Ended) -> Looks | str:
    """What everything looks like that the next update depends on; or what can't be looked at."""
    sources = _sources(ended)
    if why := obstacle(ended.world.pipeline, ended.graph, ended.next_plan) or _unseen(ended) or _used(ended):
        return why
    if isinstance(sources, str):
        return sources
    if saved := next((f for f in sources if changed_at(Path(f)) >= ended.opening.began), None):
        return f"{saved} was saved meanwhile"
    checkpoints = [_checkpoint(ended.world, step) for step in ended.next_plan.flows]
    folders = _module_folders(ended.settings)
    return Looks(
        ended.opening.request,
        {file: _content(file) for file in sources},
        {folder: importable_looks(Path(folder), ended.settings.storage) for folder in folders},
        {str(place): place_looks(place) for place in _places(ended)},
        {str(c): checkpoint_looks(c) for c in checkpoints},
        {str(path): kind for path, kind in ended.opening.use.kinds.items()},
    )


def _modules(settings: Settings) -> list[Any]:
    """The modules of the pipeline, without the program that runs, which may lie beside them."""
    return [m for m in helper_modules(settings.roots) if m.__name__ != "__main__"]


def _sources(ended: Ended) -> frozenset[str] | str:
    """All source files that were run or imported; or what may let them give something else."""
    settings = ended.settings
    modules = _modules(settings)
    names = {module.__name__ for module in modules}
    if name := next((n for n in sorted(ended.opening.use.imports) if not is_closed(n, names)), None):
        return f"its code imports {name}"
    files = [Path(module.__file__) for module in modules if getattr(module, "__file__", None)]
    cells = [cell for file in settings.files for cell in executed(file, settings.roots)]
    cells += [cell for file in files for cell in cells_of(file)]
    open_end = opening(cells, names)
    return open_end or frozenset(map(str, (*settings.files, *files, *(c.origin.file for c in cells))))


def _module_folders(settings: Settings) -> frozenset[str]:
    modules = _modules(settings)
    folders = {str(folder) for module in modules for folder in getattr(module, "__path__", ())}
    files = {str(Path(m.__file__).parent) for m in modules if getattr(m, "__file__", None)}
    return frozenset({*folders, *files})


def _unseen(ended: Ended) -> str | None:
    """What can't be looked at, or has changed since a flow read it."""
    if ended.executor.graph is not ended.graph:
        return "columns became known while flows ran"
    own = {ended.world.storage.table(name) for name in ended.graph.targets}
    for step in ended.next_plan.flows:
        reads, checkpoint = ended.executor.reads.get(step.flow_name), _checkpoint(ended.world, step)
        if reads is None:
            return f"{step.flow_name} was not looked at"
        if reads.unseen:
            return f"{step.flow_name} reads {reads.unseen}"
        if newest_in(checkpoint / "offsets") != newest_in(checkpoint / "commits"):
            return f"{step.flow_name} has begun a batch"
        moved = (place for place, looked in reads.places.items() if _moved(ended, own, place, looked))
        if place := next(moved, None):
            return f"{step.flow_name} reads {place}, which has changed meanwhile"
    return None


def _used(ended: Ended) -> str | None:
    """What the code did while it defined that can't be looked at, or has changed since."""
    use = ended.opening.use
    if use.unseen:
        return f"its code {use.unseen}"
    moved = (place for place, looked in use.places.items() if _moved(ended, (), place, looked))
    other = (path for path, kind in use.kinds.items() if kind_looks(path) != kind)
    place = next(chain(moved, other), None)
    return f"its code reads {place}, which has changed meanwhile" if place else None


def _moved(ended: Ended, own: Collection[Path], place: Path, looked: str) -> bool:
    """Has a place changed since it was read, or, if no flow of the update writes it, since that began?"""
    return place_looks(place) != looked or (place not in own and changed_at(place) >= ended.opening.began)


def _places(ended: Ended) -> Iterator[Path]:
    """All that code and flows read and write, and what configures Spark."""
    world, storage = ended.world, ended.world.storage
    yield from ended.opening.use.places
    for reads in ended.executor.reads.values():
        yield from reads.places
    yield from (storage.table(name) for name in ended.graph.targets)
    for name in ended.graph.outside:
        yield Path(world.outside_path(name) or storage.table(name))
    for step in ended.next_plan.flows:
        if step.verb is Verb.CHANGE:
            yield storage.changes(step.dataset, step.generation)
    yield from (Path(os.environ[k], part) for k, part in CONF_FOLDERS.items() if os.environ.get(k))
    yield Path(pyspark.__file__).parent / "conf"


def _checkpoint(world: World, step: Step) -> Path:
    return world.storage.checkpoint(world.pipeline.name, step.flow_name, step.generation)


def _content(file: str) -> str:
    return fingerprint([Path(file).read_bytes().hex()])
