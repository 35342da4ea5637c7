"""Properties of a definition against those of a table: what Delta keeps in another spelling is the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

from weir.run.lake.storage import FEATURE, TableState

CONSTRAINT = "delta.constraints."
_READER, _WRITER = "delta.minreaderversion", "delta.minwriterversion"
# The features that versions of a protocol stand for, until 7 has each by its name -> from which they do.
_OF_VERSIONS = {
    "appendonly": (1, 2), "invariants": (1, 2), "checkconstraints": (1, 3), "changedatafeed": (1, 4),
    "generatedcolumns": (1, 4), "columnmapping": (2, 5), "identitycolumns": (1, 6),
}  # fmt: skip
_READER_OF_NAMES, _WRITER_OF_NAMES = 3, 7
_TOKENS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\w+|\S""")


def lacking(wanted: Mapping[str, str], state: TableState) -> dict[str, str]:
    """The properties that a table has not, or with another value."""
    known = {_key(k): v for k, v in state.properties.items()}
    features = {k.removeprefix(FEATURE) for k in known if k.startswith(FEATURE)}
    if state.protocol[1] < _WRITER_OF_NAMES:
        features |= _features(state.protocol)
    reader, writer = _versions({_key(k): v for k, v in wanted.items()})
    named = reader >= _READER_OF_NAMES or writer >= _WRITER_OF_NAMES
    has_all = not named and _features((reader, writer)) <= features
    is_there = reader <= state.protocol[0] and writer <= state.protocol[1]

    def is_set(key: str, value: str) -> bool:
        if key in {_READER, _WRITER}:
            return has_all or is_there
        if key.startswith(FEATURE):
            return key.removeprefix(FEATURE) in features
        if key.startswith(CONSTRAINT):
            return key in known and _TOKENS.findall(known[key]) == _TOKENS.findall(value)
        return known.get(key) == value

    return {k: v for k, v in wanted.items() if not is_set(_key(k), v)}


def constraints_of(properties: Mapping[str, str]) -> dict[str, str]:
    """The CHECK constraints among properties: name -> condition."""
    found = ((k, v) for k, v in properties.items() if is_constraint(k))
    return {key[len(CONSTRAINT) :]: condition for key, condition in found}


def is_constraint(key: str) -> bool:
    """Is a property a CHECK constraint?"""
    return _key(key).startswith(CONSTRAINT)


def as_created(properties: Mapping[str, str]) -> dict[str, str]:
    """Properties with the names of constraints in lower case: no other name of one can be dropped."""
    return {_key(k) if is_constraint(k) else k: v for k, v in properties.items()}


def _key(name: str) -> str:
    """Delta's own properties have no case."""
    return name.lower() if name.lower().startswith("delta.") else name


def _versions(properties: Mapping[str, str]) -> tuple[int, int]:
    """The versions of reader and writer among properties; higher than any where one is no number."""
    reader, writer = properties.get(_READER, "1"), properties.get(_WRITER, "1")
    return (int(reader), int(writer)) if reader.isdecimal() and writer.isdecimal() else (99, 99)


def _features(versions: tuple[int, int]) -> set[str]:
    reader, writer = versions
    return {name for name, (r, w) in _OF_VERSIONS.items() if r <= reader and w <= writer}
