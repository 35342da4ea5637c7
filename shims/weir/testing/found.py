"""What a test does not say: the session of its run, and the pipeline of its project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from weir.bundle.bundle import find_bundle
from weir.bundle.weir_toml import TABLES, find_weir_toml, with_weir_toml
from weir.run.frames.below import local_views
from weir.testing.pipelines import PipelineUnderTest, spark_session

FLAGS = {"sources": (), "name": None, "target": None, "storage": None, "remote": None}


@contextmanager
def session_of_run(folder: Path, more: Collection[str] = ()) -> Iterator[SparkSession]:
    """The active session, or one that ends with the run.

    Args:
        folder: For its log.
        more: See `spark_session`.
    """
    active = SparkSession.getActiveSession()
    session = active or spark_session(folder / "spark.log", more=more)
    try:
        yield session
    finally:
        if active is None:
            session.stop()


@contextmanager
def without_new_views(session: SparkSession) -> Iterator[None]:
    """Temporary views that are made in the block end with it."""
    before = local_views(session)
    yield
    for name in local_views(session) - before:
        session.catalog.dropTempView(name)


def project_of(folder: Path, root: Path) -> Path:
    """The folder of `weir.toml` or `databricks.yml` nearest above a test.

    Args:
        folder: That of the test.
        root: The one to take where there is none.
    """
    toml, bundle = find_weir_toml((), folder), find_bundle(folder)
    places = [file.parent for file in (toml, bundle) if file is not None]
    return max(places, key=lambda place: len(place.parts), default=root)


def pipeline_in(
    project: Path,
    session: SparkSession,
    folder: Path,
    sources: Sequence[str] = (),
    *,
    target: str | None = None,
    conf: Mapping[str, str] | None = None,
) -> PipelineUnderTest:
    """A pipeline of a project, with the flags of its `weir.toml`.

    Args:
        project: Paths of sources are relative to it.
        folder: An empty one, for tables.
        sources: A pipeline of the bundle, files or folders; by default what the project has.
        target: Target of the bundle.
        conf: Entries of the configuration, which win over those of the file.
    """
    entries = tuple(f"{key}={value}" for key, value in (conf or {}).items())
    given: dict[str, Any] = {**FLAGS, **dict.fromkeys(TABLES.values(), ())}
    given |= {"sources": tuple(sources), "target": target, "conf": entries}
    flags = with_weir_toml(given, project)
    conf, maps, tables, streams = (_pairs(flags[key]) for key in TABLES.values())
    found = PipelineUnderTest(
        session, folder, flags["sources"], conf, flags["name"], prefixes=maps, streams=streams,
        target=flags["target"], at=project,
    )  # fmt: skip
    found.outside = {found.settings.namespace.typed(name): place for name, place in tables.items()}
    return found


def _pairs(values: Sequence[str]) -> dict[str, str]:
    return {key: value for key, _, value in (text.partition("=") for text in values)}
