"""A save is heard once, and only that of a source; what it affects is all that reads what it defines."""

from __future__ import annotations

import pytest

from weir.graph.analysis import AnalyzedQuery, Graph, ResolvedFlow, ResolvedTable, ResolvedView
from weir.model.definitions import MaterializedView, QueryFlow, View
from weir.model.origin import Origin
from weir.plan.affected import affected
from weir.verbs.saves import Saves


def test_saves_are_heard_also_while_nobody_waits(tmp_path):
    for folder in ("pkg", ".git", "__pycache__"):
        (tmp_path / folder).mkdir()
    saves = Saves([tmp_path])
    for name in ("a.txt", ".git/x.py", "__pycache__/x.py", "pkg/b.sql"):
        (tmp_path / name).write_text("1")
    assert saves.wait(30) == {tmp_path / "pkg/b.sql"}
    (tmp_path / "pkg/b.sql").unlink()
    (tmp_path / "c.yml").write_text("1")
    heard = saves.wait(30)
    while len(heard) < 2:
        heard |= saves.wait(30)
    assert heard == {tmp_path / "pkg/b.sql", tmp_path / "c.yml"}
    assert saves.wait(0) == frozenset()


def resolved(name, file, *reads, view=False):
    origin = Origin(file, 1)
    flow = QueryFlow(name, name, lambda: None, origin)
    query = ResolvedFlow(flow, AnalyzedQuery(frozenset(reads), "schema", streaming=False))
    if view:
        return ResolvedView(View(name, origin), (query,), "schema")
    return ResolvedTable(MaterializedView(name, origin), (query,), "schema")


GRAPH = Graph({
    d.name: d
    for d in (
        resolved("raw", "raw.py"),
        resolved("clean", "clean.py", "raw", view=True),
        resolved("total", "gold.py", "clean"),
        resolved("mean", "gold.py", "clean"),
        resolved("other", "other.py"),
    )
})  # fmt: skip


@pytest.mark.parametrize(
    ("saved", "tables"),
    [
        ({"other.py"}, {"other"}),
        ({"raw.py"}, {"raw", "total", "mean"}),
        ({"clean.py"}, {"total", "mean"}),
        ({"gold.py", "other.py"}, {"total", "mean", "other"}),
        ({"raw.py", "other.py"}, None),
        ({"gold.py", "helper.py"}, None),
        ({"shared.py"}, None),
        ({"weir.toml"}, None),
    ],
)
def test_a_save_affects_what_the_file_defines_and_all_that_reads_it(saved, tables):
    assert affected(GRAPH, saved, {"shared.py"}) == (None if tables is None else frozenset(tables))


def test_a_source_that_others_import_affects_everything():
    assert affected(GRAPH, {"gold.py"}, {"gold.py"}) is None
