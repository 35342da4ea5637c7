"""An update is told without Spark only while everything looks as it did, and only if nothing would move."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from weir.fakes import HERE, pipeline_of
from weir.graph.analysis import AnalysisDeferred, AnalyzedQuery, Graph, ResolvedFlow, ResolvedTable
from weir.model.changes import Changes, Feed
from weir.model.definitions import (
    Hook,
    MaterializedView,
    OnceFlow,
    QueryFlow,
    SnapshotFlow,
    StreamingTable,
)
from weir.model.names import Namespace
from weir.model.no_op import Looks, difference
from weir.model.refresh import NO_OP, RECOMPUTE, RefreshDecision
from weir.model.settings import Outside, Settings
from weir.plan.no_op import flow_events, obstacle
from weir.plan.steps import Plan, Setup, SetupStep, Step, Verb
from weir.run.lake.looks import literal_place
from weir.run.update.nothing_new import expected
from weir.run.update.surroundings import looks_now, request_looks

TABLE = StreamingTable("t", HERE)
READS = QueryFlow("t", "t", lambda: None, HERE)
STREAM = AnalyzedQuery(frozenset(), "schema", streaming=True)
STEP = Step(Verb.STREAM, "t", "continues at its checkpoint", "t")


def stands_in_the_way(*steps, flow=READS, analysis=STREAM, hooks=(), dataset=TABLE):
    pipeline = replace(pipeline_of({}), datasets={"t": dataset}, flows=(flow,), hooks=hooks)
    graph = Graph({"t": ResolvedTable(dataset, (ResolvedFlow(flow, analysis),), "schema")})
    return obstacle(pipeline, graph, Plan(steps or (STEP,)))


def refresh(technique):
    return replace(STEP, verb=Verb.REFRESH, refresh=RefreshDecision(technique, "why"))


def test_streams_and_views_without_news_move_nothing():
    assert stands_in_the_way() is None
    assert stands_in_the_way(replace(STEP, verb=Verb.COMPLETE)) is None
    assert stands_in_the_way(replace(STEP, verb=Verb.CHANGE)) is None
    assert stands_in_the_way(refresh(NO_OP), dataset=MaterializedView("t", HERE)) is None


@pytest.mark.parametrize("verb", [v for v in Verb if v not in {Verb.STREAM, Verb.COMPLETE, Verb.CHANGE}])
def test_any_other_step_may_do_something(verb):
    assert stands_in_the_way(replace(STEP, verb=verb)) is not None


def test_what_runs_though_nothing_has_changed_stands_in_the_way():
    snapshots = SnapshotFlow("t", "t", lambda: None, HERE, changes=Changes(Feed.SNAPSHOT, ("k",), 1))
    assert stands_in_the_way(refresh(RECOMPUTE)) == "refresh t"
    assert stands_in_the_way(SetupStep(Setup.ALTER, "t", "has a new comment"), STEP) == "alter t"
    assert stands_in_the_way(analysis=AnalysisDeferred(frozenset(), "looks at data")) == "t"
    assert stands_in_the_way(replace(STEP, verb=Verb.CHANGE), flow=snapshots) == "change t"
    assert stands_in_the_way(replace(STEP, verb=Verb.ONCE), flow=OnceFlow("t", "t", lambda: None, HERE))
    assert (
        stands_in_the_way(hooks=(Hook("h", lambda _: None, None, HERE),))
        == "event hooks hear of every update"
    )


def test_the_events_of_flows_are_those_of_an_update():
    plan = Plan((STEP, replace(refresh(NO_OP), dataset="v", flow="v")))
    events = list(flow_events(plan, {"t": 4}))
    assert [e.message for e in events] == [
        "Flow 't' is QUEUED.",
        "Flow 'v' is QUEUED.",
        "Flow 't' is STARTING.",
        "Flow 't' is RUNNING.",
        "Flow 't' has COMPLETED.",
        "Flow 'v' is STARTING.",
        "Flow 'v' has been planned to be executed as NO_OP.",
        "Flow 'v' has COMPLETED.",
    ]
    assert events[4].details == {"status": "COMPLETED", "table_version": 4}


# What everything looks like.


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for file in ("root/p.py", "root/pkg/helper.py", "land/2026/a.json", "cp/metadata", "cp/offsets/0"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("1")
    write_deltalake(tmp_path / "raw", pa.table({"x": [1]}))
    return tmp_path


def settings_of(project: Path, **configuration: str) -> Settings:
    root = project / "root"
    return Settings("p", Namespace(), (root / "p.py",), (root,), root / "storage", configuration)


def looks(project: Path, outside: Outside | None = None, **configuration: str) -> Looks:
    named = Looks(
        {},
        dict.fromkeys([str(project / "root/p.py"), str(project / "root/pkg/helper.py")], ""),
        {str(project / "root/pkg"): ""},
        dict.fromkeys([str(project / name) for name in ("land", "raw", "absent")], ""),
        {str(project / "cp"): ""},
    )
    settings = settings_of(project, **configuration)
    return looks_now(named, request_looks(settings, outside or Outside()), settings.storage)


def overwritten(file: Path) -> None:
    """The same size, and the old time: no listing tells."""
    times = file.stat()
    file.write_text("2")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


CHANGES = {
    "a source is saved": (lambda p: (p / "root/p.py").write_text("2"), "root/p.py"),
    "a module is saved": (lambda p: (p / "root/pkg/helper.py").write_text("2"), "root/pkg/helper.py"),
    "a module comes": (lambda p: (p / "root/pkg/json.py").touch(), "root/pkg"),
    "a module hides another": (lambda p: (p / "root/json.py").touch(), "root"),
    "a file arrives": (lambda p: (p / "land/2026/b.json").write_text("1"), "land"),
    "a folder comes": (lambda p: (p / "land/2027").mkdir(), "land"),
    "a file goes": (lambda p: (p / "land/2026/a.json").unlink(), "land"),
    "a file is overwritten": (lambda p: overwritten(p / "land/2026/a.json"), "land"),
    "rows are appended": (lambda p: write_deltalake(p / "raw", pa.table({"x": [1]}), mode="append"), "raw"),
    "a table is removed": (lambda p: shutil.rmtree(p / "raw"), "raw"),
    "a table is made": (lambda p: write_deltalake(p / "absent", pa.table({"x": [1]})), "absent"),
    "a batch begins": (lambda p: (p / "cp/offsets/1").touch(), "cp"),
    "a checkpoint goes": (lambda p: shutil.rmtree(p / "cp"), "cp"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_the_world_is_seen(project, change):
    before = looks(project)
    assert difference(before, looks(project)) is None
    make, place = CHANGES[change]
    make(project)
    assert difference(before, looks(project)) == str(project / place)


def test_what_comes_beside_sources_and_can_not_be_imported_is_no_change(project):
    before = looks(project)
    (project / "root/storage/tables").mkdir(parents=True)  # an update makes it
    (project / "root/output").touch()
    assert difference(before, looks(project)) is None


def test_a_folder_that_leads_elsewhere_can_not_be_looked_at(project):
    (project / "land" / "all").symlink_to(project)
    with pytest.raises(OSError, match="a link to a folder"):
        looks(project)


def test_every_change_of_what_is_asked_for_is_seen(project, monkeypatch):
    before = looks(project)
    assert difference(before, looks(project, key="value")) == "settings"
    assert difference(before, looks(project, Outside({"raw": "/elsewhere"}))) == "settings"
    monkeypatch.setenv("TERM", "another")
    assert difference(before, looks(project)) is None
    monkeypatch.setenv("SPARK_CONF_DIR", "/elsewhere")
    assert difference(before, looks(project)) == "environment"


def test_what_is_missing_or_cut_off_tells_nothing(project):
    settings = settings_of(project)
    assert expected(settings, {}) is None
    file = settings.storage / "nothing-new/p.json"
    file.parent.mkdir(parents=True)
    for text in ("", "{", "[]", '{"looks": {}}'):
        file.write_text(text)
        assert expected(settings, {}) is None


def test_a_pattern_is_looked_at_from_the_last_folder_before_it():
    assert literal_place(Path("/a/b/20*/c.json")) == Path("/a/b")
    assert literal_place(Path("/a/b/c.json")) == Path("/a/b/c.json")
