"""What the pages draw besides one update: pipelines, who runs them, what a dataset was over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from weir.run.lake.lock import Holder
from weir.web.states.state import Column, DatasetState, UpdateState, UpdateSummary


@dataclass(frozen=True, slots=True)
class PipelineState:
    """A pipeline of the storage or of the bundle, on the first page.

    Attributes:
        updates: Its last ones, the newest last.
        last: The newest in full; None if it never ran.
        holder: Who runs it now.
        trouble: Why its log can't be read, in a sentence.
    """

    name: str
    updates: tuple[UpdateSummary, ...] = ()
    last: UpdateState | None = None
    holder: Holder | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class DatasetRun:
    """What one update did with a dataset; `state` has counts of rules by update, for sparklines."""

    update: UpdateSummary
    state: DatasetState


@dataclass(frozen=True, slots=True, order=True)
class ColumnEdge:
    """A column is made of another.

    Attributes:
        how: IDENTITY, TRANSFORMATION or AGGREGATION.
    """

    source_table: str
    source_column: str
    target_table: str
    target_column: str
    how: str


@dataclass(frozen=True, slots=True)
class DatasetDetails:
    """What the panel of a dataset adds to its state in the shown update.

    Attributes:
        columns: As the table has them now, else as the flows of the update gave them.
        properties: Of the table, as SHOW TBLPROPERTIES lists them.
        made_of: The edges that lead to its columns, and `goes_into` those that leave them, one step far.
        history: The last updates that had it, the oldest first.
        versions: Versions of the table -> the update that left them.
        generation: How often the table was reset; None where there is none.
        checkpoints: Flow -> the folder of its checkpoint in this generation.
    """

    name: str
    columns: tuple[Column, ...] = ()
    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    made_of: tuple[ColumnEdge, ...] = ()
    goes_into: tuple[ColumnEdge, ...] = ()
    history: tuple[DatasetRun, ...] = ()
    versions: Mapping[int, str] = field(default_factory=dict[int, str])
    generation: int | None = None
    checkpoints: Mapping[str, str] = field(default_factory=dict[str, str])

    def before(self, update: str) -> DatasetRun | None:
        """The last update before another one that had the dataset."""
        at = next((n for n, run in enumerate(self.history) if run.update.id == update), 0)
        return self.history[at - 1] if at else None

    def changed_since(self, update: str) -> UpdateSummary | None:
        """The first update after another one that defined it otherwise; None where there is none."""
        known = [run for run in self.history if run.state.definition]
        then = next((n for n, run in enumerate(known) if run.update.id == update), len(known))
        later = (r.update for r in known[then:] if r.state.definition != known[then].state.definition)
        return next(later, None)
