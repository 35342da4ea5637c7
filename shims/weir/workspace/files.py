"""Workspace files, folders and notebooks: what is known of each in the state, its bytes on disk."""

from __future__ import annotations

import base64
import binascii
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from databricks.sdk.service import workspace

from weir.workspace.calls import ApiError, Call, Json, Raw, Route, exists, not_found, wrong
from weir.workspace.state import now
from weir.workspace.world import World

PATH = "/api/2.0/workspace"
SUFFIXES = {"PYTHON": ".py", "SQL": ".sql", "SCALA": ".scala", "R": ".r"}
LANGUAGES = {".py": "PYTHON", ".sql": "SQL"}
HEADS = {b"# Databricks notebook source": "PYTHON", b"-- Databricks notebook source": "SQL"}
ROOTS = ("/", "/Users", "/Shared", "/Repos")


UNMADE = 1  # the id of folders that nobody made: the roots and the homes


def plain(path: str) -> str:
    """A path without `/Workspace`, which clients write or leave out.

    Raises:
        ApiError: It does not begin at the root, or leads out of it.
    """
    parts = PurePosixPath(path).parts
    if parts[:1] != ("/",) or ".." in parts:
        raise wrong(f"Path ({path}) doesn't start with '/'")
    return "/" + "/".join(parts[2:] if parts[1:2] == ("Workspace",) else parts[1:])


def on_disk(world: World, path: str) -> Path:
    """Where a file, notebook or folder lies on this machine."""
    known = world.state.get("objects", plain(path)) or {}
    suffix = SUFFIXES[known["language"]] if known.get("object_type") == "NOTEBOOK" else ""
    return world.folder / "Workspace" / (plain(path)[1:] + suffix)


def _object(world: World, path: str) -> Json:
    known = world.state.get("objects", path)
    if known is None and (path in ROOTS or (path.count("/") == 2 and path.startswith("/Users/"))):  # noqa: PLR2004
        return {"path": path, "object_type": "DIRECTORY", "object_id": UNMADE}
    if known is None:
        raise not_found(f"Path ({path}) doesn't exist.")
    return known


def get_status(world: World, call: Call) -> Json:
    """What lies at a path."""
    return _object(world, plain(call.needs("path")))


def list_(world: World, call: Call) -> Json:
    """List what lies in a folder."""
    path = plain(call.needs("path"))
    if _object(world, path)["object_type"] != "DIRECTORY":
        return {"objects": [_object(world, path)]}
    return {"objects": [v for k, v in sorted(world.state.all("objects").items()) if _parent(k) == path]}


def _parent(path: str) -> str:
    return str(PurePosixPath(path).parent)


def mkdirs(world: World, call: Call) -> None:
    """Make a folder, with those above it."""
    path = PurePosixPath(plain(call.needs("path")))
    for folder in (*reversed(path.parents), path):
        known = world.state.get("objects", str(folder))
        if known is not None and known["object_type"] != "DIRECTORY":
            raise exists(f"{folder} is no folder.")
        if known is None and str(folder) not in ROOTS:
            value = {
                "path": str(folder),
                "object_type": "DIRECTORY",
                "object_id": world.state.number(),
            }
            world.state.put("objects", str(folder), value)
    on_disk(world, str(path)).mkdir(parents=True, exist_ok=True)


def import_file(world: World, call: Call) -> None:
    """Upload a file by its bytes; one that begins like a notebook becomes one."""
    _put(world, call.names["path"], call.content, "AUTO", None, overwrite=call.flag("overwrite"))


def import_(world: World, call: Call) -> None:
    """Upload a file or notebook, in base64 or as a part of a form."""
    content, body = call.body.get("content", b""), call.body
    if isinstance(content, str):
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise wrong("The content is not in base64.") from error
    form = body.get("format") or "SOURCE"
    if form not in {"AUTO", "SOURCE", "RAW"}:
        raise wrong(f"This workspace imports the formats AUTO, RAW and SOURCE, not {form}.")
    _put(world, call.needs("path"), content, form, body.get("language"), overwrite=call.flag("overwrite"))


def _put(
    world: World, given: str, content: bytes, form: str, language: str | None, *, overwrite: bool
) -> None:
    path = plain(f"/{given.lstrip('/')}")
    notebook = _notebook(path, content, form, language)
    path = str(PurePosixPath(path).with_suffix("")) if notebook and form == "AUTO" else path
    known = world.state.get("objects", path)
    if known is not None and not overwrite:
        raise exists(f"Path ({path}) already exists.")
    try:
        _object(world, _parent(path))
    except ApiError as error:
        raise not_found(f"The parent folder ({_parent(path)}) does not exist.") from error
    kind = {"object_type": "NOTEBOOK", "language": notebook} if notebook else {"object_type": "FILE"}
    kept = known or {"object_id": world.state.number(), "created_at": now()}
    value = {"path": path, **kind, **{k: kept[k] for k in ("object_id", "created_at")}}
    world.state.put("objects", path, {**value, "modified_at": now(), "size": len(content)})
    file = on_disk(world, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _notebook(path: str, content: bytes, form: str, language: str | None) -> str | None:
    """The language of a notebook; None for a file."""
    if form == "SOURCE":
        if language is None:
            raise wrong("The language of a notebook in the format SOURCE is needed.")
        return language
    head = next((lang for begin, lang in HEADS.items() if content.startswith(begin)), None)
    return head if form == "AUTO" and LANGUAGES.get(PurePosixPath(path).suffix) == head else None


def export(world: World, call: Call) -> Json | Raw:
    """Download a file or the source of a notebook."""
    content = _content(world, plain(call.needs("path")))
    if call.flag("direct_download"):
        return Raw(content)
    return {"content": base64.b64encode(content).decode()}


def read(world: World, call: Call) -> Raw:
    """Download the bytes of a file."""
    return Raw(_content(world, plain(f"/{call.names['path'].lstrip('/')}")))


def _content(world: World, path: str) -> bytes:
    if _object(world, path)["object_type"] == "DIRECTORY":
        raise wrong(f"Path ({path}) is a folder: this workspace exports files and notebooks.")
    return on_disk(world, path).read_bytes()


def delete(world: World, call: Call) -> None:
    """Remove a file or folder; with what lies in it if `recursive` is true."""
    path = plain(call.needs("path"))
    _object(world, path)
    inside = [k for k in world.state.all("objects") if k.startswith(f"{path}/")]
    if inside and not call.flag("recursive"):
        raise wrong(f"Folder ({path}) is not empty", "DIRECTORY_NOT_EMPTY")
    for gone in (*inside, path):
        _remove(on_disk(world, gone))
    for gone in (*inside, path):
        world.state.remove("objects", gone)


def _remove(file: Path) -> None:
    if file.is_dir():
        shutil.rmtree(file)
    else:
        file.unlink(missing_ok=True)


API = workspace.WorkspaceAPI


def _routes() -> Iterator[Route]:
    yield Route("GET", f"{PATH}/get-status", get_status, gives=workspace.ObjectInfo)
    yield Route("GET", f"{PATH}/list", list_)
    yield Route("POST", f"{PATH}/mkdirs", mkdirs, API.mkdirs)
    yield Route("POST", f"{PATH}/import", import_, API.import_)
    yield Route("GET", f"{PATH}/export", export, gives=workspace.ExportResponse)
    yield Route("POST", f"{PATH}/delete", delete, API.delete)
    yield Route("POST", "/api/2.0/workspace-files/import-file/{path:path}", import_file)
    yield Route("GET", "/api/2.0/workspace-files/{path:path}", read)


ROUTES = tuple(_routes())
