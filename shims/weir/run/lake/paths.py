"""Paths as Spark and Delta write them, and as this machine has them."""

from __future__ import annotations

from pathlib import Path


def local_file(path: str) -> Path:
    """A path of this machine, with or without its scheme."""
    return Path(path.removeprefix("file://").removeprefix("file:"))
