"""Is a materialized view up to date already? What it was made of stands in the commit that wrote it (§9)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from weir.graph.analysis import ResolvedSink, ResolvedTable
from weir.model.definitions import Expectation, MaterializedView, Table
from weir.model.events import Event, planning_information
from weir.plan.steps import Step
from weir.run.code.call import FlowCall
from weir.run.frames.fingerprint import Lineage, configuration_of, fingerprint, lineage_of
from weir.run.frames.quality import WatchedFrame
from weir.run.lake.storage import Storage

KEY = "weir/refresh"
# The name and the place make no difference; the rules and the final schema have parts of their own.
TOLD_ELSEWHERE = frozenset({"name", "origin", "expectations", "schema"})


@dataclass(frozen=True, slots=True)
class RefreshInputs:
    """What a refresh was made of: four things that must all be equal for the next to be left out.

    Attributes:
        definition: Fingerprint of schema, layout, properties and comment.
        configuration: Fingerprint of Spark's version, the session's and the pipeline's configuration.
        query: Fingerprint of the plan and of the rules, those of views included.
        tables: Path, id and version of all that was read.
    """

    definition: str
    configuration: str
    query: str
    tables: tuple[str, ...]


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
    technique: str = "COMPLETE_RECOMPUTE"
    issue: str | None = None
    over_delta: bool = False

    @property
    def nothing_new(self) -> bool:
        """The table is as a recompute would make it."""
        return self.technique == "NO_OP"

    def event(self, step: Step) -> Event:
        """The event that tells it."""
        return planning_information(step.dataset, step.flow_name, self.technique, self.issue)


def refresh_of(
    call: FlowCall, step: Step, dataset: ResolvedTable | ResolvedSink, watched: WatchedFrame
) -> Refresh | None:
    """Compare what a materialized view would be made of with what its last commit says; None for a stream.

    Args:
        call: The call of the flow's function on the real tables.
        watched: What it returned, under its rules.
    """
    if not (isinstance(dataset, ResolvedTable) and isinstance(dataset.dataset, MaterializedView)):
        return None
    lineage = lineage_of(watched.df)
    if lineage is None:
        return Refresh("")
    over_delta = lineage.issue != "INPUT_NOT_IN_DELTA"
    inputs = _refresh_inputs(call, dataset, watched, lineage)
    record = json.dumps({KEY: asdict(inputs)})
    if step.anew:
        return Refresh(record, over_delta=over_delta)
    issue = "PLAN_NOT_DETERMINISTIC" if call.looked else lineage.issue
    issue = issue or _difference(inputs, recorded(call.world.storage, dataset.name))
    return Refresh(record, "COMPLETE_RECOMPUTE" if issue else "NO_OP", issue, over_delta)


def _refresh_inputs(
    call: FlowCall, dataset: ResolvedTable, watched: WatchedFrame, lineage: Lineage
) -> RefreshInputs:
    session, pipeline, defined = call.world.session, call.world.pipeline, dataset.dataset
    rules = [_rules(defined.expectations), *(_rules(v.rules) for v in call.watched)]
    schema = dataset.schema.json() if dataset.schema is not None else watched.df.schema.json()
    entries = str(sorted(pipeline.configuration.items()))
    configuration = [session.version, configuration_of(watched.df), entries]
    return RefreshInputs(
        fingerprint([schema, definition_text(defined)]),
        fingerprint(configuration),
        fingerprint([lineage.query, str(rules)]),
        lineage.tables,
    )


def definition_text(dataset: Table) -> str:
    """All that a definition says of its table: a field that is added later counts by itself."""
    content = {f.name: getattr(dataset, f.name) for f in fields(dataset) if f.name not in TOLD_ELSEWHERE}
    return str(content)


def _rules(rules: tuple[Expectation, ...]) -> list[tuple[str, str, str]]:
    return [(r.name, r.text, str(r.action)) for r in rules]


def recorded(storage: Storage, name: str) -> RefreshInputs | None:
    """What the last commit was made of; None if it is another's: an ALTER, a hand's."""
    try:
        inputs: Mapping[str, Any] = json.loads(storage.last_commit(name).get("userMetadata") or "")[KEY]
        return RefreshInputs(**{**inputs, "tables": tuple(inputs["tables"])})
    except (ValueError, TypeError, KeyError):
        return None


def _difference(inputs: RefreshInputs, before: RefreshInputs | None) -> str | None:
    if before is None:
        return "CHANGE_SET_MISSING"
    issues = {
        "definition": "DATA_SCHEMA_CHANGED",
        "configuration": "CONFIGURATION_CHANGED",
        "query": "QUERY_FINGERPRINT_CHANGED",
        "tables": "DATA_HAS_CHANGED",
    }
    changed = (part for part in issues if getattr(inputs, part) != getattr(before, part))
    return next((issues[part] for part in changed), None)
