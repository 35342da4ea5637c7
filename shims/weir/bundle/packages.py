"""The packages that a bundle's pipelines name: a workspace installs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from weir.bundle.located_yaml import LocatedValue

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def dependency_notices(whole: LocatedValue) -> tuple[str, ...]:
    """A sentence about the packages of each pipeline that are not installed beside Weir.

    Args:
        whole: The bundle with its target's part merged in.
    """
    pipelines = whole.get("resources", "pipelines").mapping().values()
    return tuple(dict.fromkeys(notice for pipeline in pipelines for notice in _notices(pipeline)))


def _notices(pipeline: LocatedValue) -> Iterator[str]:
    named = [str(item.value) for item in pipeline.get("environment").items_of("dependencies")]
    missing = [text for text in named if "/" not in text and _is_missing(text)]
    if missing:
        where = pipeline.get("environment", "dependencies").line
        yield f"{where}: not installed: {', '.join(missing)}; install what the sources import beside Weir"


def _is_missing(requirement: str) -> bool:
    """Is there no package of a requirement's name, in any version?"""
    name = _NAME.match(requirement)
    if name is None:  # a flag of pip's
        return False
    try:
        version(name[0])
    except PackageNotFoundError:
        return True
    return False
