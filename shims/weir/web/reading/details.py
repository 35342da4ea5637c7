"""What the table of a dataset, the lineage of columns and its event log tell beside one update."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from deltalake import DeltaTable

from weir.history.logs import text_of
from weir.model.governance import PROPERTY, protection_from
from weir.model.names import by_ends, fold, meant
from weir.run.lake.query import query
from weir.run.lake.storage import Storage, TableState
from weir.web.reading.read import open_log
from weir.web.states.panel import ColumnEdge, DatasetDetails
from weir.web.states.schemas import columns_of
from weir.web.states.state import Column, DatasetState

STORED = frozenset({"table", "streaming_table", "materialized_view"})
Edges = tuple[ColumnEdge, ...]


def details_of(storage: Storage, pipeline: str, dataset: DatasetState) -> DatasetDetails:
    """All of it, read anew.

    Raises:
        WeirError: The event log can't be read.
    """
    state = storage.state(dataset.name) if dataset.kind in STORED else None
    log = open_log(storage, pipeline)
    history = log.history(dataset.name) if log else ()
    made_of, goes_into = column_edges(storage, dataset.name)
    generation = state.generation if state else None
    return DatasetDetails(
        dataset.name,
        table_columns(state) if state else dataset.columns,
        (state.comment if state else None) or dataset.comment,
        shown_properties(state) if state else {},
        made_of,
        goes_into,
        history,
        {run.state.version: run.update.id for run in history if run.state.version is not None},
        generation,
        _checkpoints(storage, pipeline, dataset, generation or 0),
    )


def _checkpoints(
    storage: Storage, pipeline: str, dataset: DatasetState, generation: int
) -> Mapping[str, str]:
    """Those that are there, as commands and Spark name them."""
    names = [f.name for f in dataset.flows if storage.has_checkpoint(pipeline, f.name, generation)]
    return {name: str(storage.checkpoint(pipeline, name, generation)) for name in names}


def table_columns(state: TableState) -> tuple[Column, ...]:
    """The columns of a table, each with the function that masks it."""
    masks = {fold(c): call.function for c, call in protection_from(state.properties).masks.items()}
    columns = columns_of(json.loads(state.schema_json)["fields"])
    return tuple(replace(c, mask=masks.get(fold(c.name))) for c in columns)


def shown_properties(state: TableState) -> Mapping[str, str]:
    """The properties of a table, but the one that its columns show."""
    return {name: value for name, value in state.properties.items() if name != PROPERTY}


def column_edges(storage: Storage, table: str) -> tuple[Edges, Edges]:
    """What its columns are made of, and what is made of them, by the last run of each flow."""
    name = text_of(table)
    edges = recorded_edges(storage, f"(source_table = {name} OR target_table = {name})")
    made_of = tuple(sorted({e for e in edges if e.target_table == table}))
    return made_of, tuple(sorted({e for e in edges if e.source_table == table}))


def recorded_edges(storage: Storage, where: str = "TRUE") -> list[ColumnEdge]:
    """Which column is made of which, for which a condition holds, by the last run of each flow."""
    tables = meant("system.column_lineage", by_ends(storage.tables()))
    return [edge for name in tables for edge in _edges(storage.table(name), where)]


def _edges(recorded: Path, where: str) -> Iterator[ColumnEdge]:
    """A flow that ran without a column has none of it any more."""
    latest = f"""
        SELECT source_table, source_column, target_table, target_column, transformation_logic FROM (
          SELECT *, max(execution_timestamp) OVER (PARTITION BY pipeline, flow) AS newest FROM t
        ) WHERE execution_timestamp = newest AND {where}"""
    for row in query(DeltaTable(recorded), latest).rows:
        yield ColumnEdge(*row.values())
