"""LookML for Looker: a model with an explore for each table and the joins of the star, and their views."""

from __future__ import annotations

from collections.abc import Iterator

from weir.bi.values import Export, ValueKind, WarehouseColumn, WarehouseTable, plain
from weir.model.names import quoted, quoted_path

_TYPES = {ValueKind.TEXT: "string", ValueKind.BOOLEAN: "yesno"}  # others are numbers
_DAYS = "date, week, month, quarter, year"


def lookml_files(export: Export) -> Iterator[tuple[str, str]]:
    """Names and texts of the files."""
    yield f"{plain(export.name)}.model.lkml", _model(export)
    for table in export.tables:
        yield _file(export, table), _view(export, table)


def _file(export: Export, table: WarehouseTable) -> str:
    return f"views/{export.label(table)}.view.lkml"


def _model(export: Export) -> str:
    connection, warehouse = plain(f"{export.name}_{export.target}"), export.warehouse
    head = [
        f"# The connection {connection} of Looker: Databricks, {warehouse.host}, {warehouse.path}",
        f'connection: "{connection}"',
        f"label: {_text(export.name)}",
        *(f'include: "{_file(export, table)}"' for table in export.tables),
    ]
    return "\n\n".join(["\n".join(head), *(_explore(export, table) for table in export.tables)]) + "\n"


def _explore(export: Export, table: WarehouseTable) -> str:
    label = export.label(table)
    joins = [_join(export, label, key, other) for key, other in export.dimensions_of(table)]
    return _block(f"explore: {label}", [*_description(table.comment), *joins])


def _join(export: Export, label: str, key: str, other: WarehouseTable) -> str:
    name = export.label(other)
    return _block(
        f"join: {name}",
        [
            "type: left_outer",
            "relationship: many_to_one",
            f"sql_on: ${{{label}.{plain(key)}}} = ${{{name}.{plain(key)}}} ;;",
        ],
    )


def _view(export: Export, table: WarehouseTable) -> str:
    place = quoted_path((table.catalog, table.schema, table.name))
    dimensions = [_dimension(column, key=column.name == table.key) for column in table.columns]
    measures = ["measure: count {\n  type: count\n}", *(_measure(c) for c in table.columns if c.measure)]
    entries = [f"sql_table_name: {place} ;;", *dimensions, *measures]
    return _block(f"view: {export.label(table)}", entries) + "\n"


def _dimension(column: WarehouseColumn, *, key: bool) -> str:
    sql = f"sql: {_sql(column)} ;;"
    description = [*_label(column), *_description(column.comment)]
    if column.kind is ValueKind.DATE:
        of_days = ["type: time", f"timeframes: [raw, {_DAYS}]", "convert_tz: no", "datatype: date"]
        return _block(f"dimension_group: {plain(column.name)}", [*description, *of_days, sql])
    if column.kind is ValueKind.TIME:
        of_times = ["type: time", f"timeframes: [raw, time, hour, {_DAYS}]", "datatype: timestamp"]
        return _block(f"dimension_group: {plain(column.name)}", [*description, *of_times, sql])
    unique = ["primary_key: yes"] if key else []
    kind = f"type: {_TYPES.get(column.kind, 'number')}"
    return _block(f"dimension: {plain(column.name)}", [*description, *unique, kind, sql])


def _measure(column: WarehouseColumn) -> str:
    value = f"CAST({_sql(column)} AS INT)" if column.kind is ValueKind.BOOLEAN else _sql(column)
    name = f"measure: {column.measure}_{plain(column.name)}"
    return _block(name, [f"type: {column.measure}", f"sql: {value} ;;"])


def _label(column: WarehouseColumn) -> list[str]:
    """Looker makes the same from a name as we do."""
    return [f"label: {_text(column.caption)}"] if ": " in (column.comment or "") else []


def _sql(column: WarehouseColumn) -> str:
    return f"${{TABLE}}.{quoted(column.name)}"


def _description(comment: str | None) -> list[str]:
    return [f"description: {_text(comment)}"] if comment else []


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(escaped.split())}"'


def _block(head: str, entries: list[str]) -> str:
    """Entries of several lines stand apart."""
    inner = ""
    for entry in entries:
        apart = "\n" if inner and "\n" in entry else ""
        inner += apart + "".join(f"  {line}\n" if line else "\n" for line in entry.split("\n"))
    return f"{head} {{\n{inner}}}"
