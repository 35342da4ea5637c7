"""What a flow made its table of: tables and, column by column, their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Derivation(StrEnum):
    """How a column is made of another; the more it is changed, the later it stands here."""

    IDENTITY = "IDENTITY"
    TRANSFORMATION = "TRANSFORMATION"
    AGGREGATION = "AGGREGATION"

    def then(self, other: Derivation) -> Derivation:
        """How a column is made that goes through both steps: the one that changes more counts."""
        order = list(Derivation)
        return max(self, other, key=order.index)


@dataclass(frozen=True, slots=True, order=True)
class TableColumn:
    """A column of a table, or of files, which have their folder as a name."""

    table: str
    name: str


Origins = Mapping[TableColumn, Derivation]


@dataclass(frozen=True, slots=True, order=True)
class TableVersion:
    """A table as it was read or written; files and topics have no version."""

    table: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class TableRead(TableVersion):
    """A Delta table as a refresh read it, at the version of its rows.

    Attributes:
        id: Delta's id of the table: another table in the same folder has another.
        folder: Where it lies: another folder may be given under the same name the next time.
        fixed: The query itself names the version.
    """

    id: str = ""
    folder: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class FlowLineage:
    """What one flow read in one update.

    Attributes:
        transformation: The flow's type: MATERIALIZED_VIEW, APPEND, COMPLETE, UPDATE, CHANGE.
        sources: What it read; of a stream, the last version that it took rows from.
        columns: Column of the target -> what it is made of; empty where no plan tells.
        completed: It came to its end; else it failed or was stopped.
    """

    flow: str
    target: str
    transformation: str
    sources: tuple[TableVersion, ...]
    columns: Mapping[str, Origins] = field(default_factory=dict[str, Origins])
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What an update read and wrote.

    Attributes:
        written: The tables that have another version than before it.
    """

    flows: tuple[FlowLineage, ...] = ()
    written: tuple[TableVersion, ...] = ()
