"""Would the next update move nothing, as long as nothing changes? And which events would tell it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weir.graph.analysis import AnalysisDeferred, Graph
from weir.model.definitions import Pipeline, SnapshotFlow
from weir.model.events import Event, flow_progress, planning_information
from weir.model.refresh import NO_OP
from weir.plan.steps import Plan, Step, Verb

STREAMS = frozenset({Verb.STREAM, Verb.COMPLETE, Verb.CHANGE})


def obstacle(pipeline: Pipeline, graph: Graph, plan: Plan) -> str | None:
    """Why an update may do something though nothing has changed; None if it does not.

    Args:
        plan: What an update would do now.
    """
    if pipeline.hooks:
        return "event hooks hear of every update"
    flows = {f.name: f for f in pipeline.flows}
    deferred = [d.name for d in graph.datasets.values() for f in d.flows if _is_deferred(f.analysis)]
    moving = (str(s) for s in plan.flows if not _rests(s, flows))
    return next(iter((*map(str, plan.setup), *deferred, *sorted(plan.excluded), *moving)), None)


def _is_deferred(analysis: object) -> bool:
    return isinstance(analysis, AnalysisDeferred)


def _rests(step: Step, flows: Mapping[str, object]) -> bool:
    """Does it move nothing where there is nothing new?"""
    if step.verb is Verb.REFRESH:
        return step.refresh is not None and step.refresh.technique == NO_OP
    return step.verb in STREAMS and not isinstance(flows[step.flow_name], SnapshotFlow)


def flow_events(plan: Plan, versions: Mapping[str, int | None]) -> Iterator[Event]:
    """The events of flows that find nothing new.

    Args:
        versions: Table -> its version.
    """
    for step in plan.flows:
        yield flow_progress(step.dataset, step.flow_name, "QUEUED")
    for step in plan.flows:
        yield flow_progress(step.dataset, step.flow_name, "STARTING")
        if step.verb is Verb.REFRESH:
            yield planning_information(step.dataset, step.flow_name, NO_OP, None)
        else:
            yield flow_progress(step.dataset, step.flow_name, "RUNNING")
        version = versions.get(step.dataset)
        left = {"table_version": version} if version is not None else None
        yield flow_progress(step.dataset, step.flow_name, "COMPLETED", details=left)
