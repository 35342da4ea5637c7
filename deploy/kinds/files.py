"""The files of the bundle in the workspace, as one resource, and folders in volumes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from databricks.sdk.errors import NotFound
from databricks.sdk.service.workspace import ImportFormat, Language, ObjectType

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.values import Change, Json, Remote, Resource

SUFFIXES = {Language.PYTHON: ".py", Language.SQL: ".sql"}
TOUCHED = "changed in the workspace"


class Files(Named):
    """All files below one folder: path -> hash of what we uploaded there.

    Beside the folder lies a list of what was uploaded and when: a file that was changed since is not ours.
    """

    classes = Classes(closed=frozenset({"files"}))

    def __init__(self, folder: Path) -> None:
        """The files lie below this folder here."""
        self.folder = folder

    def get(self, api: Api, key: str) -> Remote | None:
        """The files that lie there."""
        listed = dict(_listing(api, key))
        if not listed:
            return None
        ours = _uploaded(api, key)
        files = {p: ours[p][0] if ours.get(p, [""])[1:] == [at] else TOUCHED for p, at in listed.items()}
        return Remote(key, {"files": files})

    def create(self, api: Api, resource: Resource) -> str:
        """Upload all of them."""
        changes = tuple(Change(f"files.{path}", None, new) for path, new in resource.fields["files"].items())
        self._upload(api, resource, changes)
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Upload what differs, and remove what is no longer ours."""
        del remote
        self._upload(api, resource, changes)

    def delete(self, api: Api, key: str) -> None:
        """Remove the folder."""
        api.remove(lambda: api.client.workspace.delete(key, recursive=True))

    def _upload(self, api: Api, resource: Resource, changes: tuple[Change, ...]) -> None:
        root, paths = resource.name, [c.path.removeprefix("files.") for c in changes]
        wanted = resource.fields["files"]
        new = [path for path in paths if path in wanted]
        for folder in sorted({str(PurePosixPath(root, path).parent) for path in new}):
            api.client.workspace.mkdirs(folder)
        for number, path in enumerate(new, 1):
            content = io.BytesIO((self.folder / path).read_bytes())
            api.client.workspace.upload(f"{root}/{path}", content, format=ImportFormat.AUTO, overwrite=True)
            if number % 100 == 0:
                api.say(f"{number} of {len(new)} files uploaded")
        for path in set(paths) - set(new):
            at = _in_workspace(root, path)
            api.remove(lambda at=at: api.client.workspace.delete(at))
        _remember(api, root, {p: [wanted[p], at] for p, at in _listing(api, root) if p in wanted})


def _in_workspace(root: str, path: str) -> str:
    return f"{root}/{path}"


def _listing(api: Api, root: str) -> Iterator[tuple[str, int]]:
    """Each file below a folder, with the time of its last change."""
    try:
        for one in api.client.workspace.list(root, recursive=True):
            suffix = SUFFIXES.get(one.language, "") if one.language else ""
            if one.object_type is not ObjectType.DIRECTORY:
                path = PurePosixPath(_plain(one.path or "")).relative_to(_plain(root))
                yield f"{path}{suffix}", one.modified_at or 0
    except NotFound:
        return


def _plain(path: str) -> str:
    return path.removeprefix("/Workspace")


def _list_file(root: str) -> str:
    return f"{PurePosixPath(root).parent}/state/files.json"


def _uploaded(api: Api, root: str) -> Json:
    stream = api.read(lambda: api.client.workspace.download(_list_file(root), format=None))
    return json.loads(stream.read()) if stream else {}


def _remember(api: Api, root: str, files: Json) -> None:
    place = _list_file(root)
    api.client.workspace.mkdirs(str(PurePosixPath(place).parent))
    content = io.BytesIO(json.dumps(files).encode())
    api.client.workspace.upload(place, content, format=ImportFormat.RAW, overwrite=True)


class Folders(Named):
    """A folder of a volume, where files arrive."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """Is there such a folder?"""
        there = api.read(lambda: api.client.files.get_directory_metadata(key) or True)
        return Remote(key) if there else None

    def create(self, api: Api, resource: Resource) -> str:
        """Make it, with those above it."""
        api.client.files.create_directory(resource.name)
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """A folder has nothing but its name."""

    def delete(self, api: Api, key: str) -> None:
        """What has arrived stays, until its volume goes."""
