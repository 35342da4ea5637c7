"""Which flow may run when: as soon as all flows into all tables that it reads have ended well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter

from weir.plan.steps import Step

_Node = tuple[str, str]


class Schedule:
    """The flows of a plan as a graph: each is looked at when it starts and when it ends, and never else.

    Attributes:
        doomed: The flows that read, at any distance, what a failed flow writes.
    """

    def __init__(self, steps: Iterable[Step]) -> None:
        """No flow has started."""
        self.steps = {step.flow_name: step for step in steps}
        self.doomed: set[str] = set()
        self._ended: set[str] = set()
        self._readers: dict[str, list[Step]] = {}
        self._graph: TopologicalSorter[_Node] = TopologicalSorter()
        tables = {step.dataset for step in self.steps.values()}
        for step in self.steps.values():
            read = step.after & tables
            self._graph.add(_flow(step), *(("table", table) for table in read))
            self._graph.add(("table", step.dataset), _flow(step))
            for table in read:
                self._readers.setdefault(table, []).append(step)
        self._graph.prepare()

    def ready(self) -> Iterator[Step]:
        """The flows that have nothing more to wait for, each told once, in the order of the plan."""
        while nodes := self._graph.get_ready():
            for kind, name in nodes:
                if kind == "flow" and name not in self.doomed:
                    yield self.steps[name]
                else:
                    self._graph.done((kind, name))

    def ended(self, step: Step) -> None:
        """A flow came to its end, well or not; one that runs again and again counts once."""
        if step.flow_name not in self._ended:
            self._ended.add(step.flow_name)
            self._graph.done(_flow(step))

    def doom(self, step: Step) -> tuple[Step, ...]:
        """A flow failed; gives those that it takes along, which will never be ready."""
        doomed: list[Step] = []
        tables = [step.dataset]
        for table in tables:
            for reader in self._readers.pop(table, ()):
                if reader.flow_name not in self.doomed:
                    self.doomed.add(reader.flow_name)
                    doomed.append(reader)
                    tables.append(reader.dataset)
        return tuple(doomed)


def _flow(step: Step) -> _Node:
    return "flow", step.flow_name
