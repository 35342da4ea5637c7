"""What to do about an exception of user code that no source file of a pipeline is needed to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from weir.define.load import importable, load_sources
from weir.graph.unloaded import without_consequences
from weir.model.origin import Origin
from weir.model.problems import Problem


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("F.col('a')", "add `from pyspark.sql import functions as F` at the top of the file"),
        ("json.loads('1')", "add `import json` at the top of the file"),
        ("sesion.table('a')", "did you mean `session`?"),
        ("os.environ['SHOP']", "set the environment variable SHOP"),
        ("{}['SHOP']", None),
        ("os.getcwdd()", "did you mean `getcwd`?"),
        ("session.anything()", "look for another name in the documentation of str"),
        ("own(nmae=1)", "did you mean `name`?"),
        ("own(other=1)", "its parameters are: name, size"),
        ("own()", "its parameters are: name, size"),
        ("__import__('pathlib').Path().with_name()", "see the signature of the function"),
        ("import helperz", "did you mean `helpers`?"),
        ("from helpers import rule", "did you mean `rules`?"),
        ("import dtl", "did you mean `dlt`?"),
        ("open('dbfs:/FileStore/a')", "pass --map /FileStore/a=FOLDER"),
        ("open('/no/such/file')", None),
        (
            "raise ValueError('[PATH_NOT_FOUND] Path does not exist: file:/home/fs/in/*.csv. SQLSTATE: 42K03')",
            "if it is elsewhere on this machine, pass --map /home/fs/in=FOLDER",
        ),
        ("1 / 0", None),
        ("raise SystemExit(1)", None),
    ],
)
def test_a_mistake_comes_with_its_hint(tmp_path, line, hint):
    (tmp_path / "helpers.py").write_text("rules = {}\n")
    above = "import os\nsession = 'a session'\ndef own(name, size=1): ...\n"
    (tmp_path / "p.py").write_text(f"{above}{line}\n")
    with importable((tmp_path,)):
        (problem,) = load_sources((tmp_path / "p.py",), {}).problems
    assert (problem.hint, problem.origin.line) == (hint, 4)


def test_what_may_stand_in_a_source_that_did_not_load_is_told_as_such(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("def orders(: \n'''flow into `mi tabla`'''\n")
    place = Origin("p.py", 1)

    def lacking(name):
        text = f"`{name}` is neither a dataset of this pipeline nor a known outside table."
        return Problem("TABLE_OR_VIEW_NOT_FOUND", text, place, "pass --table")

    idle = Problem("PIPELINE_DATASET_WITHOUT_FLOW", "Nothing writes into `main.s.orders`.", place, "add one")
    other = Problem("PIPELINE_DATASET_WITHOUT_FLOW", "Nothing writes into `main.s.others`.", place, "add one")
    target = Problem("X", "The flow `f` writes into `orders`, which is not defined.", place, "declare it")
    problems = [lacking("LIVE.orders"), lacking("main.s.`mi tabla`"), lacking("others"), idle, other, target]
    told = list(without_consequences(problems, [tmp_path / "broken.py"]))
    hint = "broken.py, which did not load, may define it"
    assert [p.hint for p in told] == [hint, hint, "pass --table", "add one", hint]
    assert list(without_consequences(problems, [])) == problems


def test_a_source_that_loads_in_part_is_one_that_did_not_load(tmp_path):
    texts = {
        "a.py": "1 / 0",
        "b.sql": "CREATE LIVE TABLE a AS SELECT 1; CREATE LIVE TABEL b AS SELECT 1",
        "c.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    registry = load_sources(tuple(tmp_path / name for name in texts), {})
    assert [file.name for file in registry.unloaded] == ["a.py", "b.sql"]
    assert [d.name for d in registry.datasets] == ["a"]


def test_a_text_that_cannot_be_read_always_has_a_hint():
    unreadable = Problem("PARSE_SYNTAX_ERROR", "`x` is unexpected: expected ROW.", Origin("a.sql", 1))
    hint = "correct the text there; what stands apart from it was still read"
    assert unreadable.with_hint() == Problem(
        unreadable.condition, unreadable.message, unreadable.origin, hint
    )
    told = Problem("PARSE_SYNTAX_ERROR", "`x` is unexpected.", None, "did you mean `y`?")
    other = Problem("X", "Else.")
    assert (told.with_hint(), other.with_hint()) == (told, other)
