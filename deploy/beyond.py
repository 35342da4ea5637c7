"""What no bundle declares: `deploy/workspace.yaml`, the functions, and the masks of the definitions."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from deploy.facts import Facts
from deploy.kinds.grants import text_of
from deploy.values import Resource
from weir.bundle.bundle import Bundle
from weir.bundle.governed import governance_of
from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.define.tokens import tokens_of
from weir.model.governance import Function
from weir.model.problems import Problem, closest

FILE = "deploy/workspace.yaml"
KEYS = frozenset({"requires", "destinations", "secrets", "folders", "tags", "grants", "smoke"})
SKIPPED = frozenset({"__pycache__", "node_modules"})


def settings_beside(bundle_file: Path) -> LocatedValue:
    """The settings that lie beside a bundle; nothing where there are none."""
    file = bundle_file.parent / FILE
    return load_yaml(file) if file.is_file() else LocatedValue.empty(file)


def misspelt(settings: LocatedValue) -> Iterator[Problem]:
    """Keys that mean nothing."""
    for key, node in settings.mapping().items():
        if key not in KEYS:
            text = f"`{key}` is not a key of {FILE}."
            yield Problem("BUNDLE_UNKNOWN_KEY", text, node.key_origin, closest(key, KEYS))


def own_destinations(settings: LocatedValue) -> frozenset[str]:
    """The destinations that are made here."""
    return frozenset(settings.get("destinations").mapping())


def resources_beyond(facts: Facts, settings: LocatedValue) -> Iterator[Resource]:
    """Everything that the settings declare."""
    text, variables = facts.bundle.text, facts.bundle.variables
    for name, node in settings.get("destinations").mapping().items():
        names = {k: str(v.value) for k, v in node.get("environment").mapping().items()}
        fields = {"type": text(node.get("type")), "environment": names, **_version(node)}
        yield Resource("destinations", name, name, fields, node.key_origin)
    for key, node in settings.get("secrets").mapping().items():
        fields = {"environment": text(node.get("environment")), **_version(node)}
        yield Resource("secrets", key, f"{variables['secrets']}/{key}", fields, node.key_origin)
    for node in settings.items_of("folders"):
        if text(node).startswith("/Volumes/"):
            yield Resource("folders", text(node), text(node), {}, node.origin)
    for name, node in settings.get("tags").mapping().items():
        for tag, value in node.mapping().items():
            entity = "columns" if name.count(".") > 1 else "tables"
            full = f"{entity}/{variables['catalog']}.{name}/{tag}"
            yield Resource("tags", f"{name}/{tag}", full, {"value": text(value)}, value.key_origin)
    yield from _table_grants(facts, settings)


def _version(node: LocatedValue) -> dict[str, str]:
    version = node.get("version").value
    return {"version": str(version)} if version is not None else {}


def _table_grants(facts: Facts, settings: LocatedValue) -> Iterator[Resource]:
    for name, node in settings.get("grants").mapping().items():
        given = {
            facts.bundle.text(grant.get("principal")): text_of(
                str(p.value) for p in grant.items_of("privileges")
            )
            for grant in (node.value if isinstance(node.value, list) else [])
        }
        full = f"table/{facts.bundle.variables['catalog']}.{name}".lower()
        yield Resource("table_grants", name, full, given, node.key_origin)


def functions_of(bundle: Bundle) -> Iterator[Resource]:
    """The functions that masks and row filters call."""
    for function in (governance_of(bundle).functions or {}).values():
        fields = {"text": function.text, "body": " ".join(_body(function).split())}
        yield Resource("functions", function.name, function.name, fields, function.origin)


def _body(function: Function) -> str:
    """What stands after RETURN."""
    token = next((t for t in tokens_of(function.text) if t.text.upper() == "RETURN"), None)
    return function.text[token.end + 1 :] if token else ""


def files_of(facts: Facts) -> Iterator[Resource]:
    """The files of the bundle as one resource, without those that it excludes and that Git ignores."""
    root = facts.bundle.file.parent.resolve()
    hashes = {path: hashlib.sha256((root / path).read_bytes()).hexdigest()[:16] for path in _own(facts, root)}
    if hashes:
        yield Resource("files", "bundle", facts.files, {"files": hashes})


def is_own(facts: Facts, file: Path) -> bool:
    """Is a file here one of the bundle's?"""
    root = facts.bundle.file.parent.resolve()
    return file.resolve() in {root / path for path in _own(facts, root)}


def _own(facts: Facts, root: Path) -> list[str]:
    excluded = [facts.bundle.text(p) for p in facts.bundle.whole.get("sync").items_of("exclude")]
    return [
        path
        for path in sorted(_paths(root))
        if not any(fnmatchcase(path, pattern) for pattern in excluded) and (root / path).is_file()
    ]


def _paths(root: Path) -> Iterable[str]:
    if (root / ".git").exists():
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
        return [path for path in listed.stdout.splitlines() if not _hidden(path)]
    return [p for f in root.rglob("*") if f.is_file() and not _hidden(p := f.relative_to(root).as_posix())]


def _hidden(path: str) -> bool:
    return any(part.startswith(".") or part in SKIPPED for part in path.split("/"))
