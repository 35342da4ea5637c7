"""Rows that stand for the inputs of a pipeline, without a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from deltalake import write_deltalake

from weir.pipeline import open_pipeline
from weir.request import Request
from weir.testing.frames import arrow_of
from weir.testing.given import Given
from weir.testing.inputs import given_columns, input_named


def with_given(request: Request, given: Mapping[str, Given], folder: Path) -> Request:
    """The same request, with rows that stand for inputs.

    Args:
        given: An outside table, or a table or view of the pipeline -> its rows.
        folder: Where tables with these rows go.

    Raises:
        WeirError: The definitions are wrong, or a value is none of its column's type.
    """
    places: dict[str, str] = {}
    with open_pipeline(replace(request, focus=())) as opened:
        opened.refuse_problems()
        for number, (name, rows) in enumerate(given.items()):
            full, place = input_named(opened, name), folder / str(number)
            typed, schema = given_columns(opened.world, full, rows)
            write_deltalake(place, arrow_of(typed, schema))
            places |= dict.fromkeys((full, opened.pipeline.namespace.table(full)), str(place))
    return replace(request, outside=replace(request.outside, tables={**request.outside.tables, **places}))
