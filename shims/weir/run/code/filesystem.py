"""`dbutils.fs` on files of this machine: what reads them reads them, what writes is refused (§1.6)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from weir.model.origin import here
from weir.model.problems import unsupported
from weir.run.code.absent import Absent
from weir.run.code.places import missing_place
from weir.run.lake.paths import local_file

INSTEAD = "do it before the update: a pipeline's code may run several times, and writes datasets alone"
LocalPath = Callable[[str], str]


class FileInfo(NamedTuple):
    """A file or folder, as `dbutils.fs.ls` tells of it; a folder's name ends with a slash."""

    path: str
    name: str
    size: int
    modificationTime: int  # noqa: N815 - Databricks' name

    def isDir(self) -> bool:  # noqa: N802
        """Is it a folder?"""
        return self.name.endswith("/")

    def isFile(self) -> bool:  # noqa: N802
        """Is it a file?"""
        return not self.isDir()


class FileSystem(Absent):
    """Files under the paths of the sources."""

    def __init__(self, local_path: LocalPath) -> None:
        super().__init__("dbutils.fs", INSTEAD)
        self._local_path = local_path

    def ls(self, path: str) -> list[FileInfo]:
        """The files of a folder, by their names; of a file, itself.

        Raises:
            WeirError: There is nothing.
        """
        place, shown = self._existing(path), path if ":" in path.partition("/")[0] else f"dbfs:{path}"
        if place.is_file():
            return [_info(shown, place)]
        return [_info(f"{shown.rstrip('/')}/{child.name}", child) for child in sorted(place.iterdir())]

    def head(self, file: str, max_bytes: int = 65536) -> str:
        """The beginning of a file.

        Raises:
            WeirError: There is none.
        """
        with self._existing(file).open("rb") as stream:
            return stream.read(max_bytes).decode("utf-8", "replace")

    def mkdirs(self, path: str) -> bool:
        """Nothing, if the folder is there.

        Raises:
            UnsupportedError: It is not.
        """
        if not local_file(self._local_path(path)).is_dir():
            raise unsupported(f"dbutils.fs.mkdirs of a new folder, `{path}`,", INSTEAD, here())
        return True

    def _existing(self, path: str) -> Path:
        place = local_file(self._local_path(path))
        if not place.exists():
            raise missing_place(path)
        return place


def _info(path: str, place: Path) -> FileInfo:
    end = "/" if place.is_dir() else ""
    state = place.stat()
    size = 0 if end else state.st_size
    return FileInfo(f"{path}{end}", f"{place.name}{end}", size, int(state.st_mtime * 1000))
