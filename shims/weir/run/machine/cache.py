"""Where Weir keeps what can be made again: jars, the Java wrapper, the class archive."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path


def cache_root() -> Path:
    """The user's cache folder, or the one that `WEIR_CACHE` names."""
    named = os.environ.get("WEIR_CACHE")
    return Path(named).expanduser().absolute() if named else user_cache_path("weir")


@contextmanager
def made_whole(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes `folder` if the block succeeds: never seen half filled.

    Of two processes that make the same one, the first wins and the other's copy is dropped.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o755)
        try:
            draft.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
