"""Which fields of a request or an answer the SDK does not know: its classes and methods say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

Takes = type | Callable[..., Any]


def unknown_fields(content: Mapping[str, Any], takes: Takes) -> list[str]:
    """The fields that the SDK does not know or whose value is none of its enumeration, as dotted paths.

    Args:
        content: A JSON object.
        takes: A class of the SDK that the object is, or a method whose parameters are the object's fields.
    """
    if isinstance(takes, type):
        return list(_of_class(content, takes, ""))
    return list(_of_method(content, takes))


def _of_method(content: Mapping[str, Any], method: Callable[..., Any]) -> Iterator[str]:
    known = _parameters(method)
    for name, value in content.items():
        hint = known.get(_snake(name))
        if hint is None:
            yield name
        else:
            yield from _of_value(value, hint, name)


@cache
def _parameters(method: Callable[..., Any]) -> Mapping[str, Any]:
    """The names that a method takes, with their types."""
    hints = get_type_hints(method)
    names = method.__code__.co_varnames[: method.__code__.co_argcount + method.__code__.co_kwonlyargcount]
    return {name: hints.get(name, Any) for name in names if name != "self"}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda match: f"_{match[1].lower()}", name)


def _of_value(value: Any, hint: Any, path: str) -> Iterator[str]:
    for type_ in (hint, *get_args(hint), *(a for inner in get_args(hint) for a in get_args(inner))):
        if not isinstance(type_, type) or get_origin(type_) is not None:
            continue
        values = value if isinstance(value, list) else [value]
        if issubclass(type_, Enum) and any(v not in {e.value for e in type_} for v in values):
            yield path
        elif hasattr(type_, "from_dict"):
            for one in values:
                yield from _of_class(one, type_, f"{path}.") if isinstance(one, Mapping) else ()


def _of_class(content: Mapping[str, Any], class_: Any, path: str) -> Iterator[str]:
    watched = _Watched(content)
    read = class_.from_dict(watched)
    yield from watched.unread(path)
    yield from _lost(content, read.as_dict(), path)


def _lost(given: Any, kept: Any, path: str) -> Iterator[str]:
    """The texts that did not survive: members of an enumeration that it does not have."""
    if isinstance(given, Mapping) and isinstance(kept, Mapping):
        for name, value in given.items():
            text_lost = name not in kept and isinstance(value, str) and value
            if text_lost or (_texts(value) and len(value) != len(kept.get(name) or ())):
                yield f"{path}{name}"
            yield from _lost(value, kept.get(name), f"{path}{name}.")
    elif isinstance(given, list) and isinstance(kept, list):
        for one, other in zip(given, kept, strict=False):
            yield from _lost(one, other, path)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, str) for one in value)


class _Watched(dict[str, Any]):
    """A JSON object that remembers which of its fields were read, also in the objects below it."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__({name: _watched(value) for name, value in content.items()})
        self.read: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def unread(self, path: str) -> Iterator[str]:
        """The fields that nobody read; an object of which nothing was read is a map with free keys."""
        for name, value in self.items():
            if self.read and name not in self.read:
                yield f"{path}{name}"
                continue
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, _Watched):
                    yield from one.unread(f"{path}{name}.")


def _watched(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _Watched(value)
    return [_watched(one) for one in value] if isinstance(value, list) else value
