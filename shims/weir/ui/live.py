"""The live table of an update: states change while flows run."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Group
from rich.live import Live
from rich.text import Text

from weir.model.counts import total_rows
from weir.model.events import Event
from weir.model.names import short
from weir.model.results import DatasetResult, State, UpdateResult
from weir.plan.outline import Outline
from weir.run.listeners.listener import Listener, Row
from weir.ui.screen import Screen
from weir.ui.tables import UNKNOWN, flows_table


class LiveUpdate(Listener):
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
        self.live = Live(console=screen, refresh_per_second=2, transient=True, get_renderable=self.now)

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

    def planned(self, outline: Outline) -> None:
        """The graph is known: show it. An update that is tried again starts anew."""
        self.began.clear()
        self.written.clear()
        for notice in outline.notices:
            self.screen.say(notice, "yellow")
        self.states = dict.fromkeys(outline.targets, "QUEUED")
        self.rows = {n: DatasetResult(n, kind, State.SKIPPED) for n, kind in outline.targets.items()}
        self.leaves = outline.leaves

    def heard(self, event: Event, row: Row) -> None:
        """Follow the events of flows."""
        del row
        name, status = event.dataset or "", event.details.get("status")
        if event.event_type != "flow_progress" or name not in self.rows:
            return
        metrics = event.details.get("metrics")
        if metrics:
            moved = metrics.get("num_output_rows", metrics.get("num_upserted_rows", 0))
            written = self.written[name] = total_rows([self.written.get(name, 0), moved])
            self.rows[name] = replace(self.rows[name], rows_written=written)
            if self.endless and not self.screen.is_terminal:
                at, rows = time.strftime("%H:%M:%S"), UNKNOWN if moved is None else f"{moved:,}"
                self.screen.say(f"{at} {short(name)}: {rows} rows written")
        self.states[name] = str(status)
        if status != "QUEUED":
            since = self.began.setdefault(name, time.monotonic())
            self.rows[name] = replace(self.rows[name], seconds=time.monotonic() - since)

    def finished(self, result: UpdateResult) -> None:
        """The final table."""
        self.screen.print(flows_table((d for d in result.datasets if d.kind != "view"), {}))

    def now(self) -> Group:
        """The table as it stands: of more datasets than fit, those at which something happens."""
        room = max(1, self.screen.height - ROOM_ELSE)
        shown = list(self.rows.values())
        if len(shown) > room:
            shown = [r for r in shown if self.states[r.name] in HAPPENING][:room]
        others = Counter(self.states.values()) - Counter(self.states[r.name] for r in shown)
        counted = ", ".join(f"{n:,} {state}" for state, n in others.items())
        below = [f"others: {counted}"] if counted else []
        below += ["until Ctrl-C"] if self.endless else []
        return Group(flows_table(shown, self.states), Text("; ".join(below), "dim"))


HAPPENING = frozenset({"STARTING", "RUNNING", "FAILED"})
ROOM_ELSE = 3  # lines: the head of the table, what is said of the others, the cursor
