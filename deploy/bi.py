"""What BI tools need to read the gold tables of a target, out of the workspace's own list of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from deploy.api import Api
from deploy.facts import Facts
from deploy.kinds.securables import PATH
from deploy.values import Json
from weir.bi.files import export_files
from weir.bi.values import Export, Warehouse, WarehouseColumn, WarehouseTable

TYPES = {"INT": "integer", "LONG": "long", "SHORT": "short", "BYTE": "byte"}
KNOWN = frozenset(
    ["STRING", "FLOAT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP_NTZ", *TYPES]
)  # fmt: skip


def write_bi(api: Api, facts: Facts, tables: Mapping[str, Json]) -> Path | None:
    """Write the files of all gold tables; they hold no credentials.

    Args:
        tables: The tables as the sources define them, by their full names.

    Returns:
        Their folder; None where there is no such table.
    """
    told = tuple(_gold(api, tables))
    host = urlsplit(api.client.config.host or "").netloc
    if not told:
        return None
    folder = facts.bundle.file.parent / ".weir" / "bi" / facts.bundle.target
    export = Export(facts.bundle.name, facts.bundle.target, Warehouse(host, api.warehouse), told)
    for name, text in export_files(export).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


def _gold(api: Api, tables: Mapping[str, Json]) -> Iterator[WarehouseTable]:
    for name in sorted(name for name, table in tables.items() if table["quality"] == "gold"):
        info = api.get(f"{PATH}/tables/{name}")
        if info is not None:
            catalog, schema, table = name.split(".")
            yield WarehouseTable(catalog, schema, table, tuple(_columns(info)), info.get("comment"))


def _columns(info: Json) -> Iterator[WarehouseColumn]:
    for column in info.get("columns", []):
        kind: str = column["type_name"]
        if kind == "DECIMAL":
            yield WarehouseColumn(column["name"], column["type_text"], column.get("comment"))
        elif kind in KNOWN:
            yield WarehouseColumn(column["name"], TYPES.get(kind) or kind.lower(), column.get("comment"))
