"""`pyspark.pipelines.testing` as in Databricks' Beta: the same test file runs there and here.

`test_spark` is the session of the run, in which names of tables mean tables of the test alone: what it
makes, and what updates write. `TestPipeline` updates the pipeline that lies around the test. Other than
there, paths are those of `weir.toml`, tables can start over, and a failure says why.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from weir import engine
from weir.model.settings import Selection
from weir.testing.found import pipeline_in, project_of
from weir.testing.redirected import EVENT_LOG, RedirectedTables

__all__ = ["TestPipeline", "TestStatus", "test_spark"]
_tables: dict[int, RedirectedTables] = {}  # by the session that a test has


@dataclass(frozen=True)
class TestStatus:
    """How an update of a test ended.

    Attributes:
        event_log_table_name: A table that `test_spark` reads.
        error: What went wrong.
    """

    __test__ = False
    is_success: bool
    event_log_table_name: str
    error: str | None = None


class TestPipeline:
    """The pipeline that lies around the tests."""

    __test__ = False

    @classmethod
    def active(cls) -> TestPipeline:
        """The pipeline of `weir.toml` or `databricks.yml`, or of the test's marker `pipeline`."""
        return cls()

    def run(
        self, test_spark: SparkSession, tables: Collection[str] = (), full_refresh: Collection[str] = ()
    ) -> TestStatus:
        """Update tables over those that the test has made; all if none is named.

        Args:
            test_spark: The fixture.
            tables: Their last parts suffice.
            full_refresh: Tables that start over.

        Raises:
            WeirError: The definitions are wrong.
        """
        redirected = _tables[id(test_spark)]
        pipeline = redirected.pipeline
        pipeline.outside.update(redirected.made())
        named = frozenset(tables) | frozenset(full_refresh)
        request = pipeline.request(Selection(frozenset(tables), frozenset(full_refresh)))
        with redirected.resting():
            result = engine.run(replace(request, focus=tuple(named) if named else None))
        errors = [f"{dataset.name}: {dataset.error}" for dataset in result.datasets if dataset.error]
        log = pipeline.settings.namespace.table(EVENT_LOG)
        return TestStatus(result.exit_code == 0, log, "\n".join(errors) or None)


@pytest.fixture
def test_spark(
    request: pytest.FixtureRequest, weir_session: SparkSession, tmp_path: Path
) -> Iterator[SparkSession]:
    """The session of the run, with tables of the test's own behind all names."""
    marker = request.node.get_closest_marker("pipeline")
    sources, options = (marker.args, marker.kwargs) if marker else ((), {})
    project = project_of(request.path.parent, request.config.rootpath)
    tables = RedirectedTables(pipeline_in(project, weir_session, tmp_path, sources, **options))
    _tables[id(weir_session)] = tables
    with tables.in_force():
        yield weir_session
    del _tables[id(weir_session)]
