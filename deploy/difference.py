"""Which fields of a thing are not as they shall be: pure, by classes of fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.values import Change

_INDEX = re.compile(r"\[[^\]]*\]")
MISSING: Any = None
DECLARED, BY_HAND = "our files changed", "changed in the workspace"


@dataclass(frozen=True, slots=True)
class Classes:
    """What is known of the fields of a kind; paths are dotted, without the keys of lists.

    What our files do not name and no class does is the platform's, and no difference.

    Attributes:
        immutable: A change of one makes the thing anew.
        unread: The workspace never tells them: compared with what was applied last.
        defaults: The value that a field has where our files name none.
        closed: Maps and sets in which only our entries may be.
        keyed: Lists, with the field that tells their elements apart.
        sets: Lists whose order means nothing.
    """

    immutable: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    closed: frozenset[str] = frozenset()
    keyed: Mapping[str, str] = field(default_factory=dict[str, str])
    sets: frozenset[str] = frozenset()


def differences(new: Any, remote: Any, last: Any, classes: Classes) -> tuple[Change, ...]:
    """The fields that differ.

    Args:
        new: As our files want it.
        remote: As the workspace has it.
        last: As it was applied last; None if it never was, and what is never told is taken for right.
        classes: What is known of the fields.
    """
    return tuple(_differences(new, remote, new if last is None else last, classes, ""))


def recreates(changes: tuple[Change, ...], classes: Classes) -> bool:
    """Can the changes only be made by making the thing anew?"""
    return any(plain(change.path) in classes.immutable for change in changes)


def plain(path: str) -> str:
    """A path without the keys of lists.

    >>> plain("tasks[update].run_if")
    'tasks.run_if'
    """
    return _INDEX.sub("", path)


def _differences(new: Any, remote: Any, last: Any, classes: Classes, path: str) -> Iterator[Change]:
    at = plain(path)
    if at in classes.unread:
        remote = last
    if isinstance(new, Mapping) and isinstance(remote, Mapping):
        yield from _of_maps(new, remote, last if isinstance(last, Mapping) else {}, classes, path)
    elif isinstance(new, list) and isinstance(remote, list):
        yield from _of_lists(new, remote, last if isinstance(last, list) else [], classes, path)
    elif _text(new) != _text(remote):
        yield Change(path, remote, new, BY_HAND if _text(new) == _text(last) else DECLARED)


def _of_maps(
    new: Mapping[str, Any], remote: Mapping[str, Any], last: Mapping[str, Any], classes: Classes, path: str
) -> Iterator[Change]:
    closed = plain(path) in classes.closed
    for key in dict.fromkeys((*new, *remote)):
        inner = f"{path}.{key}" if path else key
        if key in new:
            yield from _differences(new[key], remote.get(key), last.get(key), classes, inner)
            continue
        default = classes.defaults.get(plain(inner), MISSING)
        known = closed or key in last or default is not MISSING
        if known and not _empty(remote[key]) and _text(remote[key]) != _text(default):
            yield Change(inner, remote[key], default, DECLARED if key in last else BY_HAND)


def _of_lists(
    new: list[Any], remote: list[Any], last: list[Any], classes: Classes, path: str
) -> Iterator[Change]:
    at = plain(path)
    if key := classes.keyed.get(at):
        mine, theirs, past = (_by_key(values, key) for values in (new, remote, last))
        for name in dict.fromkeys((*mine, *theirs)):
            yield from _differences(
                mine.get(name), theirs.get(name), past.get(name), classes, f"{path}[{name}]"
            )
    elif at in classes.sets:
        if sorted(map(_text, new)) != sorted(map(_text, remote)):
            yield Change(path, remote, new, BY_HAND if new == last else DECLARED)
    elif len(new) != len(remote):
        yield Change(path, remote, new, BY_HAND if new == last else DECLARED)
    else:
        past = last if len(last) == len(new) else [None] * len(new)
        for number, (mine, theirs, before) in enumerate(zip(new, remote, past, strict=True)):
            yield from _differences(mine, theirs, before, classes, f"{path}[{number}]")


def _by_key(values: list[Any], key: str) -> dict[str, Any]:
    return {str(value.get(key)): value for value in values}


def _empty(value: Any) -> bool:
    return value in (None, "", [], {}, 0, False)


def _text(value: Any) -> str:
    """Values that the platform writes in several ways, in one."""
    if _empty(value):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return str(sorted((k, _text(v)) for k, v in value.items() if not _empty(v)))
    if isinstance(value, list):
        return str([_text(v) for v in value])
    return str(value)
