"""How a materialized view is refreshed (§9): what a refresh was made of, and what an update decides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from weir.model.lineage import TableRead

RECOMPUTE, NO_OP = "COMPLETE_RECOMPUTE", "NO_OP"


@dataclass(frozen=True, slots=True)
class RefreshInputs:
    """What a refresh was made of: where any of it is another, the next one recomputes.

    Attributes:
        definition: Fingerprint of schema, layout, properties and comment.
        settings: Fingerprint of the configuration of the pipeline and of the flow.
        session: Fingerprint of Spark's version and the session's configuration.
        query: Fingerprint of the plan and of the rules, those of views included.
        tables: All Delta tables that were read, in the order of the reads.
        issue: Why the same inputs may give other rows the next time, an issue type of §9.
    """

    definition: str
    settings: str
    session: str
    query: str
    tables: tuple[TableRead, ...]
    issue: str | None = None


@dataclass(frozen=True, slots=True)
class RefreshInput:
    """A table that the last refresh read.

    Attributes:
        before: As it was read.
        now: As it is; None where only the run can see it.
        written: This update may write it before it refreshes the view.
    """

    before: TableRead
    now: TableRead | None
    written: bool = False

    def __str__(self) -> str:
        name, now = self.before.table, self.now or self.before
        if now == self.before:
            return f"{name} {now.version}"
        same = replace(now, version=None) == replace(self.before, version=None)
        return f"{name} {self.before.version} -> {now.version}" if same else f"{name} is another table"


@dataclass(frozen=True, slots=True)
class RefreshDecision:
    """How an update refreshes a materialized view.

    Attributes:
        technique: COMPLETE_RECOMPUTE or NO_OP. A plan only expects NO_OP: the run compares everything again.
        why: The reason, in words.
        issue: The reason as an issue type of §9; None for a full refresh, and where only the run can tell.
    """

    technique: str
    why: str
    issue: str | None = None
    inputs: tuple[RefreshInput, ...] = ()
