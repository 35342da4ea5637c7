"""What an update does with tables that the code no longer defines (specification §4.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weir.graph.analysis import Graph
from weir.model.definitions import Pipeline
from weir.plan.steps import Plan, Setup, SetupStep

GONE = "its definition is gone"


def with_left_over(plan: Plan, pipeline: Pipeline, graph: Graph, left_over: Mapping[str, bool]) -> Plan:
    """The plan that also marks or drops tables whose definition is gone.

    Args:
        left_over: Such a table -> whether it is marked already; a marked one is not told again.
    """
    steps = tuple(_steps(pipeline, graph, left_over))
    return Plan((*steps, *plan.steps), (*plan.notices, *map(_notice, steps)))


def _steps(pipeline: Pipeline, graph: Graph, left_over: Mapping[str, bool]) -> Iterator[SetupStep]:
    read = frozenset[str]().union(*(d.inputs for d in graph.datasets.values()))
    drops = pipeline.configuration.get("pipelines.dropInactiveTables", "false").lower() == "true"
    for name, marked in left_over.items():
        if drops and name not in read:
            yield SetupStep(Setup.DROP, name, f"{GONE}; pipelines.dropInactiveTables is true")
        elif not marked:
            yield SetupStep(Setup.DEACTIVATE, name, GONE)


def _notice(step: SetupStep) -> str:
    if step.verb is Setup.DROP:
        return f"{step.dataset} is no longer defined and is dropped: pipelines.dropInactiveTables is true."
    return (
        f"{step.dataset} is no longer defined: the table becomes inactive. It stays as it is, can be read, "
        "and is not refreshed; pipelines.dropInactiveTables=true drops such tables."
    )
