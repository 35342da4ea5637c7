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


@pytest.fixture
def pipeline(spark: object, tmp_path: Path) -> Make:
    """Make a pipeline from the text of its files."""

    def make(files: Mapping[str, str] | str, **options: object) -> PipelineUnderTest:
        sources = write_sources(tmp_path / "sources", files)
        return PipelineUnderTest(spark, tmp_path, [sources], **options)

    return make
