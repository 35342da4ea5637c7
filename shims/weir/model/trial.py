"""What a test changes of the world in which its pipeline runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """As it is made, nothing is changed.

    Attributes:
        now: What time it is for queries, with a zone; None for the clock's.
        failing: Full name of a dataset -> a condition in SQL: its flows fail at the first row that meets it.
    """

    now: datetime | None = None
    failing: Mapping[str, str] = field(default_factory=dict[str, str])
