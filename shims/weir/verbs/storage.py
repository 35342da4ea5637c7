"""Where the verbs look that name no sources."""

from __future__ import annotations

from pathlib import Path

from weir.define.bundle import find_bundle


def default_storage(storage: str | None) -> Path:
    """The given storage; else `.weir` beside the bundle, else here."""
    if storage:
        return Path(storage).resolve()
    bundle = find_bundle(Path.cwd())
    return (bundle.parent if bundle else Path.cwd()) / ".weir"
