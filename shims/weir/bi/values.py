"""What a BI tool is told: where the SQL warehouse is, which tables there are, what their columns hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from weir.model.problems import Problem, WeirError

LONGEST, SHOWN = 200, 40  # bytes of a file's name without its ending, letters before a hash
_DIMENSION, _KEY = "_dimension", "_key"


class ValueKind(StrEnum):
    """What a column holds, as far as BI tools tell apart."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    REAL = "real"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"


class Measure(StrEnum):
    """How the values of a column become one."""

    SUM = "sum"
    AVERAGE = "average"


_KINDS = {
    "string": ValueKind.TEXT, "byte": ValueKind.WHOLE, "short": ValueKind.WHOLE,
    "integer": ValueKind.WHOLE, "long": ValueKind.WHOLE,
    "float": ValueKind.REAL, "double": ValueKind.REAL, "boolean": ValueKind.BOOLEAN, "date": ValueKind.DATE,
    "timestamp": ValueKind.TIME, "timestamp_ntz": ValueKind.TIME,
}  # fmt: skip
_MEASURED = frozenset({ValueKind.WHOLE, ValueKind.DECIMAL, ValueKind.REAL, ValueKind.BOOLEAN})
MEASURES = "bi.measures"  # the property of a table that declares them


@dataclass(frozen=True, slots=True)
class WarehouseColumn:
    """A column of a type that BI tools know.

    Attributes:
        type: As Delta's log writes it.
        measure: How its values become one, as far as the table declares it. No type tells: a distinct count
            is a whole number that does not add up, and the average of averages is none.
    """

    name: str
    type: str
    comment: str | None = None
    measure: Measure | None = None

    @property
    def kind(self) -> ValueKind:
        """What BI tools take the column for."""
        return ValueKind.DECIMAL if self.type.startswith("decimal") else _KINDS[self.type]

    @property
    def caption(self) -> str:
        """Its name for people: what stands before a colon in its comment, else made from the name."""
        title, colon, _ = (self.comment or "").partition(": ")
        return title if colon else self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class WarehouseTable:
    """A table as the warehouse has it."""

    catalog: str
    schema: str
    name: str
    columns: tuple[WarehouseColumn, ...]
    comment: str | None = None

    @property
    def key(self) -> str | None:
        """The column that identifies a row of `X_dimension`: `X_key`."""
        if not self.name.endswith(_DIMENSION):
            return None
        wanted = self.name.removesuffix(_DIMENSION) + _KEY
        return next((c.name for c in self.columns if c.name == wanted), None)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A SQL warehouse of a workspace."""

    host: str
    id: str

    @property
    def path(self) -> str:
        """The HTTP path under which JDBC and the tools reach it."""
        return f"/sql/1.0/warehouses/{self.id}"


@dataclass(frozen=True, slots=True)
class Tableau:
    """Where data sources are published: the URL of the server, the id of a site, a project."""

    server: str
    site: str
    project: str


@dataclass(frozen=True)
class Export:
    """All that is told.

    Attributes:
        name: Of the model.
        target: Of the bundle.
        tableau: None: nobody publishes data sources.
    """

    name: str
    target: str
    warehouse: Warehouse
    tables: tuple[WarehouseTable, ...]
    tableau: Tableau | None = None

    @property
    def schemas(self) -> tuple[tuple[str, str], ...]:
        """Catalog and schema, each once."""
        return tuple(dict.fromkeys((t.catalog, t.schema) for t in self.tables))

    @cached_property
    def labels(self) -> Mapping[tuple[str, ...], str]:
        """A plain name for each table, and for each schema."""
        tables = [(t.catalog, t.schema, t.name) for t in self.tables]
        return {**_labels(tables), **_labels(self.schemas)}

    def label(self, table: WarehouseTable) -> str:
        """The table's name, with its schema where several have it."""
        return self.labels[table.catalog, table.schema, table.name]

    def dimensions_of(self, table: WarehouseTable) -> Iterator[tuple[str, WarehouseTable]]:
        """The arms of a star: `X_key` of a table leads to `X_key` of `X_dimension` in its schema."""
        for other in self.tables:
            beside = other != table and (other.catalog, other.schema) == (table.catalog, table.schema)
            if beside and other.key in {c.name for c in table.columns}:
                yield other.key, other


def columns_of(schema_json: str, measures: Mapping[str, Measure]) -> Iterator[WarehouseColumn]:
    """The columns of a table out of Delta's schema; nested and binary ones mean nothing to BI tools."""
    for field in json.loads(schema_json)["fields"]:
        kind, name = field["type"], field["name"]
        if isinstance(kind, str) and (kind in _KINDS or kind.startswith("decimal")):
            yield WarehouseColumn(name, kind, field["metadata"].get("comment"), measures.get(name))


def measures_of(table: str, declared: str, schema_json: str) -> dict[str, Measure]:
    """Column -> how its values become one, as the table's property `bi.measures` declares it.

    Args:
        table: The name, for problems.
        declared: Such as `total=sum, minutes=average`.

    Raises:
        WeirError: A column is none, or holds no numbers, or is to be measured otherwise.
    """
    kinds = {column.name: column.kind for column in columns_of(schema_json, {})}
    found, problems = dict[str, Measure](), list[Problem]()
    for part in filter(None, (part.strip() for part in declared.split(","))):
        name, _, how = (text.strip() for text in part.partition("="))
        if kinds.get(name) in _MEASURED and how in list(Measure):
            found[name] = Measure(how)
        else:
            problems.append(
                Problem(
                    "INVALID_TABLE_PROPERTY",
                    f"`{MEASURES}` of `{table}` declares `{part}`, which is no measure.",
                    hint=f"write COLUMN=sum or COLUMN=average, of {', '.join(_measurable(kinds))}",
                )
            )
    if problems:
        raise WeirError(*problems)
    return found


def _measurable(kinds: Mapping[str, ValueKind]) -> list[str]:
    return [name for name, kind in kinds.items() if kind in _MEASURED] or ["none: it has no numbers"]


def _labels(names: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """For each name as many of its last parts as tell it apart; a hash where none do or they are long."""
    ends = {name: [plain("_".join(name[-n:])) for n in range(1, len(name) + 1)] for name in names}
    counts = Counter(label for labels in ends.values() for label in {*labels})
    return {
        name: next(
            (label for label in labels if counts[label] == 1 and len(label.encode()) <= LONGEST),
            f"{labels[0][:SHOWN]}_{sha256(str(name).encode()).hexdigest()[:8]}",
        )
        for name, labels in ends.items()
    }


def plain(name: str) -> str:
    """A name of letters, digits and underscores."""
    return re.sub(r"\W", "_", name)
