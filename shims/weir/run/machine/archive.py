"""The class archive: what a run loaded, for the next to map into memory (it halves a short run).

A JVM writes it as it exits, after Weir has returned. It is only a speed-up, so nothing here fails:
a JVM that can't use an archive loads its classes as ever, in silence.
"""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pyspark

QUIET = ("-Xshare:auto", "-Xlog:disable")
ONE_WRITER_IN = 600  # seconds: a writer that has not finished by then is taken for dead
KEEP = 3  # archives of 200 MB
# What every JVM takes from the environment.
GIVEN = ("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")


def options(java: Path, folder: Path, jars: tuple[Path, ...], *, write: bool) -> list[str]:
    """JVM options that use the archive, or write it if there is none and nobody writes it yet.

    Args:
        java: The JDK's folder.
        folder: Where archives are kept.
        jars: What stands on the class path before Spark's own jars.
        write: Whether this run loads enough to be worth keeping.
    """
    key = _key(java, jars)
    archive = folder / f"{key}.jsa"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _adopt(folder, archive)
        if archive.exists():
            return [f"-XX:SharedArchiveFile={archive}", *QUIET]
        if write and not _has_agent() and _claimed(folder / f"{key}.claim"):
            draft = folder / f"{key}.{time.time_ns()}.draft"
            return [f"-XX:ArchiveClassesAtExit={draft}", *QUIET]
    except OSError:
        pass  # a cache that can't be written to
    return []


def _has_agent() -> bool:
    """Does a profiler or a tracer go with each JVM? One that is to write an archive then does not start."""
    return any("-agent" in given or "-javaagent" in given for given in map(os.environ.get, GIVEN) if given)


def _key(java: Path, jars: tuple[Path, ...]) -> str:
    """An archive fits one JVM and one class path: files, sizes, dates, and the folder's order."""
    with os.scandir(Path(pyspark.__file__).parent / "jars") as entries:
        files = [java / "bin" / "java", *jars, *(Path(entry.path) for entry in entries)]
    facts = [(str(f), s.st_size, s.st_mtime_ns) for f in files if f.exists() for s in [f.stat()]]
    return sha256(repr((java, facts)).encode()).hexdigest()[:16]


def _adopt(folder: Path, archive: Path) -> None:
    """A finished draft becomes the archive; old drafts of any class path and the oldest archives go."""
    for draft in folder.glob("*.draft"):
        if draft.name.startswith(f"{archive.stem}.") and _finished(draft):
            draft.replace(archive)
        elif time.time() - draft.stat().st_mtime > ONE_WRITER_IN:
            draft.unlink(missing_ok=True)
    archives = sorted(folder.glob("*.jsa"), key=lambda file: file.stat().st_mtime)
    for old in archives[:-KEEP]:
        old.unlink(missing_ok=True)


def _finished(draft: Path) -> bool:
    """The JVM writes the header last. Synced: it does not survive an archive cut short."""
    with draft.open("rb") as file:
        finished = any(file.read(4))
        if finished:
            os.fsync(file.fileno())
    return finished


def _claimed(claim: Path) -> bool:
    """Whether this process is the one to write: of those that start at once, one is."""
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        if time.time() - claim.stat().st_mtime < ONE_WRITER_IN:
            return False
        claim.touch()
    return True
