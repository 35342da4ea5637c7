"""Given rows as those of an input or dataset of an open pipeline."""

from __future__ import annotations

from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from weir.model.names import by_ends, meant
from weir.model.problems import WeirError
from weir.pipeline import OpenPipeline
from weir.run.analysis.compute import columns_of
from weir.run.frames.quality import broken_by_row, rule_problems
from weir.run.lake.world import World
from weir.testing.coverage import judged, tell
from weir.testing.frames import frame_of, schema_of, typed_rows
from weir.testing.given import Given, read_given


def zone_of(session: SparkSession) -> str:
    """Where a time without a zone is."""
    return str(session.conf.get("spark.sql.session.timeZone"))


def input_named(opened: OpenPipeline, name: str) -> str:
    """The full name of an input: of a dataset the last parts suffice, else it is one of an outside table."""
    hits = meant(name, by_ends(dataset.name for dataset in opened.defined))
    return hits[0] if len(hits) == 1 else opened.world.full_name(name)


def given_columns(
    world: World, name: str, rows: Given, *, more: bool = False
) -> tuple[list[dict[str, Any]], StructType]:
    """Given rows with values of the types that an input has.

    Args:
        more: Whether they may have other columns, too.
    """
    given, zone = read_given(rows), zone_of(world.session)
    schema = schema_of(given, columns_of(world, world.full_name(name)), more=more)
    return typed_rows(given, schema, zone), schema


def broken_by(opened: OpenPipeline, name: str, given: Given) -> list[tuple[str, ...]]:
    """The names of the rules of a dataset that each row breaks.

    Args:
        name: In full.

    Raises:
        WeirError: The rows do not fit, or a rule is wrong on them.
    """
    world, dataset = opened.world, opened.pipeline.datasets[name]
    rows, schema = given_columns(world, name, given, more=True)  # a target has rules on what changes it
    df = frame_of(world.session, rows, schema)
    if problems := rule_problems(df, dataset.expectations, name):
        raise WeirError(*problems)
    broken = broken_by_row(df, dataset.expectations)
    tell(opened.defined, (judged(dataset, broken),))
    return broken
