"""Statements of SQL sources: how a text is cut, what each defines, what is wrong with it and where."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from weir.define.cells import Cell
from weir.define.load import load_sources
from weir.define.registry import Registry, collecting
from weir.define.sql.scanner import scan
from weir.define.statements.load import load_sql
from weir.define.statements.splitting import statements_of
from weir.model.definitions import Action, DatasetKind, PublishedView
from weir.model.origin import Origin

CASES = [
    case.strip().split("\n---\n")
    for file in sorted((Path(__file__).parent / "statements").glob("*.txt"))
    for case in file.read_text().split("\n====\n")
]


def loaded(*cells, line=1):
    module = {}
    with collecting(Registry()) as registry:
        for cell in cells:
            load_sql(Cell("sql", cell, Origin("p.sql", line)), module)
    return registry


@pytest.mark.parity("same", "8", "What is wrong is told with its line and word, all of a file at once")
@pytest.mark.parity(
    "refused",
    "8.3",
    "CREATE TABLE, FUNCTION, SCHEMA and others, DROP, ALTER, INSERT, MERGE, SHOW, REFRESH in a source of SQL",
    "definitions alone; functions in Python",
)
@pytest.mark.parity("refused", "8.3", "A query outside of a dataset", "make it a dataset")
@pytest.mark.parity(
    "refused", "8.3", "Scripts (BEGIN ... END) and session variables", "SET key = value and `${key}`"
)
@pytest.mark.parity(
    "refused",
    "8.3",
    "CONSTRAINT on CREATE VIEW and CREATE TEMPORARY VIEW",
    "CREATE LIVE VIEW, or the rule on what reads the view",
)
@pytest.mark.parity(
    "refused",
    "8.3",
    "INSERT OVERWRITE, REPLACE WHERE and REPLACE USING in a flow",
    "a materialized view, or AUTO CDC",
)
@pytest.mark.parity(
    "refused",
    "8.3",
    "AUTO CDC FROM SNAPSHOT in SQL",
    "Databricks has it in Python alone: create_auto_cdc_from_snapshot_flow",
)
@pytest.mark.parity(
    "refused",
    "8.3",
    "USING another format, another DEFAULT COLLATION, REFRESH POLICY INCREMENTAL STRICT",
    "leave it out",
)
@pytest.mark.parametrize(("text", "told"), CASES, ids=[text.split("\n")[0] for text, _ in CASES])
def test_what_is_wrong_is_told_in_its_line(text, told):
    _, _, statements = text.partition("\n")
    found = loaded(statements).problems
    assert [f"! {p.condition} {p.origin.line}: {p.message} ({p.hint})" for p in found] == told.split("\n")


PIECES = [
    "a", "SELECT", "'b; -- c'", '"d;/*"', "`e;`", "-- f; 'g\n", "/* h; /* i; */ 'j */", "'k''; l'", "r'm;\\'",
    "'n\\'; o'", "(", ")", "$$p; 'q$$", "/*+ r(s) */", "1.5", "::", "${t;}", "CASE", "END", "{u}", "\n",
]  # fmt: skip


def test_a_text_is_cut_at_its_semicolons_alone():
    chance = random.Random(15)
    for _ in range(500):
        written = [" ".join(["x", *chance.choices(PIECES, k=chance.randint(0, 8)), "y"]) for _ in range(4)]
        places, unread = statements_of("\n;".join(written) + chance.choice(["", "\n;", " -- z"]))
        text = "\n;".join(written)
        assert unread is None
        assert [text[start:end] for start, end in places] == written


WORDS = [
    "(",
    ")",
    ",",
    ";",
    "AS",
    "BY",
    "SELECT",
    "*",
    "FROM",
    "STREAM",
    "FLOW",
    "WITH",
    "INTO",
    "CONSTRAINT",
    "'x'",
    "`y`",
    "1",
    "=",
    ".",
    "<",
    ":p",
    "@",
    "[",
    "IDENTIFIER",
]


@pytest.mark.filterwarnings("ignore:Unknown pipelines table property")
@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parent / "twice").glob("*.txt")), ids=lambda f: f.stem
)
def test_a_word_less_or_more_is_a_problem_at_most(file):
    chance = random.Random(15)
    for pair in file.read_text().split("\n== "):
        sql = pair.split("\n--\n")[1]
        for token in scan(sql):
            before, behind = sql[: token.start], sql[token.end :]
            for text in (before, before + behind, f"{before} {chance.choice(WORDS)} {behind}"):
                assert all(p.origin and p.message.endswith(".") for p in loaded(text).problems)


@pytest.mark.parity("same", "8", "The last statement of a file and of a cell may end without a semicolon")
def test_cells_are_statements_of_their_own():
    registry = loaded(
        "SET a = 1", "-- nothing", "CREATE LIVE TABLE t COMMENT '${a}' AS SELECT 1;\n\n", line=7
    )
    assert [(d.name, d.comment, d.origin.line) for d in registry.datasets] == [("t", "1", 7)]
    assert registry.problems == []


def test_places_are_those_of_the_words():
    text = """-- rules
