"""The loop that runs a plan, on flows that need no Spark: they have landed before, or their code raises."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from weir.fakes import EdgeAnalyzer, FakeState, chain, layers, pipeline_of, star
from weir.graph.resolve import resolve
from weir.model.definitions import OnceFlow, Pipeline, QueryFlow
from weir.model.origin import Origin
from weir.model.settings import Outside, Selection
from weir.plan.steps import build
from weir.run.lake.storage import Storage
from weir.run.lake.world import World
from weir.run.listeners.listener import Listener, Listeners
from weir.run.update.background import BackgroundWork
from weir.run.update.continuous import ContinuousExecutor
from weir.run.update.execute import Executor
from weir.run.update.stop import Stop

SHAPES = {"chain": chain, "layers": lambda n: layers(n // 10, 10), "star": lambda n: star(n - 2)}


def landed(reads: dict[str, list[str]], raising: dict[str, Callable[[], Any]]) -> Pipeline:
    """Flows that ran once and for all, but for those whose functions are given."""
    pipeline = pipeline_of(reads)
    here = Origin("p.py", 1)
    flows = tuple(
        QueryFlow(n, n, raising[n], here) if n in raising else OnceFlow(n, n, print, here) for n in reads
    )
    return Pipeline("p", pipeline.namespace, pipeline.datasets, flows)


def executor(
    folder: Path,
    reads: dict[str, list[str]],
    raising: dict[str, Callable[[], Any]] | None = None,
    kind: type[Executor] = Executor,
    stop: Stop | None = None,
) -> tuple[Executor, list[Any]]:
    """One that is ready to run, and the events that it will tell."""
    pipeline, events = landed(reads, raising or {}), []
    graph = resolve(pipeline, EdgeAnalyzer(reads))
    plan = build(pipeline, graph, Selection(), FakeState(dict.fromkeys(reads, 0), set(reads)))
    world = World(None, pipeline, Storage(folder), Outside())
    return kind(world, graph, plan, told_to(events), stop or Stop(), True), events


class Heard(Listener):
    def __init__(self, events: list[Any]) -> None:
        self.heard = lambda event, _row: events.append(event)


def told_to(events: list[Any]) -> Listeners:
    return Listeners(lambda _: {}, [Heard(events)], print)


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called by some work, Python's own among them."""
    counted = Counter()
    sys.setprofile(lambda _frame, event, _argument: counted.update([event]))
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


@pytest.mark.parametrize("kind", [Executor, ContinuousExecutor])
@pytest.mark.parametrize("shape", SHAPES)
def test_four_times_the_flows_are_four_times_the_work(tmp_path, shape, kind):
    few, many = (executor(tmp_path, SHAPES[shape](n), kind=kind)[0] for n in (250, 1000))
    assert calls(many.run) < 4.2 * calls(few.run)
    assert len(many.ended.outcomes) == 1000


def gone(*_: Any) -> None:
    raise SystemExit(3)


class PanicError(BaseException):
    """What delta-rs raises in a panic is no Exception."""


def panics() -> None:
    raise PanicError("called `unwrap()` on a `None` value")


def test_whatever_a_function_raises_ends_its_flow_and_what_reads_from_it(tmp_path):
    reads = {"a": [], "b": ["a"], "c": ["b"], "d": [], "e": ["d"], "f": [], "g": ["f"], "h": []}
    raising = {"b": gone, "d": lambda: {}["key"], "f": panics}
    running, events = executor(tmp_path, reads, raising)
    results = {d.name: (str(d.state), d.error) for d in running.run()}
    assert {name: state for name, (state, _) in results.items()} == {
        "a": "NO_OP", "b": "FAILED", "c": "SKIPPED", "d": "FAILED", "e": "SKIPPED", "f": "FAILED",
        "g": "SKIPPED", "h": "NO_OP",
    }  # fmt: skip
    assert "SystemExit: 3" in results["b"][1]
    assert "KeyError: 'key'" in results["d"][1]
    assert "PanicError: called `unwrap()` on a `None` value" in results["f"][1]
    assert sorted(e.flow for e in events if e.details.get("status") == "SKIPPED") == ["c", "e", "g"]


def test_in_continuous_mode_too(tmp_path):
    running, _ = executor(tmp_path, chain(3), {"d1": gone}, ContinuousExecutor)
    assert [str(d.state) for d in running.run()] == ["NO_OP", "FAILED", "SKIPPED"]


def test_a_table_that_cannot_be_made_ready_fails_its_flows_whatever_was_raised(tmp_path):
    reads = chain(2)
    pipeline = landed(reads, {})
    graph = resolve(pipeline, EdgeAnalyzer(reads))  # its schemas are no schemas: to create a table raises
    plan = build(pipeline, graph, Selection(), FakeState())
    running = Executor(
        World(None, pipeline, Storage(tmp_path), Outside()), graph, plan, told_to([]), Stop(), True
    )
    running.make_ready()
    first, second = running.run()
    assert (str(first.state), str(second.state)) == ("FAILED", "SKIPPED")
    assert "[INTERNAL_ERROR] `d0` ended with an unexpected error: AttributeError" in first.error


def test_an_interrupt_in_the_main_thread_is_the_end_of_everything(tmp_path):
    def interrupted() -> None:
        raise KeyboardInterrupt

    running, _ = executor(tmp_path, chain(2), {"d0": interrupted})
    with pytest.raises(KeyboardInterrupt):
        running.run()


def test_work_that_hangs_keeps_nobody_waiting():
    beside: BackgroundWork[str] = BackgroundWork()
    beside.start("hangs", lambda: str(threading.Event().wait()))
    beside.start("ends", lambda: "done")
    assert beside.results(5) == ["done"]
    assert beside.results(0) == beside.results(0.01) == []
    assert [t.daemon for t in threading.enumerate() if t.name == "hangs"] == [True]


def test_patience_begins_with_a_signal():
    patient, impatient = Stop(patience=3600), Stop(patience=-1)
    assert not impatient.overdue
    for stop in (patient, impatient):
        stop.ask(signal.SIGTERM)
    assert (patient.overdue, impatient.overdue) == (False, True)
