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
from weir.run.code.file_use import FileUse

# What `pathlib`, `glob`, `os.path`, `os.walk` and pandas come down to.
FUNCTIONS: tuple[tuple[Any, str], ...] = (
    (builtins, "open"), (io, "open"), (os, "stat"), (os, "lstat"), (os, "listdir"), (os, "scandir"),
)  # fmt: skip


@contextmanager
def mapped_files(outside: Outside, use: FileUse) -> Iterator[None]:
    """Let Python find mapped paths for the length of the block; all others are what they are.

    Args:
        use: Notes what code reads and imports.
    """
    with ExitStack() as undo:
        undo.enter_context(use.of_modules())
        for owner, name in FUNCTIONS:
            original = getattr(owner, name)
            undo.callback(setattr, owner, name, original)
            mapped = _mapping(original, outside, use)
            mapped.__module__ = owner.__name__  # so that Spark's workers get their own
            setattr(owner, name, mapped)
        yield


def _mapping(function: Callable[..., Any], outside: Outside, use: FileUse) -> Callable[..., Any]:
    @wraps(function)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], (str, os.PathLike)):
            path = os.fspath(args[0])
            local = outside.local_path(path) if isinstance(path, str) else path
            args = (local if local != path else args[0], *args[1:])
        use.note(function.__name__, args, kwargs)
        return function(*args, **kwargs)

    return mapped
