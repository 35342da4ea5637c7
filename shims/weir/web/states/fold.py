"""From events to the state of an update: pure, and the same wherever the log is cut in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from weir.model.definitions import DatasetKind
from weir.web.states.flows import CHANGES, Change
from weir.web.states.log import LogEvent
from weir.web.states.objects import Object, inner, objects, text, texts
from weir.web.states.results import settled
from weir.web.states.schemas import origin_of
from weir.web.states.state import DatasetState, FlowState, PlanStep, RuleState, UpdateState, UpdateSummary
from weir.web.states.status import Status, status_of

_KINDS = frozenset(map(str, DatasetKind))
_ACTIONS = {"ALLOW": "warn", "DROP": "drop", "FAIL": "fail"}


def before_its_events(update_id: str) -> UpdateState:
    """An update of which nothing is known yet."""
    return UpdateState(UpdateSummary(update_id, Status.WAITING_FOR_RESOURCES))


def fold(update: UpdateState, events: Iterable[LogEvent]) -> UpdateState:
    """The state of an update after more of its events.

    Args:
        update: Its state so far.
        events: What came since, in their order; those of other updates are left out.
    """
    folding = _Folding(update)
    new = tuple(e for e in events if e.update == update.id)
    for event in new:
        folding.take(event)
    return replace(folding.state(), events=(*update.events, *new))


def ended_without_a_word(update: UpdateState) -> UpdateState:
    """An update whose process is gone, though its log does not say how it ended."""
    if update.status.over:
        return update
    datasets = {name: replace(d, status=_lost(d.status)) for name, d in update.datasets.items()}
    summary = replace(update.summary, status=Status.LOST, ended_at=update.seen_at)
    return replace(update, summary=summary, datasets=datasets)


def with_plan(update: UpdateState, plan: Object) -> UpdateState:
    """An update with the plan that was kept beside its events.

    Args:
        plan: As `weir plan --json` prints it.
    """
    return replace(update, steps=tuple(_step(s) for s in objects(plan, "steps")))


def _lost(status: Status) -> Status:
    return status if status.over or status is Status.DEFINED else Status.LOST


class _Folding:
    """An update while events are taken in."""

    def __init__(self, update: UpdateState) -> None:
        self._update = update
        self._datasets = dict(update.datasets)
        self._flows = {f.name: f for d in update.datasets.values() for f in d.flows}
        self._changed = set[str]()

    def take(self, event: LogEvent) -> None:
        """One more event; of a type that is not known only its time counts."""
        self._update = replace(self._update, seen_at=event.at)
        if (of_update := _OF_UPDATES.get(event.type)) is not None:
            self._update = of_update(self._update, event)
        elif event.type in _DEFINITIONS and event.dataset:
            self._define(event.dataset, _DEFINITIONS[event.type](event.dataset, event))
        elif (change := CHANGES.get(event.type)) is not None and event.dataset and event.flow:
            self._move(event, event.dataset, event.flow, change)

    def _define(self, name: str, dataset: DatasetState) -> None:
        self._datasets[name] = dataset
        self._changed.add(name)

    def _move(self, event: LogEvent, dataset: str, flow: str, change: Change) -> None:
        if dataset not in self._datasets:
            self._define(dataset, DatasetState(dataset, "table", Status.DEFINED))
        state = change(self._flows.get(flow) or FlowState(flow, dataset, ""), event)
        self._flows[flow] = state
        self._changed |= {dataset, *(counted for counted, _ in state.counts)}

    def state(self) -> UpdateState:
        """The state after all of them."""
        into: dict[str, list[FlowState]] = {}
        counting: dict[str, list[FlowState]] = {}
        for flow in self._flows.values():
            into.setdefault(flow.dataset, []).append(flow)
            for name in dict.fromkeys(dataset for dataset, _ in flow.counts):
                counting.setdefault(name, []).append(flow)
        for name in self._changed & self._datasets.keys():
            dataset = replace(self._datasets[name], flows=tuple(into.get(name, ())))
            self._datasets[name] = settled(dataset, counting.get(name, ()))
        return replace(self._update, datasets=self._datasets)


def _created(update: UpdateState, event: LogEvent) -> UpdateState:
    details, config = event.details, inner(event.details, "config")
    refresh, full = texts(details, "refresh_selection"), texts(details, "full_refresh_selection")
    mode = "selection" if refresh or full else "update"
    mode = "full_refresh" if details.get("full_refresh") else mode
    summary = replace(
        update.summary,
        started_at=event.at,
        user=text(details, "run_as"),
        cause=text(details, "cause"),
        mode="continuous" if config.get("continuous") else mode,
    )
    return replace(
        update,
        summary=summary,
        pipeline=text(config, "name") or "",
        refresh=refresh,
        full_refresh=full,
        configuration=inner(config, "configuration"),
    )


def _progressed(update: UpdateState, event: LogEvent) -> UpdateState:
    status = status_of(text(event.details, "state"))
    summary = replace(update.summary, status=status, ended_at=event.at if status.over else None)
    phases = (*update.phases, (status, event.at))
    return replace(update, summary=summary, phases=phases, exceptions=event.exceptions)


def _runs_on(update: UpdateState, event: LogEvent) -> UpdateState:
    return replace(update, runtime=text(inner(event.details, "runtime_version"), "dbr_version"))


def _step(step: Object) -> PlanStep:
    refresh = inner(step, "refresh")
    verb, table, why = (text(step, key) or "" for key in ("step", "table", "why"))
    after, flow = texts(step, "after"), text(step, "flow")
    return PlanStep(verb, table, why, flow, after, text(refresh, "technique"), text(refresh, "issue"))


def _dataset(name: str, event: LogEvent) -> DatasetState:
    details = event.details
    return DatasetState(
        name,
        _kind(text(details, "dataset_type")),
        Status.DEFINED,
        rules=tuple(_rule(r) for r in objects(details, "expectations")),
        comment=text(details, "comment"),
        origin=origin_of(details),
        definition=text(details, "definition_hash"),
    )


def _kind(code: str | None) -> str:
    """A kind of a newer Weir is a table, as far as this one knows."""
    kind = (code or "").lower()
    return kind if kind in _KINDS else "table"


def _rule(rule: Object) -> RuleState:
    name, condition, action = (text(rule, key) or "" for key in ("name", "expression", "action"))
    return RuleState(name, condition, _ACTIONS.get(action, "warn"))


def _sink(name: str, event: LogEvent) -> DatasetState:
    return replace(_dataset(name, event), kind="sink")


_OF_UPDATES: Mapping[str, Callable[[UpdateState, LogEvent], UpdateState]] = {
    "create_update": _created,
    "runtime_details": _runs_on,
    "update_progress": _progressed,
}
_DEFINITIONS: Mapping[str, Callable[[str, LogEvent], DatasetState]] = {
    "dataset_definition": _dataset,
    "sink_definition": _sink,
}
