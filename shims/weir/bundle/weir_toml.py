"""`weir.toml`: flags that every call of `weir` on some sources needs, written down once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weir.bundle.bundle import default_storage, find_bundle
from weir.bundle.located_toml import load_toml
from weir.bundle.located_yaml import LocatedValue
from weir.model.names import assigned
from weir.model.problems import Problem, WeirError, closest
from weir.model.texts import value_text

TOML_FILE = "weir.toml"
TEXTS = ("name", "target", "storage", "remote")
# Flag with KEY=VALUE -> its argument of a verb.
TABLES = {"conf": "conf", "map": "maps", "table": "tables", "stream": "streams"}
KEYS = ("sources", *TEXTS, *TABLES)


@dataclass(frozen=True, slots=True)
class WeirToml:
    """The file's content; paths in it are absolute.

    Attributes:
        texts: Key -> value, of the keys in `TEXTS`.
        entries: Key -> what it is set to, of the keys in `TABLES`.
    """

    file: Path
    sources: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    entries: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


def with_weir_toml(arguments: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The arguments of a verb, completed by the file; those of the command line win.

    Args:
        arguments: Name of each argument that the verb has -> what the command line gives.
        folder: The working directory.

    Raises:
        WeirError: The file can't be read, or has a key or value that is none; all problems together.
    """
    file = find_weir_toml(arguments.get("sources", ()), folder)
    if file is None or "storage" not in arguments:
        return dict(arguments)
    toml = read_weir_toml(file)
    given: dict[str, Any] = {"sources": toml.sources, **toml.texts}
    if folder.resolve().is_relative_to(file.parent) and find_bundle(folder) is None:
        given.setdefault("storage", str(default_storage(None, file.parent)))
    if arguments.get("why", arguments) is None:  # `weir quality`, whose source is a pipeline that ran
        return {**arguments, **_open(arguments, given, ("storage",))}
    if "sources" not in arguments:  # a verb that looks at what there is: its other names differ
        return {**arguments, **_open(arguments, given, ("target", "storage"))}
    keys = ("target", "storage", "remote") if arguments.get("everything") else ("sources", *TEXTS)
    return {**arguments, **_open(arguments, given, keys), **_added(arguments, toml)}


def _open(arguments: Mapping[str, Any], given: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """What the command line leaves open."""
    return {k: v for k, v in given.items() if k in keys and k in arguments and not arguments[k]}


def _added(arguments: Mapping[str, Any], toml: WeirToml) -> dict[str, Any]:
    """Entries of the file, and behind them those of the command line, since the last one counts."""
    return {
        argument: (*(f"{k}={v}" for k, v in toml.entries[key].items()), *arguments[argument])
        for key, argument in TABLES.items()
        if key in toml.entries
    }


def find_weir_toml(sources: tuple[str, ...], folder: Path) -> Path | None:
    """The file in the folder that holds all sources or the nearest above; else from the working directory.

    Args:
        sources: As given on the command line; names of pipelines are no paths.
        folder: The working directory.
    """
    paths = [path.resolve() for source in sources if (path := folder / source).exists()]
    begins = [folder.resolve()]
    if paths:
        common = Path(os.path.commonpath([p if p.is_dir() else p.parent for p in paths]))
        begins.insert(0, common)
    places = (place / TOML_FILE for begin in begins for place in (begin, *begin.parents))
    return next((file for file in places if file.is_file()), None)


def read_weir_toml(file: Path) -> WeirToml:
    """Read the file.

    Raises:
        WeirError: It is broken, or has a key or value that is none; all problems.
    """
    top = load_toml(file)
    problems = (*_unknown(top), *_wrong(top))
    if problems:
        raise WeirError(*problems)
    texts = {key: str(top.get(key).value) for key in TEXTS if key in top.mapping()}
    if "storage" in texts:
        texts["storage"] = str(file.parent / texts["storage"])
    return WeirToml(
        file,
        tuple(_source(str(item.value), file.parent) for item in top.items_of("sources")),
        texts,
        {key: _entries(key, top.get(key), file.parent) for key in TABLES if key in top.mapping()},
    )


def _source(source: str, base: Path) -> str:
    """A path that exists; else as it is written, such as a pipeline of the bundle."""
    return str(base / source) if (base / source).exists() else source


def _entries(key: str, node: LocatedValue, base: Path) -> dict[str, str]:
    texts = {name: value_text(child.value) for name, child in _leaves(node)}
    return texts if key == "conf" else {name: _place(text, base) for name, text in texts.items()}


def _place(text: str, base: Path) -> str:
    """A path; or a topic, as it is written."""
    return text if text.startswith("kafka:") else str(base / text)


def _leaves(node: LocatedValue, above: str = "") -> Iterator[tuple[str, LocatedValue]]:
    """The entries of a table; the parts of a key without quotes, `spark.sql.x`, are one name again."""
    for key, child in node.mapping().items():
        if isinstance(child.value, dict):
            yield from _leaves(child, f"{above}{key}.")
        else:
            yield f"{above}{key}", child


def _unknown(top: LocatedValue) -> Iterator[Problem]:
    for key, node in top.mapping().items():
        if key not in KEYS:
            hint = closest(key, KEYS) or f"its keys are {', '.join(KEYS)}"
            yield Problem(
                "CONFIGURATION_UNKNOWN_KEY", f"`{key}` is no key of {TOML_FILE}.", node.key_origin, hint
            )


def _wrong(top: LocatedValue) -> Iterator[Problem]:
    for key, node in top.mapping().items():
        if key in TEXTS and not isinstance(node.value, str):
            yield _mistyped(key, "a text", node, f'write {key} = "VALUE"')
        elif key in TABLES and not isinstance(node.value, dict):
            yield _mistyped(key, "a table", node, f'write [{key}], and below it "KEY" = "VALUE"')
        elif key in TABLES:
            yield from _wrong_entries(key, node)
        elif key == "sources" and not _are_texts(node):
            yield _mistyped(key, "a list of texts", node, 'write sources = ["FILE or FOLDER"]')


def _are_texts(node: LocatedValue) -> bool:
    return isinstance(node.value, list) and all(isinstance(item.value, str) for item in node.value)


def _wrong_entries(key: str, node: LocatedValue) -> Iterator[Problem]:
    kinds = (str, bool, int, float) if key == "conf" else (str,)
    for name, child in _leaves(node):
        if not isinstance(child.value, kinds):
            wanted = "a text, a number or a truth value" if key == "conf" else "a text"
            yield _mistyped(f"{key}.{name}", wanted, child, f'write "{name}" = "VALUE"')
        elif assigned(f"{name}=") != (name, "") or (key != "table" and "=" in name):
            message = f"The key `{name}` of {TOML_FILE} has a `=`, which ends the key of --{key}."
            yield Problem("CONFIGURATION_WRONG_KEY", message, child.key_origin, "name what stands before it")


def _mistyped(key: str, wanted: str, node: LocatedValue, hint: str) -> Problem:
    message = f"`{key}` in {TOML_FILE} must be {wanted}."
    return Problem("CONFIGURATION_WRONG_TYPE", message, node.key_origin, hint)
