"""Masks of columns: pipelines set them by their definitions, and this finds those that are not there."""

from __future__ import annotations

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.kinds.securables import PATH
from deploy.values import Change, Json, Remote, Resource
from weir.model.names import quoted

WORDS = {"STREAMING_TABLE": "STREAMING TABLE", "MATERIALIZED_VIEW": "MATERIALIZED VIEW"}


class Masks(Named):
    """The mask of a column, by the column's full name."""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """The function that masks the column; None where there is none."""
        table, _, column = key.rpartition(".")
        columns = (_table(api, table) or {}).get("columns", [])
        mask = next((c.get("mask") for c in columns if c["name"] == column), None)
        if not mask:
            return None
        return Remote(key, {"function": mask["function_name"], "using": mask.get("using_column_names", [])})

    def create(self, api: Api, resource: Resource) -> str:
        """Mask the column."""
        table, _, column = resource.name.rpartition(".")
        word = WORDS.get((_table(api, table) or {}).get("table_type", ""), "TABLE")
        name, function = (_quoted(n) for n in (table, resource.fields["function"]))
        using = ", ".join(map(quoted, resource.fields["using"]))
        others = f" USING COLUMNS ({using})" if using else ""
        api.rows(f"ALTER {word} {name} ALTER COLUMN {quoted(column)} SET MASK {function}{others}")
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Mask it by the right function."""
        del remote, changes
        self.create(api, resource)

    def delete(self, api: Api, key: str) -> None:
        """The pipeline takes away what its definitions no longer say."""


def _table(api: Api, name: str) -> Json | None:
    return api.get(f"{PATH}/tables/{name}")


def _quoted(name: str) -> str:
    return ".".join(quoted(part) for part in name.split("."))
