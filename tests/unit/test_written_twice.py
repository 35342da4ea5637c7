"""A pipeline written in Python and in SQL has equal definitions: pairs in `twice/`, Python first."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import dlt
from weir.define.cells import Cell
from weir.define.registry import Registry, collecting, freeze
from weir.define.statements.load import load_sql
from weir.model.names import Namespace
from weir.model.origin import Origin

HERE = Path(__file__).parent / "twice"
CONFIGURATION = {
    "catalog": "main", "layer": "silver", "parameters.catalog": "prod", "parameters.table": "t",
    "parameters.since": "2024-01-01",
}  # fmt: skip
PAIRS = {
    title: tuple(code.split("\n--\n"))
    for file in sorted(HERE.glob("*.txt"))
    for title, code in re.findall(r"^== (.*)\n((?:(?!== ).*\n)*)", file.read_text(), re.MULTILINE)
}
NOWHERE = Origin("", 0)


def of_python(text):
    with collecting(Registry()) as registry:
        exec(compile(text, "p.py", "exec"), {"dlt": dlt})  # noqa: S102 - the pair's Python
    return registry


def of_sql(text):
    session = SimpleNamespace(conf=CONFIGURATION)
    with collecting(Registry()) as registry:
        load_sql(Cell("sql", text, Origin("p.sql", 1)), {"spark": session})
    return registry


def values(registry):
    """What is defined, without places and functions."""
    pipeline, problems = freeze(registry, "p", Namespace(), {})
    datasets = {
        name: replace(
            dataset,
            origin=NOWHERE,
            expectations=tuple(replace(e, origin=NOWHERE) for e in dataset.expectations),
        )
        for name, dataset in pipeline.datasets.items()
    }
    flows = tuple(replace(flow, origin=NOWHERE, function=len) for flow in pipeline.flows)
    return datasets, flows, [(p.condition, p.message) for p in problems]


@pytest.mark.parity("same", "8", "What SQL defines equals what the same words of Python define")
@pytest.mark.parity(
    "same", "8.3", "CREATE [OR REFRESH] MATERIALIZED VIEW, LIVE TABLE, IF NOT EXISTS, a query without AS"
)
@pytest.mark.parity(
    "same",
    "8.3",
    "CREATE [OR REFRESH] STREAMING TABLE, STREAMING LIVE TABLE, INCREMENTAL LIVE TABLE, with and without a query",
)
@pytest.mark.parity(
    "same", "8.3", "CREATE TEMPORARY VIEW, [TEMPORARY] [STREAMING] LIVE VIEW with rules, OR REPLACE of a view"
)
@pytest.mark.parity("same", "8.3", "PRIVATE and TEMPORARY tables")
@pytest.mark.parity(
    "same", "8.3", "Names of one to three parts, in backquotes, with LIVE, of `${key}` and of IDENTIFIER(...)"
)
@pytest.mark.parity(
    "same",
    "8.3",
    "CONSTRAINT ... EXPECT with each action, alone or between columns, names in backquotes, a comma too many",
)
@pytest.mark.parity("same", "8.3", "Columns with types, NOT NULL, COMMENT, DEFAULT and GENERATED ALWAYS AS")
@pytest.mark.parity("same", "8.3", "MASK ... USING COLUMNS and WITH ROW FILTER in SQL")
@pytest.mark.parity("same", "8.3", "PRIMARY KEY and FOREIGN KEY, of columns and of tables, RELY")
@pytest.mark.parity(
    "same",
    "8.3",
    "COMMENT, TBLPROPERTIES with keys in quotes or without, with or without `=`, numbers and booleans",
)
@pytest.mark.parity(
    "same",
    "8.3",
    "PARTITIONED BY, CLUSTER BY (...), AUTO and NONE, USING DELTA, in any order, before and behind the columns",
)
@pytest.mark.parity("same", "8.3", "REFRESH POLICY, DEFAULT COLLATION UTF8_BINARY")
@pytest.mark.parity(
    "same",
    "8.3",
    "CREATE FLOW ... AS INSERT INTO [ONCE] ... BY NAME, INSERT ONCE INTO, COMMENT of a flow, FLOW INSERT in a table",
)
@pytest.mark.parity(
    "same",
    "8.3",
    "CREATE FLOW ... AS AUTO CDC [ONCE] INTO, AS APPLY CHANGES INTO, APPLY CHANGES INTO alone, FLOW AUTO CDC in a table",
)
@pytest.mark.parity(
    "same", "8.3", "KEYS, SEQUENCE BY a column, an expression, (a, b) and STRUCT(a, b), WHERE"
)
@pytest.mark.parity(
    "same",
    "8.3",
    "APPLY AS DELETE WHEN, APPLY AS TRUNCATE WHEN, IGNORE NULL UPDATES [ON ...], COLUMNS TO UPDATE",
)
@pytest.mark.parity(
    "same",
    "8.3",
    "COLUMNS with a list, `*` and `* EXCEPT`, STORED AS SCD TYPE, TRACK HISTORY ON, clauses in any order",
)
@pytest.mark.parity(
    "same", "8.3", "SET key = value for the datasets and `${key}` behind it, SET key, SET TIME ZONE"
)
@pytest.mark.parity("same", "8.3", "USE CATALOG, USE SCHEMA, USE for the names behind them")
@pytest.mark.parametrize("title", PAIRS)
def test_both_have_equal_definitions(title):
    python, sql = PAIRS[title]
    assert values(of_sql(sql)) == values(of_python(python))
    assert values(of_sql(sql))[2] == []


def test_there_are_many_pairs():
    assert len(PAIRS) >= 60
