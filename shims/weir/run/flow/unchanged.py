"""Is a materialized view up to date already? Asked once its query is known on the real tables (§9)."""

from __future__ import annotations

from dataclasses import dataclass

from weir.graph.analysis import ResolvedSink, ResolvedTable
from weir.model.definitions import Expectation, MaterializedView
from weir.model.events import Event, planning_information
from weir.model.refresh import NO_OP, RECOMPUTE, RefreshInputs
from weir.model.texts import fingerprint
from weir.plan.refreshes import definition_of, issue_of, settings_of
from weir.plan.steps import Step
from weir.run.code.call import FlowCall
from weir.run.frames.fingerprint import Lineage, configuration_of, lineage_of
from weir.run.frames.quality import WatchedFrame
from weir.run.lake.refreshes import commit_metadata, last_refresh


@dataclass(frozen=True, slots=True)
class Refresh:
    """How a materialized view is refreshed.

    Attributes:
        record: The metadata of the commit that writes it; empty over Spark Connect.
        technique: COMPLETE_RECOMPUTE or NO_OP.
        issue: Why it is recomputed, an issue type of §9; None if it was asked for.
        over_delta: It reads Delta tables alone.
    """

    record: str
    technique: str = RECOMPUTE
    issue: str | None = None
    over_delta: bool = False

    @property
    def nothing_new(self) -> bool:
        """The table is as a recompute would make it."""
        return self.technique == NO_OP

    def event(self, step: Step) -> Event:
        """The event that tells it."""
        return planning_information(step.dataset, step.flow_name, self.technique, self.issue)


def refresh_of(
    call: FlowCall, step: Step, dataset: ResolvedTable | ResolvedSink, watched: WatchedFrame
) -> Refresh | None:
    """How a materialized view is refreshed; None for others. What the plan has left open is compared now.

    Args:
        call: The call of the flow's function on the real tables.
        watched: What it returned, under its rules.
    """
    if not (isinstance(dataset, ResolvedTable) and isinstance(dataset.dataset, MaterializedView)):
        return None
    planned = step.refresh.issue if step.refresh else None
    lineage = lineage_of(call.world, watched.df)
    if lineage is None:
        return Refresh("", issue=planned)
    inputs = _inputs(call, dataset, watched, lineage)
    before = last_refresh(call.world.storage, dataset.name)
    issue = None if step.anew else planned or inputs.issue or issue_of(inputs, before)
    technique = RECOMPUTE if step.anew or issue else NO_OP
    return Refresh(commit_metadata(inputs), technique, issue, lineage.issue != "INPUT_NOT_IN_DELTA")


def _inputs(call: FlowCall, dataset: ResolvedTable, watched: WatchedFrame, lineage: Lineage) -> RefreshInputs:
    world = call.world
    rules = [_rules(dataset.dataset.expectations), *(_rules(v.rules) for v in call.watched)]
    return RefreshInputs(
        definition_of(dataset),
        settings_of(world.pipeline.configuration, dataset),
        fingerprint([world.session.version, configuration_of(watched.df)]),
        fingerprint([lineage.query, str(rules)]),
        lineage.tables,
        "PLAN_NOT_DETERMINISTIC" if call.looked else lineage.issue,
    )


def _rules(rules: tuple[Expectation, ...]) -> list[tuple[str, str, str]]:
    return [(r.name, r.text, str(r.action)) for r in rules]
