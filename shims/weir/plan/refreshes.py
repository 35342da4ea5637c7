"""How an update refreshes materialized views (§9), as far as that is known before their queries are called.

A plan knows the definition, the configuration and the versions of the tables that were read. Only the
run knows the query on the real tables, so it compares everything again before it leaves a view as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Protocol

from weir.graph.analysis import Graph, ResolvedDataset, ResolvedTable
from weir.model.definitions import MaterializedView, Table
from weir.model.lineage import TableRead
from weir.model.refresh import NO_OP, RECOMPUTE, RefreshDecision, RefreshInput, RefreshInputs
from weir.model.texts import fingerprint
from weir.plan.steps import Plan, SetupStep, Step, Verb

NO_EARLIER, CHANGED_ROWS = "CHANGE_SET_MISSING", "DATA_HAS_CHANGED"
# The parts of a refresh in the order in which they are compared -> the issue of one that is another.
ISSUES = {
    "definition": "DATA_SCHEMA_CHANGED",
    "settings": "CONFIGURATION_CHANGED",
    "session": "CONFIGURATION_CHANGED",
    "query": "QUERY_FINGERPRINT_CHANGED",
    "tables": CHANGED_ROWS,
}
_WORDS = {
    NO_EARLIER: "no earlier refresh to compare with",
    "DATA_SCHEMA_CHANGED": "its definition has changed",
    "CONFIGURATION_CHANGED": "the configuration has changed",
}
FULL_REFRESH = RefreshDecision(RECOMPUTE, "recompute: full refresh")
# The name and the place make no difference; the rules and the final schema have parts of their own.
TOLD_ELSEWHERE = frozenset({"name", "origin", "expectations", "schema"})


class LastRefreshes(Protocol):
    """What a plan asks of the logs of tables; reading only."""

    def last_refresh(self, name: str) -> RefreshInputs | None:
        """What the last commit of a materialized view was made of; None if it is no refresh."""
        ...

    def version_now(self, read: TableRead) -> TableRead | None:
        """What a read of a table would find now; None where that can't be seen."""
        ...


def with_refreshes(plan: Plan, graph: Graph, configuration: Mapping[str, str], past: LastRefreshes) -> Plan:
    """The plan that also says how each materialized view is refreshed.

    Args:
        configuration: The pipeline's.
    """
    written = frozenset(s.dataset for s in plan.flows if s.verb is not Verb.SKIP)

    def refreshed(step: SetupStep | Step) -> SetupStep | Step:
        view = _view(graph.datasets[step.dataset]) if step.verb is Verb.REFRESH else None
        if view is None or isinstance(step, SetupStep):
            return step
        decision = FULL_REFRESH if step.anew else decision_of(view, configuration, past, written)
        return replace(step, refresh=decision, why=decision.why)

    return replace(plan, steps=tuple(map(refreshed, plan.steps)))


def _view(dataset: ResolvedDataset) -> ResolvedTable | None:
    """A materialized view whose schema is known; else the run decides."""
    if not isinstance(dataset, ResolvedTable) or dataset.schema is None:
        return None
    return dataset if isinstance(dataset.dataset, MaterializedView) else None


def decision_of(
    table: ResolvedTable, configuration: Mapping[str, str], past: LastRefreshes, written: frozenset[str]
) -> RefreshDecision:
    """How a materialized view is refreshed.

    Args:
        configuration: The pipeline's.
        written: The tables that this update may write.
    """
    before = past.last_refresh(table.name)
    if before is None:
        return _recompute(NO_EARLIER)
    inputs = tuple(RefreshInput(t, past.version_now(t), t.table in written) for t in before.tables)
    expected = replace(
        before,
        definition=definition_of(table),
        settings=settings_of(configuration, table),
        tables=tuple(i.now or i.before for i in inputs),
    )
    issue = issue_of(expected, before)
    return _recompute(issue, inputs) if issue else _open(before, inputs)


def issue_of(inputs: RefreshInputs, before: RefreshInputs | None) -> str | None:
    """Why a refresh must recompute; None where it would give the rows of the one before."""
    if before is None:
        return NO_EARLIER
    changed = (part for part in ISSUES if getattr(inputs, part) != getattr(before, part))
    return next((ISSUES[part] for part in changed), None)


def definition_of(table: ResolvedTable) -> str:
    """The fingerprint of a definition, with its final schema."""
    return fingerprint([table.schema.json(), definition_text(table.dataset)])


def definition_text(dataset: Table) -> str:
    """All that a definition says of its table: a field that is added later counts by itself."""
    content = {f.name: getattr(dataset, f.name) for f in fields(dataset) if f.name not in TOLD_ELSEWHERE}
    return str(content)


def settings_of(configuration: Mapping[str, str], table: ResolvedTable) -> str:
    """The fingerprint of a pipeline's configuration and that of a table's flows."""
    entries = [configuration, *(f.flow.session_conf for f in table.flows)]
    return fingerprint([str(sorted(e.items())) for e in entries])


def _recompute(issue: str, inputs: tuple[RefreshInput, ...] = ()) -> RefreshDecision:
    changed = dict.fromkeys(str(i) for i in inputs if i.now not in {None, i.before})
    reason = ", ".join(changed) if issue == CHANGED_ROWS else _WORDS[issue]
    return RefreshDecision(RECOMPUTE, f"recompute: {issue} ({reason})", issue, inputs)


def _open(before: RefreshInputs, inputs: tuple[RefreshInput, ...]) -> RefreshDecision:
    """Nothing that is known by now has changed."""
    if before.issue:
        return RefreshDecision(RECOMPUTE, f"recompute: {before.issue} at its last refresh", None, inputs)
    same = ", ".join(dict.fromkeys(map(str, inputs))) or "what it reads"
    moving = dict.fromkeys(i.before.table for i in inputs if i.written or i.now is None)
    unless = f", unless {' or '.join(moving)} changes until then" if moving else ""
    return RefreshDecision(NO_OP, f"leave: nothing new in {same}{unless}", None, inputs)
