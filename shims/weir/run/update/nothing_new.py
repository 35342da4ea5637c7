"""A triggered update with nothing new, told without Spark by what the last update left for it.

An update that completes leaves what everything looks like that decides what an update does, and what one
with nothing new would tell. As long as all looks the same, the next one tells that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from weir.model.counts import NOTHING
from weir.model.events import Event, deprecation
from weir.model.no_op import Looks, NothingNew, difference
from weir.model.results import DatasetResult, RuleResult, State
from weir.model.settings import Settings
from weir.plan.no_op import STREAMS, flow_events
from weir.plan.outline import Outline, outline_of
from weir.plan.steps import Step, Verb
from weir.run.flow.attempt import FlowOutcome
from weir.run.lake.storage import Storage
from weir.run.listeners.definition_events import definition_events, runtime_details
from weir.run.listeners.outcomes import FlowEnds, dataset_results
from weir.run.update.surroundings import Ended, looks_after, looks_now
from weir.run.update.update import Update


def forget(settings: Settings) -> None:
    """An update begins: what the last one has left no longer holds."""
    Storage(settings.storage).nothing_new(settings.name).unlink(missing_ok=True)


def leave(ended: Ended) -> str | None:
    """Leave for the next update what it takes to tell that there is nothing new.

    Returns:
        Why that can't be; None if it is left.
    """
    looks = looks_after(ended)
    if isinstance(looks, str):
        return looks
    file = ended.world.storage.nothing_new(ended.settings.name)
    outline = outline_of(ended.graph, ended.next_plan)
    content = {"looks": asdict(looks), "outline": asdict(outline), "tells": asdict(_tells(ended))}
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(content, default=str), encoding="utf-8")
    draft.replace(file)
    return None


def expected(settings: Settings, request: Mapping[str, str]) -> tuple[Outline, NothingNew] | None:
    """What an update would tell now, if there is nothing new and that is known.

    Args:
        request: What settings, environment and program look like now.
    """
    try:
        text = Storage(settings.storage).nothing_new(settings.name).read_text(encoding="utf-8")
        content = json.loads(text)
        before = Looks(**content["looks"])
        if difference(before, looks_now(before, request, settings.storage)) is not None:
            return None
        return _outline(content["outline"]), _nothing_new(content["tells"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def tell(update: Update, outline: Outline, nothing_new: NothingNew) -> tuple[DatasetResult, ...]:
    """Let an update tell that there is nothing new."""
    update.record(runtime_details(nothing_new.runtime))
    update.progress("INITIALIZING")
    for sentence in nothing_new.sentences:
        update.listeners.say(sentence)
    update.listeners.planned(outline)
    for event in nothing_new.definitions:
        update.record(event)
    update.progress("SETTING_UP_TABLES")
    update.progress("RUNNING")
    for event in nothing_new.flows:
        update.record(event)
    update.ended(nothing_new.datasets)
    return nothing_new.datasets


def _tells(ended: Ended) -> NothingNew:
    world, graph, plan = ended.world, ended.graph, ended.next_plan
    versions = {name: world.storage.version(name) for name in graph.targets}
    outcomes = {s.flow_name: _outcome(s, ended.executor.ended.outcomes[s.flow_name]) for s in plan.flows}
    deprecations = (deprecation(code, text) for code, text in world.pipeline.deprecations.items())
    return NothingNew(
        world.session.version,
        ended.opening.sentences,
        (*deprecations, *definition_events(graph)),
        tuple(flow_events(plan, versions)),
        dataset_results(graph, plan, FlowEnds(outcomes)),
        tuple(graph.outside),
    )


def _outcome(step: Step, last: FlowOutcome) -> FlowOutcome:
    """How a flow ends that finds nothing new: its views are those that it read the last time."""
    if step.verb not in STREAMS:
        return FlowOutcome(replace(step, verb=Verb.SKIP))
    return FlowOutcome(step, views=tuple(replace(view, counts=NOTHING) for view in last.views))


def _outline(content: Mapping[str, Any]) -> Outline:
    return Outline(**{**content, **_tuples(content, "leaves", "steps", "notices")})


def _nothing_new(content: Mapping[str, Any]) -> NothingNew:
    return NothingNew(
        content["runtime"],
        tuple(content["sentences"]),
        tuple(map(_event, content["definitions"])),
        tuple(map(_event, content["flows"])),
        tuple(map(_result, content["datasets"])),
        tuple(content["reads"]),
    )


def _event(content: Mapping[str, Any]) -> Event:
    return Event(**{**content, "error": ()})


def _result(content: Mapping[str, Any]) -> DatasetResult:
    rules = tuple(RuleResult(**rule) for rule in content["expectations"])
    return DatasetResult(**{**content, "state": State(content["state"]), "expectations": rules})


def _tuples(content: Mapping[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(content[name]) for name in names}
