"""Parts of a JSON object that another version may have written: what is not as expected is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.model.untyped import is_list, is_mapping

Object = Mapping[str, Any]
NOTHING: Object = {}


def inner(value: Object, key: str) -> Object:
    """The object under a key; an empty one where there is none."""
    part = value.get(key)
    return part if is_mapping(part) else NOTHING


def objects(value: Object, key: str) -> tuple[Object, ...]:
    """The objects of the list under a key."""
    part = value.get(key)
    return tuple(p for p in part if is_mapping(p)) if is_list(part) else ()


def texts(value: Object, key: str) -> tuple[str, ...]:
    """The texts of the list under a key."""
    part = value.get(key)
    return tuple(p for p in part if isinstance(p, str)) if is_list(part) else ()


def text(value: Object, key: str) -> str | None:
    """The text under a key, unless it is empty."""
    part = value.get(key)
    return part if isinstance(part, str) and part else None


def number(value: Object, key: str) -> int | None:
    """The whole number under a key."""
    part = value.get(key)
    return part if isinstance(part, int) else None
