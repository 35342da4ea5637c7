"""Masks and row filters: pipelines set them by their definitions, and this repairs what is not so."""

from __future__ import annotations

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.kinds.securables import PATH
from deploy.values import Change, Json, Remote, Resource
from weir.model.names import quoted

WORDS = {"STREAMING_TABLE": "STREAMING TABLE", "MATERIALIZED_VIEW": "MATERIALIZED VIEW"}


class Masks(Named):
    """The mask of a column, by the column's full name, or the row filter of a table, by the table's."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """The function that masks the column or filters the rows; None where there is none."""
        table, column = _parts(key)
        found = _table(api, table) or {}
        columns = {c["name"]: c.get("mask") for c in found.get("columns", [])}
        call = columns.get(column) if column else found.get("row_filter")
        using = call and (call.get("using_column_names") or call.get("input_column_names") or [])
        return Remote(key, {"function": call["function_name"], "using": using}) if call else None

    def create(self, api: Api, resource: Resource) -> str:
        """Mask the column or filter the rows, unless the first update has done it meanwhile."""
        known = self.get(api, resource.name)
        if known is not None and known.fields == resource.fields:
            return resource.name
        table, column = _parts(resource.name)
        word = WORDS.get((_table(api, table) or {}).get("table_type", ""), "TABLE")
        name, function = (_quoted(n) for n in (table, resource.fields["function"]))
        using = ", ".join(map(quoted, resource.fields["using"]))
        others = f" USING COLUMNS ({using})" if using else ""
        what = f"ALTER COLUMN {quoted(column)} SET MASK {function}{others}"
        api.rows(f"ALTER {word} {name} {what if column else f'SET ROW FILTER {function} ON ({using})'}")
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Mask it by the right function."""
        del remote, changes
        self.create(api, resource)

    def delete(self, api: Api, key: str) -> None:
        """The pipeline takes away what its definitions no longer say."""


def _parts(key: str) -> tuple[str, str]:
    """The full name of a table, and of a column of it."""
    parts = key.split(".")
    return ".".join(parts[:3]), ".".join(parts[3:])


def _table(api: Api, name: str) -> Json | None:
    return api.get(f"{PATH}/tables/{name}")


def _quoted(name: str) -> str:
    return ".".join(quoted(part) for part in name.split("."))
