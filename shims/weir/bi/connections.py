"""The warehouse for Power BI and JDBC, one connection a schema; credentials are asked for, never written."""

from __future__ import annotations

import json

from weir.bi.values import Warehouse


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
