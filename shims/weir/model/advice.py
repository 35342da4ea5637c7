"""What to do about an exception of user code: which import is missing, which name was meant."""

from __future__ import annotations

import inspect
import re
import shlex
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from weir.model.names import for_shell
from weir.model.origin import is_users, shorten
from weir.model.places import canonical, of_workspace, prefix_to_map, without_pattern
from weir.model.problems import closest

IMPORTS = {
    "dlt": "import dlt",
    "dp": "from pyspark import pipelines as dp",
    "F": "from pyspark.sql import functions as F",
    "T": "from pyspark.sql import types as T",
}
MODULES = ("pyspark.sql.functions", "pyspark.sql.types", "pyspark.sql", "pyspark.sql.window")
SIGNATURE = "see the signature of the function"
_KEYWORD = re.compile(r"(?:\w+\.)*(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_COUNT = re.compile(r"(?:\w+\.)*(\w+)\(\) (?:missing \d+ required|takes (?:from )?\d+ )")
_IMPORTED = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_ABSENT = re.compile(r"\[PATH_NOT_FOUND\] Path does not exist: (\S+?)\.?(?: SQLSTATE|$)")
_ENTRY = re.compile(r"\[SQL_CONF_NOT_FOUND\] The SQL config \"(.+?)\" cannot be found")


def advice(error: BaseException) -> str | None:
    """What to do about it; None where there is nothing to say that it does not say itself."""
    return next((hint for of_kind in KINDS if (hint := of_kind(error))), None)


def _frames(error: BaseException) -> list[FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


def _names(error: BaseException) -> dict[str, Any]:
    """What the innermost line of the user's could name."""
    own = [frame for frame in _frames(error) if is_users(frame.f_code.co_filename)]
    return {**own[-1].f_globals, **own[-1].f_locals} if own else {}


def _of_name(error: BaseException) -> str | None:
    if not isinstance(error, NameError) or error.name is None:
        return None
    statement = _import_of(error.name)
    return f"add `{statement}` at the top of the file" if statement else closest(error.name, _names(error))


def _import_of(name: str) -> str | None:
    if name in IMPORTS:
        return IMPORTS[name]
    if name in sys.stdlib_module_names:
        return f"import {name}"
    module = next((m for m in MODULES if hasattr(sys.modules.get(m), name)), None)
    return f"from {module} import {name}" if module else None


def _of_module(error: BaseException) -> str | None:
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    known = closest(error.name, {"pyspark", *_own_modules()})
    if sorted(error.name) == sorted("dlt"):
        known = "did you mean `dlt`?"
    return known or f"install `{error.name}`, or put its folder below {shorten(str(Path.cwd()))}"


def _own_modules() -> Iterator[str]:
    """What user code could import of its own."""
    for folder in (Path(path) for path in sys.path):
        if folder.is_dir() and is_users(str(folder / "module.py")):
            yield from (child.stem for child in folder.iterdir() if child.is_dir() or child.suffix == ".py")


def _of_import(error: BaseException) -> str | None:
    found = _IMPORTED.match(str(error)) if isinstance(error, ImportError) else None
    return closest(found[1], dir(sys.modules.get(found[2]))) if found else None


def _of_attribute(error: BaseException) -> str | None:
    if not isinstance(error, AttributeError) or error.name is None:
        return None
    meant = closest(error.name, (name for name in dir(error.obj) if not name.startswith("_")))
    kind = error.obj.__name__ if isinstance(error.obj, ModuleType) else type(error.obj).__name__
    return meant or f"look for another name in the documentation of {kind}"


def _of_path(error: BaseException) -> str | None:
    path = str(error.filename) if isinstance(error, FileNotFoundError) else ""
    return f"pass --map {shlex.quote(prefix_to_map(path))}=FOLDER" if of_workspace(path) else None


def _of_local_path(error: BaseException) -> str | None:
    """Of a path that Spark did not find while a source was loaded."""
    place = _ABSENT.search(str(error))
    folder = shlex.quote(without_pattern(canonical(place[1]))) if place else None
    return f"if it is elsewhere on this machine, pass --map {folder}=FOLDER" if folder else None


def _of_environment(error: BaseException) -> str | None:
    looked_up = isinstance(error, KeyError) and _frames(error)[-1:]
    asked_there = looked_up and looked_up[0].f_globals.get("__name__") == "os"
    return f"set the environment variable {error.args[0]}" if asked_there else None


def _of_entry(error: BaseException) -> str | None:
    entry = _ENTRY.match(str(error))
    return f"pass --conf {for_shell(entry[1])}=VALUE" if entry else None


def _of_call(error: BaseException) -> str | None:
    """Of a call with the wrong arguments: which ones the function takes."""
    text = str(error) if isinstance(error, TypeError) else ""
    keyword = _KEYWORD.match(text)
    found = keyword or _COUNT.match(text)
    if found is None:
        return None
    parameters = _parameters(found[1], _names(error))
    if keyword and (meant := closest(keyword[2], parameters)):
        return meant
    return f"its parameters are: {', '.join(parameters)}" if parameters else SIGNATURE


def _parameters(function: str, names: dict[str, Any]) -> tuple[str, ...]:
    """Those of a function, called by its name or as one of a module."""
    modules = (value for value in names.values() if isinstance(value, ModuleType))
    for meant in (names.get(function), *(getattr(module, function, None) for module in modules)):
        if inspect.isfunction(meant):
            return tuple(inspect.signature(meant).parameters)
    return ()


KINDS = (
    _of_name, _of_module, _of_import, _of_attribute, _of_path, _of_environment, _of_call, _of_entry,
    _of_local_path,
)  # fmt: skip
