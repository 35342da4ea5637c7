"""Values of users and of files, of which nothing is known: what they hold is known once they were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard


def is_mapping(value: Any) -> TypeGuard[Mapping[Any, Any]]:
    """Does it map keys to values, each of any type?"""
    return isinstance(value, Mapping)


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Is it a list or a tuple, of values of any type?"""
    return isinstance(value, (list, tuple))
