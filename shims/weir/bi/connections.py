"""The warehouse for Power BI, Looker Studio and JDBC, one connection a schema; never with credentials."""

from __future__ import annotations

import json

from weir.bi.values import Export, Warehouse


def pbids(warehouse: Warehouse, catalog: str, schema: str) -> str:
    """The text of a .pbids file: it takes one connection, and queries run in the warehouse."""
    details = {
        "protocol": "databricks-sql",
        "address": {"host": warehouse.host, "path": warehouse.path},
        "authentication": None,
        "query": None,
    }
    options = {"Catalog": catalog, "Database": schema}
    connection = {"details": details, "options": options, "mode": "DirectQuery"}
    return json.dumps({"version": "0.1", "connections": [connection]}, indent=2, ensure_ascii=False) + "\n"


def looker_studio(export: Export, catalog: str, schema: str) -> str:
    """What its Databricks connector asks for, with the tables that can be chosen there."""
    fields = {
        "connector": "Databricks",
        "server_hostname": export.warehouse.host,
        "port": 443,
        "http_path": export.warehouse.path,
        "catalog": catalog,
        "schema": schema,
        "tables": [t.name for t in export.tables if (t.catalog, t.schema) == (catalog, schema)],
    }
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def jdbc_url(warehouse: Warehouse, catalog: str, schema: str) -> str:
    """For Databricks' driver, com.databricks.client.jdbc.Driver: user `token`, the password is one."""
    settings = {
        "transportMode": "http",
        "ssl": "1",
        "AuthMech": "3",
        "httpPath": warehouse.path,
        "ConnCatalog": catalog,
        "ConnSchema": schema,
    }
    listed = ";".join(f"{name}={value}" for name, value in settings.items())
    return f"jdbc:databricks://{warehouse.host}:443/default;{listed}"
