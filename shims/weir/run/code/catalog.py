"""What `spark.catalog` and `DeltaTable` tell of the pipeline's names and paths."""

from __future__ import annotations

from typing import Any

from weir.run.code.patching import FlowReader, Patch, Use
from weir.run.code.reads import local


def _table_exists(flow: FlowReader, use: Use) -> bool:
    """A dataset of the pipeline exists before its first update too, so that a branch stays the same."""
    schema = f"{use['dbName']}." if use["dbName"] else ""
    return flow.exists(f"{schema}{use['tableName']}")


def _current_catalog(flow: FlowReader, _use: Use) -> str:
    return flow.namespace.catalog


def _current_database(flow: FlowReader, _use: Use) -> str:
    return flow.namespace.schema


def _is_delta_table(flow: FlowReader, use: Use) -> Any:
    return use.go_on(identifier=local(flow, use["identifier"]))


CATALOG = (
    Patch("Catalog", "tableExists", _table_exists),
    Patch("Catalog", "currentCatalog", _current_catalog),
    Patch("Catalog", "currentDatabase", _current_database),
    Patch("DeltaTable", "isDeltaTable", _is_delta_table),
)
