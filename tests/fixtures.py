"""Fixtures of all tests beside those of the kit: a pipeline from a text, in a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from weir.testing import PipelineUnderTest, write_sources

Make = Callable[..., PipelineUnderTest]


@pytest.fixture
def pipeline(spark: object, tmp_path: Path) -> Make:
    """Make a pipeline from the text of its files."""

    def make(files: Mapping[str, str] | str, **options: object) -> PipelineUnderTest:
        sources = write_sources(tmp_path / "sources", files)
        return PipelineUnderTest(spark, tmp_path, [sources], **options)

    return make
