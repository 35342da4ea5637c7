"""Which files lie at a path, as Spark's file source would list them, and which of them a stream has read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from weir.run.files.globs import across, before_globs, has_glob, is_hidden, matcher, places
from weir.run.lake.paths import local_file

LAST_CONTROL = 0x9F
_LEGAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-!.~'()*,;:$&+=/@")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file in a folder.

    Attributes:
        path: Absolute, as it lies here.
        modified: Milliseconds since 1970.
        size: Bytes.
    """

    path: str
    modified: int
    size: int

    @property
    def uri(self) -> str:
        """The file as Spark writes it into logs and columns."""
        return encoded(self.path)


def encoded(path: str) -> str:
    """A path as Java writes it in a URI: letters of any language stay as they are.

    >>> encoded("/a b/ñ%.json")
    'file:///a%20b/ñ%25.json'
    """
    return "file://" + "".join(map(_encoded, path))


def _encoded(letter: str) -> str:
    if letter in _LEGAL or (ord(letter) > LAST_CONTROL and not letter.isspace()):
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def files_at(path: str, pattern: str | None = None, *, crossing: bool = False) -> tuple[SourceFile, ...]:
    """The files at a path, sorted by when they came; those whose names begin with `_` or `.` are none.

    Args:
        path: A file, a folder with all below it, or a pattern of these.
        pattern: What their names have to be like.
        crossing: Patterns mean what they do for Auto Loader, see `across`.
    """
    wanted, local = matcher(pattern) if pattern else None, str(local_file(path))
    roots = [Path(base_of(path))] if crossing and has_glob(local) else places(local)
    unique = {file.path: file for place in roots for file in _below(place)}
    files = [f for f in unique.values() if wanted is None or wanted.fullmatch(Path(f.path).name)]
    if crossing and has_glob(local):
        files = [file for file in files if across(local).match(file.path)]
    return tuple(sorted(files, key=lambda f: (f.modified, f.path)))


def base_of(path: str) -> str:
    """The folder from which the names of folders give columns: all before the first pattern."""
    return before_globs(str(local_file(path)))


def exists(path: str) -> bool:
    """Is there anything at a path? A pattern may match later."""
    return has_glob(path) or local_file(path).exists()


def _below(place: Path) -> Iterator[SourceFile]:
    if place.is_dir():
        yield from _within(str(place.absolute()))
    elif place.exists() and not is_hidden(place.name):
        yield _file(str(place.absolute()), place.stat())


def _within(folder: str) -> Iterator[SourceFile]:
    with os.scandir(folder) as entries:  # twice as fast as pathlib, of a hundred thousand files
        for entry in entries:
            if is_hidden(entry.name):
                continue
            if entry.is_dir():
                yield from _within(entry.path)
                continue
            with suppress(FileNotFoundError):  # it vanished
                yield _file(entry.path, entry.stat())


def _file(path: str, stat: os.stat_result) -> SourceFile:
    return SourceFile(path, stat.st_mtime_ns // 1_000_000, stat.st_size)


def read_by(checkpoint: Path, path: str, pattern: str | None = None) -> frozenset[str]:
    """The files, as URIs, that one read of a stream has read in batches that it has committed.

    Spark numbers the sources of a stream, and does not say which is which. Those whose files another read
    would not find are none of it, and what each of the others has read this one has. Files that are taken
    for new are no loss: Spark leaves out what a source has read.

    Args:
        path: A file, a folder or a pattern: of the read.
        pattern: What the names of its files have to be like.
    """
    batches = sorted(int(f.name) for f in (checkpoint / "commits").glob("*") if f.name.isdigit())
    if not batches:
        return frozenset()
    offsets = (checkpoint / "offsets" / str(batches[-1])).read_text(encoding="utf-8").split("\n")[2:]
    ends = {n: end for n, offset in enumerate(offsets) if (end := _end(offset)) is not None}
    logs = [frozenset(_logged(checkpoint, n, end)) for n, end in ends.items()]
    name, base = matcher(pattern) if pattern else None, encoded(base_of(path))

    def finds(uri: str) -> bool:
        return uri.startswith(base) and (
            name is None or bool(name.fullmatch(unquote(uri).rpartition("/")[2]))
        )

    own = [log for log in logs if not log or any(map(finds, log))]
    return frozenset.intersection(*own) if own else frozenset()


def _end(offset: str) -> int | None:
    """The last batch of files that an offset covers, -1 for none yet; None for a source of something else."""
    if offset == "-":  # of whatever kind
        return -1
    with suppress(ValueError):
        value: Any = json.loads(offset)
        if isinstance(value, dict) and "logOffset" in value:
            return int(value["logOffset"])
    return None


def forget_overwritten(checkpoint: Path, files: Iterable[SourceFile]) -> None:
    """Take files that were changed since they were read out of a stream's log: it reads them again.

    Not while a batch is planned that is not committed: it may be one of these files that it reads.
    """
    batches = [{f.name for f in (checkpoint / kind).glob("[0-9]*")} for kind in ("offsets", "commits")]
    if batches[0] != batches[1]:
        return
    times = {file.uri: file.modified for file in files}
    for log in (checkpoint / "sources").glob("*/[0-9]*"):
        first, *entries = log.read_text(encoding="utf-8").split("\n")
        kept = [e for e in entries if not e or _is_as_read(json.loads(e), times)]
        if len(kept) < len(entries):
            log.with_name(f".{log.name}.crc").unlink(missing_ok=True)
            draft = log.with_name(f".{log.name}.draft")
            draft.write_text("\n".join([first, *kept]), encoding="utf-8")
            draft.replace(log)


def _is_as_read(entry: Mapping[str, Any], times: Mapping[str, int]) -> bool:
    return times.get(entry["path"], entry["timestamp"]) == entry["timestamp"]


def _logged(checkpoint: Path, source: int, end: int) -> Iterator[str]:
    """What the log of a source holds up to a batch; the newest compact file has all that was before."""
    folder = checkpoint / "sources" / str(source)
    logs = (
        {int(f.name.partition(".")[0]): f for f in folder.glob("*") if f.name[0].isdigit()}
        if end >= 0
        else {}
    )
    compact = max((n for n, f in logs.items() if f.name.endswith(".compact")), default=-1)
    for number, file in logs.items():
        if number < compact:
            continue
        for line in file.read_text(encoding="utf-8").split("\n")[1:]:
            entry: Any = json.loads(line) if line else {"batchId": end + 1}
            if entry["batchId"] <= end:
                yield entry["path"]
