"""Tables, as Weir's storage has them or recorded updates made them, and functions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

from databricks.sdk.service import catalog

from weir.model.governance import protection_from
from weir.run.lake.existing import PIPELINE
from weir.run.lake.storage import TableState
from weir.workspace.calls import Call, Json, Route, not_found, page
from weir.workspace.world import METASTORE, World

PATH = "/api/2.1/unity-catalog"
_TYPES = {"STRING", "LONG", "INT", "DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIMESTAMP", "BINARY", "SHORT",
          "BYTE", "ARRAY", "STRUCT", "MAP", "VARIANT"}  # fmt: skip
_TEXTS = {"long": "bigint", "integer": "int", "short": "smallint", "byte": "tinyint"}


def all_tables(world: World) -> list[str]:
    """The full names of all tables."""
    return sorted({*world.storage.tables(), *world.state.all("recorded_tables")})


def drop_table(world: World, name: str) -> None:
    """Remove a table with its rows."""
    shutil.rmtree(world.storage.table(name), ignore_errors=True)
    world.state.remove("recorded_tables", name)
    for kind in ("grants", "table_changes"):
        for key in [k for k in world.state.all(kind) if k.partition("/")[2] == name or k == name]:
            world.state.remove(kind, key)


def table_info(world: World, name: str) -> Json | None:
    """A table as the API describes it; None where there is none."""
    recorded, state = world.state.get("recorded_tables", name), world.storage.state(name)
    if recorded is None and state is None:
        return None
    catalog_name, schema, table = name.split(".")
    own = {"name": table, "catalog_name": catalog_name, "schema_name": schema, "full_name": name}
    rest = {"table_type": "MANAGED", "data_source_format": "DELTA", "metastore_id": METASTORE}
    changes = world.state.get("table_changes", name) or {}
    described = _of_storage(world, state) if state else recorded or {}
    return {**own, **rest, **described, **changes.get("fields", {}), "columns": _columns(described, changes)}


def _of_storage(world: World, state: TableState) -> Json:
    protection = protection_from(state.properties)
    owner = state.properties.get(PIPELINE)
    ids = {p["name"]: key for key, p in world.state.all("pipelines").items()}
    row_filter = protection.row_filter and {
        "function_name": protection.row_filter.function,
        "input_column_names": list(protection.row_filter.columns),
    }
    found = {
        "comment": state.comment, "row_filter": row_filter, "pipeline_id": ids.get(owner or ""),
        "storage_location": None, "properties": dict(state.properties),
        "columns": list(_stored_columns(state)),
    }  # fmt: skip
    return {k: v for k, v in found.items() if v is not None}


def _stored_columns(state: TableState) -> Iterator[Json]:
    masks = protection_from(state.properties).masks
    for position, field in enumerate(json.loads(state.schema_json)["fields"]):
        call = masks.get(field["name"])
        mask = (
            {"function_name": call.function, "using_column_names": list(call.columns[1:])} if call else None
        )
        column = column_info(position, field["name"], field["type"])
        extra = {"comment": field.get("metadata", {}).get("comment"), "mask": mask}
        nullable = {"nullable": field["nullable"]}
        yield {**column, **nullable, **{k: v for k, v in extra.items() if v is not None}}


def column_info(position: int, name: str, type_: object) -> Json:
    """A column; its type as Spark's JSON has it, or as SQL has it."""
    simple = type_ if isinstance(type_, str) else str(type_["type"]) if isinstance(type_, dict) else ""
    text = _TEXTS.get(simple, simple)
    upper = {"BIGINT": "LONG", "INTEGER": "INT", "SMALLINT": "SHORT", "TINYINT": "BYTE"}.get(
        simple.upper(), simple.upper()
    )
    known = "DECIMAL" if upper.startswith("DECIMAL") else upper if upper in _TYPES else "USER_DEFINED_TYPE"
    return {"name": name, "position": position, "type_text": text.lower(), "type_name": known}


def _columns(described: Json, changes: Json) -> list[Json]:
    changed = changes.get("columns", {})
    return [{**column, **changed.get(column["name"], {})} for column in described.get("columns", [])]


def get(world: World, call: Call) -> Json:
    """Get a table with its columns, masks and row filter."""
    return found_table(world, call.names["name"])


def found_table(world: World, name: str) -> Json:
    """A table that must exist.

    Raises:
        ApiError: It does not.
    """
    info = table_info(world, name.lower())
    if info is None:
        raise not_found(f"Table '{name}' does not exist.")
    return info


def list_(world: World, call: Call) -> Json:
    """List the tables of a schema, in pages."""
    schema = f"{call.needs('catalog_name')}.{call.needs('schema_name')}".lower()
    world.state.find("schemas", schema, f"Schema '{schema}' does not exist.")
    names = [name for name in all_tables(world) if name.startswith(f"{schema}.")]
    return page(call, "tables", [info for name in names if (info := table_info(world, name))], 50)


def has(world: World, call: Call) -> Json:
    """Tell whether there is a table of that name."""
    return {"table_exists": table_info(world, call.names["name"].lower()) is not None}


def delete(world: World, call: Call) -> None:
    """Drop a table with its rows."""
    found_table(world, call.names["name"])
    drop_table(world, call.names["name"].lower())


def get_function(world: World, call: Call) -> Json:
    """Get a function that CREATE FUNCTION made."""
    name = call.names["name"].lower()
    return world.state.find("functions", name, f"Function '{name}' does not exist.")


def list_functions(world: World, call: Call) -> Json:
    """List the functions of a schema, in pages."""
    schema = f"{call.needs('catalog_name')}.{call.needs('schema_name')}".lower()
    world.state.find("schemas", schema, f"Schema '{schema}' does not exist.")
    values = [v for name, v in sorted(world.state.all("functions").items()) if name.startswith(f"{schema}.")]
    return page(call, "functions", values)


def delete_function(world: World, call: Call) -> None:
    """Remove a function."""
    get_function(world, call)
    world.state.remove("functions", call.names["name"].lower())
    world.state.remove("function_texts", call.names["name"].lower())


ROUTES = (
    Route("GET", f"{PATH}/tables", list_),
    Route("GET", f"{PATH}/tables/{{name}}/exists", has, gives=catalog.TableExistsResponse),
    Route("GET", f"{PATH}/tables/{{name}}", get, gives=catalog.TableInfo),
    Route("DELETE", f"{PATH}/tables/{{name}}", delete),
    Route("GET", f"{PATH}/functions", list_functions),
    Route("GET", f"{PATH}/functions/{{name}}", get_function, gives=catalog.FunctionInfo),
    Route("DELETE", f"{PATH}/functions/{{name}}", delete_function),
)
