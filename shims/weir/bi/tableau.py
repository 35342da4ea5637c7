"""A data source of Tableau for a table, through its Databricks connector; Tableau asks for the credentials.

Since catalogs are known to that connector (the feature `DatabricksCatalog` of the file), `dbname` is the
catalog; before, it was the path of the warehouse.
"""

from __future__ import annotations

import shlex
from xml.etree import ElementTree as ET

from weir.bi.values import Export, Measure, Tableau, ValueKind, WarehouseColumn, WarehouseTable

# What Tableau calls a type, and how it makes one value of several.
_TYPES = {
    ValueKind.TEXT: ("string", "Count"),
    ValueKind.WHOLE: ("integer", "Sum"),
    ValueKind.DECIMAL: ("real", "Sum"),
    ValueKind.REAL: ("real", "Sum"),
    ValueKind.BOOLEAN: ("boolean", "Count"),
    ValueKind.DATE: ("date", "Year"),
    ValueKind.TIME: ("datetime", "Year"),
}
# The numbers of OLE DB.
_REMOTE = {
    "string": "129", "byte": "16", "short": "2", "integer": "3", "long": "20", "float": "4", "double": "5",
    "boolean": "11", "date": "7", "timestamp": "7", "timestamp_ntz": "7",
}  # fmt: skip
_DECIMAL = "131"
_NUMBERS = frozenset({ValueKind.WHOLE, ValueKind.DECIMAL, ValueKind.REAL})


def data_source(export: Export, table: WarehouseTable) -> str:
    """The text of the .tds file."""
    about = {"formatted-name": export.label(table), "inline": "true", "version": "18.1"}
    root = ET.Element("datasource", about)
    features = ET.SubElement(root, "document-format-change-manifest")
    ET.SubElement(features, "DatabricksCatalog")
    root.append(_connection(export, table))
    root.extend(_column(column) for column in table.columns)
    ET.indent(root)
    return f"<?xml version='1.0' encoding='utf-8' ?>\n{ET.tostring(root, encoding='unicode')}\n"


def publishing(export: Export, to: Tableau) -> str:
    """Commands of `tabcmd` that publish the data sources; it asks for the credentials."""
    login = shlex.join(["tabcmd", "login", "--server", to.server, "--site", to.site])
    names = [f"{export.label(table)}.tds" for table in export.tables]
    rest = [shlex.join(["tabcmd", "publish", n, "--project", to.project, "--overwrite"]) for n in names]
    return "\n".join(["#!/bin/sh", "set -e", 'cd "$(dirname "$0")"', login, *rest]) + "\n"


def _connection(export: Export, table: WarehouseTable) -> ET.Element:
    federated = ET.Element("connection", {"class": "federated"})
    named = ET.SubElement(federated, "named-connections")
    host, leaf = export.warehouse.host, f"databricks.{export.target}"
    entry = ET.SubElement(named, "named-connection", {"caption": host, "name": leaf})
    ET.SubElement(entry, "connection", {
        "class": "databricks", "authentication": "auth-pass", "server": host,
        "v-http-path": export.warehouse.path, "dbname": table.catalog, "schema": table.schema,
    })  # fmt: skip
    ET.SubElement(federated, "relation", {
        "connection": leaf, "name": table.name, "type": "table",
        "table": ".".join(_bracketed(part) for part in (table.catalog, table.schema, table.name)),
    })  # fmt: skip
    records = ET.SubElement(federated, "metadata-records")
    records.extend(_record(table, column, n) for n, column in enumerate(table.columns, 1))
    return federated


def _record(table: WarehouseTable, column: WarehouseColumn, ordinal: int) -> ET.Element:
    kind, aggregation = _TYPES[column.kind]
    record = ET.Element("metadata-record", {"class": "column"})
    facts = {
        "remote-name": column.name, "remote-type": _REMOTE.get(column.type, _DECIMAL),
        "local-name": _bracketed(column.name), "parent-name": _bracketed(table.name),
        "remote-alias": column.name, "ordinal": str(ordinal), "local-type": kind,
        "aggregation": aggregation, "contains-null": "true",
    }  # fmt: skip
    for name, text in facts.items():
        ET.SubElement(record, name).text = text
    return record


def _column(column: WarehouseColumn) -> ET.Element:
    number = column.kind in _NUMBERS
    measure = number and column.measure is not None
    ordered = number or column.kind in {ValueKind.DATE, ValueKind.TIME}
    element = ET.Element("column", {
        "caption": column.caption, "datatype": _TYPES[column.kind][0], "name": _bracketed(column.name),
        "role": "measure" if measure else "dimension",
        "type": "quantitative" if measure else "ordinal" if ordered else "nominal",
    })  # fmt: skip
    if measure:
        element.set("aggregation", "Avg" if column.measure is Measure.AVERAGE else "Sum")
    if column.comment:
        text = ET.SubElement(ET.SubElement(element, "desc"), "formatted-text")
        ET.SubElement(text, "run").text = column.comment
    return element


def _bracketed(name: str) -> str:
    return f"[{name.replace(']', ']]')}]"
