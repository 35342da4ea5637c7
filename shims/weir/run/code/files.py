"""Python's own functions for files, given paths of a workspace that `--map` leads to folders."""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from weir.model.settings import Outside

# What `pathlib`, `glob`, `os.path`, `os.walk` and pandas come down to.
FUNCTIONS: tuple[tuple[Any, str], ...] = (
    (builtins, "open"), (io, "open"), (os, "stat"), (os, "lstat"), (os, "listdir"), (os, "scandir"),
)  # fmt: skip


@contextmanager
def mapped_files(outside: Outside) -> Iterator[None]:
    """Let Python find mapped paths for the length of the block; all others are what they are."""
    with ExitStack() as undo:
        for owner, name in FUNCTIONS if outside.prefixes else ():
            original = getattr(owner, name)
            undo.callback(setattr, owner, name, original)
            setattr(owner, name, _mapping(original, outside))
        yield


def _mapping(function: Callable[..., Any], outside: Outside) -> Callable[..., Any]:
    @wraps(function)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (str, os.PathLike)):
            path = os.fspath(args[0])
            local = outside.local_path(path) if isinstance(path, str) else path
            args = (local if local != path else args[0], *args[1:])
        return function(*args, **kwargs)

    return mapped
