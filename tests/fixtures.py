"""Fixtures of all tests: one Spark session a run, a pipeline in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from weir.testing import PipelineUnderTest, spark_session, write_sources

Make = Callable[..., PipelineUnderTest]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    session = spark_session(tmp_path_factory.mktemp("spark") / "spark.log")
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def views_of_a_test_end_with_it(request: pytest.FixtureRequest) -> Iterator[None]:
    """All tests of a worker share one session, and a worker takes them in any order."""
    if "spark" not in request.fixturenames:
        yield
        return
    catalog = request.getfixturevalue("spark")._jsparkSession.sessionState().catalog()  # noqa: SLF001
    before = _local_views(catalog)
    yield
    for name in _local_views(catalog) - before:
        catalog.dropTempView(name)


def _local_views(catalog: object) -> set[str]:
    views = catalog.listLocalTempViews("*")
    return {views.apply(i).table() for i in range(views.size())}


@pytest.fixture
def pipeline(spark: object, tmp_path: Path) -> Make:
    """Make a pipeline from the text of its files."""

    def make(files: Mapping[str, str] | str, **options: object) -> PipelineUnderTest:
        sources = write_sources(tmp_path / "sources", files)
        return PipelineUnderTest(spark, tmp_path, [sources], **options)

    return make
