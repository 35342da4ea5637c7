"""Files of volumes: `/Volumes/CATALOG/SCHEMA/VOLUME/...`, folders on this machine."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path, PurePosixPath

from weir.workspace.calls import Call, Json, Raw, Route, exists, not_found, page, wrong
from weir.workspace.world import World

FILES = "/api/2.0/fs/files/{path:path}"
FOLDERS = "/api/2.0/fs/directories/{path:path}"
IN_VOLUME = 4  # /Volumes, catalog, schema and volume


def _place(world: World, call: Call) -> Path:
    parts = PurePosixPath(call.names["path"].lstrip("/")).parts
    if parts[:1] != ("Volumes",) or len(parts) < IN_VOLUME or ".." in parts:
        raise wrong(f"Invalid path: /{'/'.join(parts)} lies in no volume.")
    name = ".".join(parts[1:IN_VOLUME]).lower()
    world.state.find("volumes", name, f"Volume '{name}' does not exist.")
    return world.volume(*name.split(".")).joinpath(*parts[IN_VOLUME:])


def _file(world: World, call: Call) -> Path:
    file = _place(world, call)
    if not file.is_file():
        raise not_found(f"The file being accessed is not found: /{call.names['path'].lstrip('/')}")
    return file


def _folder(world: World, call: Call) -> Path:
    folder = _place(world, call)
    if not folder.is_dir():
        raise not_found(f"The directory being accessed is not found: /{call.names['path'].lstrip('/')}")
    return folder


def upload(world: World, call: Call) -> None:
    """Write a file, with the folders above it."""
    file = _place(world, call)
    if file.exists() and not call.flag("overwrite"):
        raise exists(f"The file being created already exists: /{call.names['path'].lstrip('/')}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(call.content)


def _headers(file: Path) -> dict[str, str]:
    changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    moment = format_datetime(changed, usegmt=True)
    return {"content-type": "application/octet-stream", "last-modified": moment}


def download(world: World, call: Call) -> Raw:
    """Read a file."""
    file = _file(world, call)
    return Raw(file.read_bytes(), _headers(file))


def describe(world: World, call: Call) -> Raw:
    """How long a file is, and when it was written."""
    file = _file(world, call)
    return Raw(b"", {**_headers(file), "content-length": str(file.stat().st_size)})


def delete(world: World, call: Call) -> None:
    """Remove a file."""
    _file(world, call).unlink()


def make_folder(world: World, call: Call) -> None:
    """Make a folder, with those above it."""
    folder = _place(world, call)
    if folder.is_file():
        raise exists("The given path points to an existing file.")
    folder.mkdir(parents=True, exist_ok=True)


def has_folder(world: World, call: Call) -> Raw:
    """Tell whether there is such a folder."""
    _folder(world, call)
    return Raw(b"")


def delete_folder(world: World, call: Call) -> None:
    """Remove a folder that is empty."""
    folder = _folder(world, call)
    if any(folder.iterdir()):
        raise wrong(f"The directory is not empty: /{call.names['path']}")
    shutil.rmtree(folder)


def list_folder(world: World, call: Call) -> Json:
    """List what lies in a folder, in pages."""
    folder, at = _folder(world, call), f"/{call.names['path'].strip('/')}"
    entries = [
        {
            "name": entry.name, "path": f"{at}/{entry.name}", "is_directory": entry.is_dir(),
            **({} if entry.is_dir() else {"file_size": entry.stat().st_size}),
            "last_modified": int(entry.stat().st_mtime * 1000),
        }
        for entry in sorted(folder.iterdir())
    ]  # fmt: skip
    return page(call, "contents", entries, 1000, "page_size")


ROUTES = (
    Route("PUT", FILES, upload),
    Route("GET", FILES, download),
    Route("HEAD", FILES, describe),
    Route("DELETE", FILES, delete),
    Route("PUT", FOLDERS, make_folder),
    Route("HEAD", FOLDERS, has_folder),
    Route("GET", FOLDERS, list_folder),
    Route("DELETE", FOLDERS, delete_folder),
)
