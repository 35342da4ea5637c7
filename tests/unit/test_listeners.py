"""Who hears of an update can't hurt it, nor each other."""

from __future__ import annotations

import os
from typing import Any

import pytest
from rich.text import Text

from weir.fakes import EdgeAnalyzer, FakeState, pipeline_of, star
from weir.graph.resolve import resolve
from weir.model.events import Event, flow_progress
from weir.model.settings import Selection
from weir.plan.outline import outline_of
from weir.plan.steps import build
from weir.run.listeners.listener import Listener, Listeners
from weir.run.listeners.rows import EventRows
from weir.ui.live import LiveUpdate
from weir.ui.output import JsonLines
from weir.ui.screen import Screen

UPDATE = "5f0c8a1e-3f7b-4b0e-9d57-2f1c1f6d3a10"


class Heard(Listener):
    def __init__(self) -> None:
        self.all: list[Any] = []

    def heard(self, event: Event, row: Any) -> None:
        self.all.append((event.message, row))


class Raising(Listener):
    def heard(self, event: Event, row: Any) -> None:
        raise SystemExit(1)


def test_one_that_raises_hears_no_more_and_the_others_hear_on():
    said, first, last = [], Heard(), Heard()
    told = Listeners(lambda e: {"level": e.level}, [first, Raising(), last], said.append)
    for message in ("a", "b"):
        told.record(Event("t", message))
    assert first.all == last.all == [("a", {"level": "INFO"}), ("b", {"level": "INFO"})]
    assert said == ["Raising gets no more events of this update: SystemExit: 1"]


def test_that_nobody_reads_what_is_said_is_no_failure():
    def closed(sentence: str) -> None:
        raise BrokenPipeError

    Listeners(lambda _: {}, [Raising()], closed).record(Event("t", "a"))


def test_who_interrupts_is_heard():
    def interrupted(_: Event) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Listeners(interrupted, [], print).record(Event("t", "a"))


def test_a_reader_that_has_left_ends_neither_table_nor_lines():
    event = Event("t", "a")
    row = EventRows({"update_id": UPDATE, "pipeline_id": UPDATE}).of(event)
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as gone:
        screen = Screen(file=gone, markup=False)
        for _ in range(2):
            screen.say("x" * 100_000)
            JsonLines(gone).heard(event, row)


def test_of_a_thousand_datasets_those_are_shown_at_which_something_happens():
    reads = star(998)
    pipeline = pipeline_of(reads)
    graph = resolve(pipeline, EdgeAnalyzer(reads))
    live = LiveUpdate(Screen(width=80, height=20, markup=False))
    live.planned(outline_of(graph, build(pipeline, graph, Selection(), FakeState())))
    live.heard(flow_progress("hub", "hub", "COMPLETED"), {})
    for number in range(3):
        live.heard(flow_progress(f"ray{number}", f"ray{number}", "RUNNING"), {})
    with live.screen.capture() as shown:
        live.screen.print(live.now())
    lines = [" ".join(Text.from_ansi(line).plain.split()) for line in shown.get().splitlines()]
    assert lines[1:] == [
        *(f"ray{number} materialized view RUNNING 0.0" for number in range(3)),
        "others: 1 COMPLETED, 996 QUEUED",
    ]
