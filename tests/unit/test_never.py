"""A rule that compares with NULL holds for no row: its author is told before it drops all of them."""

from __future__ import annotations

import pytest

from weir.define.load import load_sources
from weir.define.never import never_true
from weir.define.registry import freeze
from weir.model.names import Namespace

SOURCE = """\
import dlt
@dlt.table
@dlt.expect_or_drop("valid", {!r})
def a(): ...
dlt.create_streaming_table("t")
dlt.apply_changes("t", "a", ["id"], "n", apply_as_deletes={!r})
"""


@pytest.mark.parity(
    "differs", "2.2", "A rule that compares with NULL", "it never holds, and a notice says so"
)
@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("id = NULL", True),
        ("id <> null", True),
        ("id != NULL AND b", True),
        ("NULL == id", True),
        ("coalesce(id, 0) > NULL /* later */", True),
        ("id <=> NULL", False),
        ("id IS NOT NULL", False),
        ("id = NULLIF(a, 1)", False),
        ("name = 'a = NULL'", False),
        ("id = 1 -- = NULL", False),
        ("f(a => NULL) = 1", False),
        ("'open", False),
    ],
)
def test_a_comparison_with_null_is_told(tmp_path, condition, told, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.py").write_text(SOURCE.format(condition, condition))
    pipeline, _ = freeze(load_sources((tmp_path / "p.py",), {}), "p", Namespace(), {})
    instead = "compares with NULL: write IS NULL or IS NOT NULL"
    sentences = [f"p.py:3: the rule `valid` {instead}", f"p.py:6: a condition of `main.default.t` {instead}"]
    assert list(never_true(pipeline)) == (sentences if told else [])
