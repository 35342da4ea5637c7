"""The packages that a bundle's pipelines name: a workspace installs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from weir.bundle.located_yaml import LocatedValue


def dependency_notices(whole: LocatedValue) -> Iterator[str]:
    """A sentence about the packages of each pipeline, which are not installed here.

    Args:
        whole: The bundle with its target's part merged in.
    """
    for pipeline in whole.get("resources", "pipelines").mapping().values():
        named = [str(item.value) for item in pipeline.get("environment").items_of("dependencies")]
        packages = [text for text in named if text[:1].isalnum() and "/" not in text]
        if packages:
            origin = pipeline.get("environment", "dependencies").key_origin
            where = f"{Path(origin.file).name}:{origin.line}"
            yield f"{where}: not installed: {', '.join(packages)}; install them in the environment of Weir"
