"""What statements say, as values: names and texts as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from weir.define.query import NamedColumn
from weir.define.sql.source import SqlText
from weir.model.definitions import Action
from weir.model.origin import Origin

Parts = tuple[str, ...]


class Kind(Enum):
    """What a CREATE statement makes."""

    STREAMING_TABLE = auto()
    MATERIALIZED_VIEW = auto()
    LIVE_VIEW = auto()
    TEMPORARY_VIEW = auto()
    VIEW = auto()


@dataclass(frozen=True, slots=True)
class Constraint:
    """CONSTRAINT name EXPECT (condition) and what happens to a row that breaks it (specification §2.1)."""

    name: str
    condition: str
    action: Action
    origin: Origin


@dataclass(frozen=True, slots=True)
class Elements:
    """What stands between the brackets behind a dataset's name.

    Attributes:
        schema: The columns with types and their constraints, as `schema` of `@dlt.table` has them.
    """

    schema: str | None = None
    columns: tuple[NamedColumn, ...] = ()
    constraints: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """The clauses of AUTO CDC, as arguments of `create_auto_cdc_flow` (§3.2).

    Attributes:
        source: A table or view that is streamed, or the text of what is read.
    """

    source: Parts | SqlText
    arguments: Mapping[str, object]
    once: bool = False


@dataclass(frozen=True, slots=True)
class CreateDataset:
    """CREATE of a table or view.

    Attributes:
        clauses: Arguments of the decorator that says the same.
        content: What fills it; None if flows do.
        once: The query fills a streaming table a single time.
    """

    kind: Kind
    name: Parts
    private: bool
    elements: Elements
    clauses: Mapping[str, object]
    content: SqlText | ChangeOptions | None
    notices: tuple[str, ...] = ()
    once: bool = False


@dataclass(frozen=True, slots=True)
class CreateFlow:
    """CREATE FLOW, or APPLY CHANGES without it.

    Attributes:
        name: The target's where it has none of its own.
        columns: Of the target, where INSERT INTO lists them.
        by_name: Columns go to those of their names, not of their places.
    """

    target: Parts
    content: SqlText | ChangeOptions
    name: str | None = None
    comment: str | None = None
    once: bool = False
    columns: tuple[str, ...] = ()
    by_name: bool = True


@dataclass(frozen=True, slots=True)
class SetValue:
    """SET key = value: an entry of the configuration for what follows in the file (§5.3)."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Use:
    """USE: what completes the names that follow in the file."""

    catalog: str | None = None
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A statement that changes nothing: SET key."""


Statement = CreateDataset | CreateFlow | SetValue | Use | Nothing
