"""What the panel of a dataset shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from weir.web.reading.profile import ColumnProfile
from weir.web.states.panel import DatasetDetails
from weir.web.states.state import DatasetState, PlanStep, UpdateState
from weir.web.texts.html import Child, Markup


@dataclass(frozen=True, slots=True)
class Panel:
    """What the panel shows.

    Attributes:
        source: The pipeline as commands name it: a key of the bundle, or files.
        rows: The first rows of the chosen version, with `columns`; None where it can't be read.
        profile: Of the columns of that version; None before it is asked for.
        code: Highlighted source, with the number of its first line; None where it can't be shown.
        edited: The file of its definition was written after the update.
        changes: Rows that the update added and took away.
    """

    update: UpdateState
    dataset: DatasetState
    details: DatasetDetails
    source: str
    tab: str = "overview"
    columns: Sequence[str] = ()
    rows: Sequence[Mapping[str, Any]] | None = None
    version: int | None = None
    profile: Sequence[ColumnProfile] | None = None
    code: Markup | None = None
    edited: bool = False
    changes: Child = None

    @property
    def steps(self) -> Sequence[PlanStep]:
        """What the plan had for it."""
        return self.update.steps_of(self.dataset.name)
