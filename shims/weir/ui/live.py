"""The live table of an update: states change while flows run."""

from __future__ import annotations

import time
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.text import Text

from weir.graph.analysis import Graph, ResolvedTable, ResolvedView
from weir.model.counts import total_rows
from weir.model.definitions import MaterializedView
from weir.model.events import Event
from weir.model.names import short
from weir.model.results import DatasetResult, State, UpdateResult
from weir.plan.steps import Plan
from weir.ui.screen import Screen
from weir.ui.tables import UNKNOWN, flows_table


class LiveUpdate:
    """Shows where each dataset stands.

    On anything but a terminal only the final table is printed, and each batch where no end is in sight.
    """

    def __init__(self, screen: Screen, *, endless: bool = False) -> None:
        self.screen = screen
        self.endless = endless
        self.rows: dict[str, DatasetResult] = {}
        self.states: dict[str, str] = {}
        self.began: dict[str, float] = {}
        self.written: dict[str, int | None] = {}
        self.leaves: tuple[str, ...] = ()
        self.live = Live(console=screen, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        if self.screen.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.live.stop()

    def started(self, graph: Graph, plan: Plan) -> None:
        """The graph is known: show it. An update that is tried again starts anew."""
        self.began.clear()
        self.written.clear()
        for notice in plan.notices:
            self.screen.say(notice, "yellow")
        for dataset in graph.datasets.values():
            if not isinstance(dataset, ResolvedView):
                self.rows[dataset.name] = DatasetResult(dataset.name, str(dataset.kind), State.SKIPPED)
                self.states[dataset.name] = "QUEUED"
        tables = [d for d in graph.datasets.values() if isinstance(d, ResolvedTable)]
        published = graph.datasets.keys() - {d.name for d in tables if d.dataset.private}
        self.leaves = tuple(
            d.name for d in tables
            if isinstance(d.dataset, MaterializedView) and d.name in published
            and published.isdisjoint(graph.readers_of(d.name))
        )  # fmt: skip
        self._show()

    def record(self, event: Event) -> None:
        """Follow the events of flows."""
        row = self.rows.get(event.dataset or "")
        if event.event_type != "flow_progress" or row is None:
            return
        metrics = event.details.get("metrics")
        if metrics:
            moved = metrics.get("num_output_rows", metrics.get("num_upserted_rows", 0))
            written = self.written[row.name] = total_rows([self.written.get(row.name, 0), moved])
            self.rows[row.name] = replace(row, rows_written=written)
            if self.endless and not self.screen.is_terminal:
                at, rows = time.strftime("%H:%M:%S"), UNKNOWN if moved is None else f"{moved:,}"
                self.screen.say(f"{at} {short(row.name)}: {rows} rows written")
        self.states[row.name] = status = event.details["status"]
        if status != "QUEUED":
            since = self.began.setdefault(row.name, time.monotonic())
            self.rows[row.name] = replace(self.rows[row.name], seconds=time.monotonic() - since)
        self._show()

    def finished(self, result: UpdateResult) -> None:
        """The final table."""
        self.screen.print(flows_table((d for d in result.datasets if d.kind != "view"), {}))

    def _show(self) -> None:
        if self.screen.is_terminal:
            table = flows_table(self.rows.values(), self.states)
            until = Text("until Ctrl-C" if self.endless else "", "dim")
            self.live.update(Group(table, until), refresh=True)
