"""Texts of a user are shown as they are by every verb: no markup, no emoji, no format, no escape of a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from tests.logs import event_log
from weir.cli import weir
from weir.graph.analysis import AnalyzedQuery, Graph, ResolvedFlow, ResolvedTable
from weir.model.definitions import Action, Expectation, MaterializedView, QueryFlow
from weir.model.events import Event, flow_progress, update_progress
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.problems import Problem
from weir.model.results import DatasetResult, RuleResult, State, UpdateResult
from weir.model.settings import Settings
from weir.model.texts import LONGEST_CELL, encodable, lines, one_line
from weir.plan.maintenance import Hindrance, Task, Upkeep
from weir.plan.maintenance import MaintenanceStep as Statement
from weir.plan.outline import outline_of
from weir.plan.steps import Plan
from weir.request import Request
from weir.run.analysis.why import BrokenRow, BrokenRows
from weir.run.lake.storage import Storage
from weir.run.listeners.rows import pipeline_id
from weir.run.upkeep.maintenance import MaintenanceResult, Size, StepResult
from weir.ui.live import LiveUpdate
from weir.ui.output import print_json, report
from weir.ui.screen import console
from weir.ui.tables import short, steps_table
from weir.verbs.arguments import say_on_stderr
from weir.verbs.bundle import PipelineResult, pipelines_table
from weir.verbs.maintain import show as show_upkeep
from weir.verbs.update import graph_tree, show_result
from weir.verbs.why import show as show_broken

SOURCES = Path(__file__).parents[2] / "shims" / "weir"
NASTY = "a [/usd] [red]b[/red] :id: {x} %s \x1b[31mé\r\n\t\u202e\ud800"
SHOWN = r"a [/usd] [red]b[/red] :id: {x} %s \x1b[31mé\r\n\t\u202e\ud800"
FILED = NASTY.replace("\ud800", "")  # what a file can hold
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]")
HERE = Origin("p [x].py", 1)
UPDATE = "5f0c8a1e-3f7b-4b0e-9d57-2f1c1f6d3a10"
RULE = Expectation(NASTY, NASTY, Action.WARN, HERE)


def times_shown(text: str, what: str = SHOWN) -> int:
    """How often the nasty text stands there whole; nothing else that steers a terminal may."""
    assert STEERS.search(text) is None
    return text.count(what)


def dataset(name: str = NASTY, reads: str = NASTY + "!") -> ResolvedTable:
    flow = ResolvedFlow(
        QueryFlow(name, name, lambda: None, HERE), AnalyzedQuery(frozenset([reads]), None, streaming=False)
    )
    return ResolvedTable(MaterializedView(name, HERE, expectations=(RULE,)), (flow,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NASTY, SHOWN),
        ("plain ñ 日本 👩\u200d🔬 a\\nb", "plain ñ 日本 👩\u200d🔬 a\\nb"),
        ("x\x00\x07\x7f\x85\u2028\u2066", r"x\x00\x07\x7f\x85\u2028\u2066"),
        ("", ""),
    ],
)
def test_what_steers_a_terminal_is_escaped_and_nothing_else(text, expected):
    assert one_line(text) == expected


def test_texts_of_several_lines_keep_them_and_long_ones_are_cut_where_it_shows():
    assert lines("a\n\tb\x1b[0m") == "a\n\tb\\x1b[0m"
    assert one_line("x" * 12_345, 3) == "xxx… (12,345 characters)"
    assert encodable(NASTY) == NASTY.replace("\ud800", r"\ud800")


def test_an_update_that_ends_shows_its_tables_rules_and_errors(tmp_path, capsys):
    rule = RuleResult(NASTY, NASTY, "warn", 1, 1)
    ended = DatasetResult("main.s.t [x]", "table", State.FAILED, expectations=(rule,), error=NASTY)
    live = LiveUpdate(console())
    show_result(live.screen, live, UpdateResult(UPDATE, "p", State.FAILED, 1.0, (ended,)), Storage(tmp_path))
    out = capsys.readouterr().out
    rules = out[out.index("rule ") : out.index("s.t [x]: ")]
    assert (times_shown(rules), out.count("s.t [x]")) == (2, 3)
    assert SHOWN.replace(r"\n\t", "\n        ") in out


def test_an_update_that_runs_shows_notices_and_batches(capsys):
    with LiveUpdate(console(), endless=True) as live:
        live.planned(outline_of(Graph({NASTY: dataset()}), Plan((), (f"{NASTY}: a notice",))))
        live.heard(flow_progress(NASTY, NASTY, "RUNNING", "METRICS", {"metrics": {"num_output_rows": 1}}), {})
        live.finished(UpdateResult(UPDATE, NASTY, State.COMPLETED, 1.0, tuple(live.rows.values())))
    assert times_shown(capsys.readouterr().out) == 3


def test_the_last_rows_of_an_update_have_columns_and_cells_as_they_are(tmp_path, capsys):
    storage, live = Storage(tmp_path), LiveUpdate(console())
    write_deltalake(storage.table("main.s.t"), pa.table({FILED: [FILED]}))
    live.leaves = ("main.s.t",)
    show_result(live.screen, live, UpdateResult(UPDATE, "p", State.COMPLETED, 1.0, ()), storage)
    assert times_shown(capsys.readouterr().out, one_line(FILED)) == 2


def test_plans_graphs_and_bundles(tmp_path, capsys):
    settings = Settings(NASTY, Namespace(), (), (), tmp_path)
    screen = console()
    step = {"step": "stream", "table": "t", "flow": NASTY, "why": NASTY}
    screen.print(steps_table([step]))
    screen.print(graph_tree(Graph({NASTY: dataset(), "below": dataset("below", NASTY)}), NASTY))
    screen.print(pipelines_table([PipelineResult(Request(settings), because=(NASTY,))]))
    assert times_shown(capsys.readouterr().out) == 2 + 3 + 2


def test_problems_and_what_is_said_meanwhile(capsys):
    problem = Problem("CONDITION", NASTY, replace(HERE, file=NASTY), NASTY, f"  {NASTY}")
    assert report([problem], as_json=False) == 2
    say_on_stderr(NASTY)
    detail = SHOWN.replace(r"\n\t", "\n        ")
    assert capsys.readouterr().err == (
        f"[CONDITION] {SHOWN}\n  at {SHOWN}:1\n    {detail}\n  hint: {SHOWN}\n1 problem\n{SHOWN}\n"
    )


def test_rows_behind_the_counts(capsys):
    row = BrokenRow((NASTY,), {NASTY: NASTY})
    show_broken(BrokenRows(dataset().dataset, (row,), 1))
    show_broken(BrokenRows(dataset().dataset, (), 0))
    show_broken(BrokenRows(replace(dataset().dataset, expectations=()), (), 0))
    assert times_shown(capsys.readouterr().out) == 4 + 1 + 1


def test_upkeep(capsys):
    size = Size(1, 1, 1, 1)
    step = Statement(Task.DELETE, NASTY)
    kept = MaintenanceResult(
        Upkeep(NASTY, (step,), (Hindrance(Task.VACUUM, NASTY),)), (StepResult(step, 1),), size, size, NASTY
    )
    show_upkeep([kept], dry_run=True)
    show_upkeep([kept], dry_run=False)
    assert times_shown(capsys.readouterr().out) == (2 + 4) + (1 + 4)


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Storage:
    """A table, its lineage, and the log of an update, all with nasty texts."""
    place, recorded = Storage(tmp_path), pa.scalar(0, pa.timestamp("us", "UTC"))
    write_deltalake(place.table("main.s.t"), pa.table({FILED: [FILED], "n": [float("nan")]}))
    edge = {"source_table": FILED, "source_column": FILED, "target_table": "main.s.t", "target_column": FILED}
    edge |= {"transformation_logic": FILED, "pipeline": "p", "flow": "f"}
    rows = pa.Table.from_pylist([{**edge, "execution_timestamp": recorded.as_py()}])
    for table in ("data_lineage", "column_lineage"):
        write_deltalake(place.table(f"main.system.{table}"), rows)
    rule = {"dataset": "main.s.t", "name": FILED, "passed_records": 1, "failed_records": 0}
    quality = {"data_quality": {"expectations": [rule]}}
    origin = {"update_id": UPDATE, "pipeline_id": pipeline_id("p", place.root)}
    with event_log(place.events("p"), origin, pytest.fail) as log:
        log.record(Event("create_update", NASTY))
        log.record(flow_progress("main.s.t", FILED, "RUNNING", "METRICS", quality))
        log.record(update_progress(UPDATE, "FAILED", "ERROR", ((NASTY, NASTY),)))
    monkeypatch.chdir(tmp_path)
    return place


def called(place: Storage, *arguments: str) -> str:
    result = CliRunner().invoke(weir, [*arguments, "--storage", str(place.root)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize(
    ("arguments", "times"),
    [
        (("show", "s.t"), 2),
        (("events",), 2),  # the third is folded
        (("quality",), 1),
        (("lineage", "s.t"), 2),
        (("lineage", f"s.t.{FILED}"), 5),
        (("list",), 0),
        (("reset", "--dry-run"), 0),
    ],
)
def test_verbs_without_spark(place, arguments, times):
    assert times_shown(called(place, *arguments), one_line(FILED)) == times


def texts_in(value: Any) -> Iterator[str]:
    """All texts in a value of JSON."""
    if isinstance(value, dict):
        yield from (text for pair in value.items() for part in pair for text in texts_in(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in texts_in(part))
    else:
        yield str(value)


@pytest.mark.parametrize("verb", ["show s.t", "events", "quality", "lineage s.t"])
def test_json_is_utf_8_and_standard_whatever_stands_in_it(place, verb):
    told = called(place, *verb.split(), "--json")
    assert any(FILED in text for text in texts_in(json.loads(told, parse_constant=pytest.fail)))


def test_json_holds_half_a_surrogate_pair(capsys):
    print_json({NASTY: NASTY})
    assert json.loads(capsys.readouterr().out) == {NASTY: NASTY}


def test_a_terminal_that_knows_ascii_alone_ends_nothing(place):
    command = [Path(sys.executable).with_name("weir"), "show", "s.t", "--storage", str(place.root)]
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr, b"\\xe9" in ran.stdout) == (0, b"", True)


def test_a_name_loses_its_catalog_alone():
    assert [short(n) for n in ("main.s.t", "s.t", "t", "`a.b`.s.t", "`a.b.c`", "main.`a.b`.t", "no name!")] == [
        "s.t", "s.t", "t", "s.t", "`a.b.c`", "`a.b`.t", "no name!",
    ]  # fmt: skip


def test_a_cell_of_a_million_characters_is_cut(capsys):
    row = BrokenRow(("r",), {"x": "y" * 1_000_000})
    show_broken(BrokenRows(dataset().dataset, (row,), 1))
    assert capsys.readouterr().out.count("y") <= LONGEST_CELL + 100


def test_there_is_one_console_and_no_markup():
    """A console of rich takes markup and emoji by default."""
    texts = {file: file.read_text(encoding="utf-8") for file in SOURCES.rglob("*.py")}
    assert [f.name for f, text in texts.items() if re.search(r"[^.\w](Console|Screen)\(", text)] == [
        "screen.py"
    ]
    assert [
        f.name for f, text in texts.items() if re.search(r"rich\.(markup|emoji|prompt)|\[/\]", text)
    ] == []
