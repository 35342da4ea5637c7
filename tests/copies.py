"""A pipeline that many tests begin with: updated once, and copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pyspark.sql import SparkSession

from weir.testing import PipelineUnderTest, write_sources


def made_in(
    folder: Path, spark: SparkSession, files: Mapping[str, str] | str, **options: object
) -> PipelineUnderTest:
    """A pipeline of some text, in a folder of its own."""
    return PipelineUnderTest(spark, folder, [write_sources(folder / "sources", files)], **options)


def copied(pipeline: PipelineUnderTest, folder: Path) -> PipelineUnderTest:
    """The same with all that it has stored, in another folder: what a test does to it no other sees."""

    def moved(place: str | Path) -> Path:
        return folder / Path(place).relative_to(pipeline.folder)

    shutil.copytree(pipeline.folder, folder, dirs_exist_ok=True)
    return replace(
        pipeline,
        folder=folder,
        sources=[moved(source) for source in pipeline.sources],
        outside={name: str(moved(place)) for name, place in pipeline.outside.items()},
        prefixes={prefix: str(moved(place)) for prefix, place in pipeline.prefixes.items()},
        events=[*pipeline.events],
    )