CREATE LIVE TABLE t (

  CONSTRAINT a EXPECT (x > 0),
  CONSTRAINT b EXPECT (y > 0) ON VIOLATION DROP ROW
) AS
SELECT 1 AS x
"""
    registry = loaded(text, line=10)
    (dataset,) = registry.datasets
    assert dataset.origin.line == 11
    assert [(e.name, e.action, e.origin.line) for e in dataset.expectations] == [
        ("a", Action.WARN, 13),
        ("b", Action.DROP, 14),
    ]
    query = registry.flows[0].function.function.query
    assert (query.source.text, query.source.origin_of(0).line) == ("SELECT 1 AS x", 16)


@pytest.mark.parity("same", "8.3", "CREATE PRIVATE or TEMPORARY STREAMING TABLE is not published")
def test_what_only_sql_has():
    registry = loaded(
        "CREATE PRIVATE STREAMING TABLE p AS SELECT * FROM STREAM(s); CREATE VIEW c.s.v COMMENT 'x' AS SELECT 1"
    )
    private, published = registry.datasets
    assert (private.kind, private.private, private.protection.private) == (
        DatasetKind.STREAMING_TABLE,
        True,
        True,
    )
    assert published == PublishedView("c.s.v", Origin("p.sql", 1), "x")


def queries(text):
    functions = [flow.function for flow in loaded(text).flows]
    return [getattr(f, "function", f).query for f in functions]


def test_columns_without_types_are_names_for_those_of_the_query():
    (query,) = queries("CREATE LIVE TABLE t (a COMMENT 'x', `b c`) AS SELECT 1, 2")
    assert [(c.name, c.comment) for c in query.columns] == [("a", "x"), ("b c", None)]


@pytest.mark.parity("same", "8.3", "INSERT INTO by name, by the places of columns, or into a list of them")
def test_an_insert_goes_by_name_by_place_or_into_listed_columns():
    by_name, by_place, listed = queries(
        "CREATE FLOW a AS INSERT INTO t BY NAME SELECT 1;"
        "CREATE FLOW b AS INSERT INTO LIVE.t SELECT 1;"
        "CREATE FLOW c AS INSERT INTO t (x, y) SELECT 1, 2"
    )
    assert (by_name.into, by_place.into, listed.into) == (None, "LIVE.t", None)
    assert [c.name for c in listed.columns] == ["x", "y"]


@pytest.mark.parity("same", "8.3", "AUTO CDC FROM a query: joins, common table expressions, QUALIFY, pipes")
def test_what_changes_are_read_from():
    texts = [
        "(SELECT * FROM STREAM(a) JOIN b USING (id))",
        "STREAM(a) WITH (skipChangeCommits = true)",
        "STREAM read_files('/in', format => 'json')",
        "(FROM STREAM a |> WHERE keys > 1) AS x",
        "s",
    ]
    for text in texts:
        (query,) = queries(f"APPLY CHANGES INTO t FROM {text} KEYS (id) SEQUENCE BY ts")
        assert query.source.text == f"SELECT * FROM {text}"


@pytest.mark.parity("same", "8.3", "USE completes the names that follow it in its file")
def test_use_completes_names_in_queries_and_of_targets():
    registry = loaded("USE prod.gold; APPLY CHANGES INTO t FROM STREAM(s) KEYS (id) SEQUENCE BY ts")
    (flow,) = registry.flows
    assert (flow.target, flow.function.query.source.text) == ("prod.gold.t", "SELECT * FROM STREAM(s)")
    query = flow.function.query
    names = [("t",), ("s", "t"), ("c", "s", "t"), ("LIVE", "t")]
    assert [query.completed(name) for name in names] == [
        ("prod", "gold", "t"),
        ("prod", "s", "t"),
        ("c", "s", "t"),
        ("LIVE", "t"),
    ]


@pytest.mark.parity("differs", "8.3", "SCHEDULE, TRIGGER ON UPDATE", "accepted, told to have no effect")
def test_schedules_are_for_tables_outside_of_pipelines():
    text = "CREATE MATERIALIZED VIEW t SCHEDULE REFRESH EVERY 1 HOUR COMMENT 'c' AS SELECT 1"
    more = "CREATE STREAMING TABLE s TRIGGER ON UPDATE AT MOST EVERY INTERVAL 1 HOUR AS SELECT 1"
    registry = loaded(f"{text};\n{more}")
    assert [(d.comment, d.kind) for d in registry.datasets] == [
        ("c", DatasetKind.MATERIALIZED_VIEW),
        (None, DatasetKind.STREAMING_TABLE),
    ]
    assert list(registry.notices.values()) == [
        "p.sql:1: SCHEDULE has no effect here: weir run brings the table up to date",
        "p.sql:2: TRIGGER ON UPDATE has no effect here: weir run brings the table up to date",
    ]


@pytest.mark.parity("differs", "8.3", "OR REPLACE of tables", "taken for OR REFRESH, with a notice")
def test_or_replace_is_taken_for_or_refresh_and_told():
    registry = loaded(
        "CREATE OR REPLACE MATERIALIZED VIEW t AS SELECT 1;\nCREATE OR REPLACE STREAMING TABLE s"
    )
    assert [(d.name, d.kind) for d in registry.datasets] == [
        ("t", DatasetKind.MATERIALIZED_VIEW),
        ("s", DatasetKind.STREAMING_TABLE),
    ]
    assert list(registry.notices.values()) == [
        f"p.sql:{line}: OR REPLACE is taken for OR REFRESH; Databricks may refuse it in a pipeline"
        for line in (1, 2)
    ]


@pytest.mark.parity("differs", "8.3", "LOCATION", "ignored with a notice, as `path` of Python is")
def test_a_location_is_ignored_as_path_is():
    with pytest.warns(UserWarning, match="`path` is ignored") as told:
        loaded("CREATE LIVE TABLE t\n  LOCATION '/mnt/x' AS SELECT 1", line=4)
    assert [(w.filename, w.lineno) for w in told] == [("p.sql", 4)]


@pytest.mark.parity("same", "8", "A file of comments, SET and USE is told to define nothing")
def test_a_file_that_defines_nothing_is_told(tmp_path):
    (tmp_path / "a.sql").write_text("-- CREATE LIVE TABLE t AS SELECT 1\nSET a = 1;")
    (tmp_path / "b.sql").write_text("CREATE STREAMING TABLE s")
    registry = load_sources((tmp_path / "a.sql", tmp_path / "b.sql"), {})
    assert list(registry.notices.values()) == [
        f"{tmp_path / 'a.sql'}:1: no statement of the file defines anything"
    ]
