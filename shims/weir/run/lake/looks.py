"""What folders, tables and checkpoints look like, as short texts: as long as one is the same, so are they.

A text has the time at which the system last changed a file, which no program can set back.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from weir.model.texts import fingerprint
from weir.run.lake.commits import newest_commit

MISSING = "missing"
GENERATED = frozenset({"__pycache__"})
_GLOB = frozenset("*?[]{}\\")
LOGS = ("offsets", "commits")


def place_looks(place: Path) -> str:
    """A Delta table by its last commit, a folder by all files below it, a file by itself."""
    if not place.exists():
        return MISSING
    return fingerprint(f"{name} {_stamp(stat)}" for name, stat in _entries(place))


def changed_at(place: Path) -> int:
    """When something in a place last came, went or was written: nanoseconds of the epoch, 0 for no place."""
    times = (max(stat.st_ctime_ns, stat.st_mtime_ns) for _, stat in _entries(place))
    return max(times, default=0)


def kind_looks(path: Path) -> str:
    """Whether a file, a folder or nothing is there, and where its links lead."""
    kind = "folder" if path.is_dir() else "file" if path.exists() else MISSING
    return f"{kind} {os.path.realpath(path)}"


def installed_looks(folders: Iterable[str]) -> str:
    """The packages that are installed in folders, and their versions."""
    names = (e.name for folder in folders for e in _scan(Path(folder)))
    return fingerprint(sorted(name for name in names if name.endswith((".dist-info", ".egg-info"))))


def program_looks(folder: Path) -> str:
    """The files of a program, save for what Python makes of them."""
    return fingerprint(f"{name} {_stamp(stat)}" for name, stat in _tree(folder, GENERATED))


def importable_looks(folder: Path, storage: Path) -> str:
    """The names of what can be imported from a folder, save for the storage's, which an update makes."""
    names = {e.name for e in _scan(folder) if _is_importable(e) and not storage.is_relative_to(e.path)}
    return fingerprint(sorted(names - GENERATED))


def _is_importable(entry: os.DirEntry[str]) -> bool:
    return entry.name.removesuffix(".py").isidentifier() and (entry.name.endswith(".py") or entry.is_dir())


def checkpoint_looks(checkpoint: Path) -> str:
    """Which query it is of, and how far that has come."""
    entries = [f"{e.name} {_stamp(e.stat()) if e.is_file() else ''}" for e in _scan(checkpoint)]
    return fingerprint([*sorted(entries), *(f"{log} {newest_in(checkpoint / log)}" for log in LOGS)])


def newest_in(log: Path) -> int:
    """The number of the last batch in a log of a checkpoint; -1 if there is none."""
    return max((int(e.name) for e in _scan(log) if e.name.isdigit()), default=-1)


def literal_place(path: Path) -> Path:
    """The last folder of a path before a pattern begins."""
    parts = path.parts
    first = next((n for n, part in enumerate(parts) if not _GLOB.isdisjoint(part)), len(parts))
    return Path(*parts[:first])


def _entries(place: Path) -> Iterator[tuple[str, os.stat_result]]:
    if (place / "_delta_log").is_dir():
        commit = newest_commit(place)
        yield from [(commit.name, commit.stat())] if commit else []
    elif place.is_dir():
        yield from _tree(place)
    elif place.exists():
        yield place.name, place.stat()


def _tree(folder: Path, skipped: Collection[str] = ()) -> Iterator[tuple[str, os.stat_result]]:
    """All below a folder, and the folder, in an order that is always the same.

    Raises:
        OSError: A folder is a link, which may lead anywhere, or can't be read.
    """
    yield "", folder.stat()
    for above, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(set(folders) - set(skipped))
        for name in (*folders, *sorted(files)):
            path = Path(above, name)
            if name in folders and path.is_symlink():
                raise OSError(errno.ELOOP, "a link to a folder", str(path))
            yield str(path.relative_to(folder)), path.stat()


def _raise(error: OSError) -> None:
    raise error


def _stamp(stat: os.stat_result) -> str:
    return f"{stat.st_ino} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns}"


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    return list(os.scandir(folder)) if folder.is_dir() else []
