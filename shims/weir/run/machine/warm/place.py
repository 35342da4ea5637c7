"""Where a warm JVM of a project is asked for: a socket in a folder that only the user can enter."""

from __future__ import annotations

import os
import stat
import sys
import warnings
from hashlib import sha256
from pathlib import Path

from platformdirs import user_runtime_path

from weir.bundle.bundle import find_bundle
from weir.model.problems import Problem, WeirError

NAMED = "WEIR_ENGINE"  # the socket to use instead; `off` for none
PRIVATE = 0o700


def socket_path(project: Path) -> Path | None:
    """The socket of a project and this environment; None if the user wants no warm JVM."""
    named = os.environ.get(NAMED)
    if named == "off":
        return None
    return Path(named) if named else _folder() / f"{_key(project)}.sock"


def project_of(folder: Path) -> Path:
    """The folder of the bundle that a folder belongs to; the folder itself where there is none."""
    bundle = find_bundle(folder)
    return (bundle.parent if bundle else folder).resolve()


def private_folder(folder: Path) -> None:
    """Make the folder of sockets, for the user alone.

    Raises:
        WeirError: Others have made it, or can enter it.
    """
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if not is_private(folder):
        message = f"Others than you can enter {folder}, or own it."
        raise WeirError(Problem("FOLDER_NOT_PRIVATE", message, hint=f"chmod 700 {folder}, or remove it"))


def is_private(folder: Path) -> bool:
    """Is it a folder that only the user can enter?"""
    try:
        state = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & 0o077


def _folder() -> Path:
    with warnings.catch_warnings(action="ignore"):  # that a machine has no such folder of its own
        return user_runtime_path("weir")


def _key(project: Path) -> str:
    return sha256(repr((str(project), sys.prefix)).encode()).hexdigest()[:16]
