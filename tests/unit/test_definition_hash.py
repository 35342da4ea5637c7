"""A hash of what a definition says: it moves with the meaning, not with the lines."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from weir.define.definition_hash import dataset_hash, flow_hash
from weir.define.query import Query
from weir.define.read import QueryFunction
from weir.define.sql.source import SqlText
from weir.model.definitions import Action, Expectation, QueryFlow, StreamingTable
from weir.model.origin import Origin

HERE, THERE = Origin("a.py", 3), Origin("b.py", 90)


def function(text: str, **seen: Any) -> Callable[[], Any]:
    """The function `f` of a source."""
    exec(compile(text, "a.py", "exec"), seen)  # noqa: S102 - a text of ours
    return seen["f"]


def of(text: str, origin: Origin = HERE, **seen: Any) -> str:
    return flow_hash(QueryFlow("t", "t", function(text, **seen), origin))


def sql(text: str, **parameters: str) -> str:
    query = Query(SqlText(text, lambda _: None), parameters=parameters)
    return flow_hash(QueryFlow("t", "t", QueryFunction(query), HERE))


def test_a_definition_that_moves_or_gets_a_remark_stays_the_same() -> None:
    assert of("def f():\n    return 1") == of("\n\n# more\ndef f():\n\n    return 1  # one", THERE)
    assert len(of("def f():\n    return 1")) == 16


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (of("def f():\n    return 1"), of("def f():\n    return 2")),
        (of("def f():\n    return LIMIT", LIMIT=1), of("def f():\n    return LIMIT", LIMIT=2)),
        (of("def f(n=1):\n    return n"), of("def f(n=2):\n    return n")),
        (of("def g(n):\n    return lambda: n\nf = g(1)"), of("def g(n):\n    return lambda: n\nf = g(2)")),
        (of("def f():\n    return (lambda: 1)()"), of("def f():\n    return (lambda: 2)()")),
        (sql("SELECT 1"), sql("SELECT 2")),
        (sql("SELECT :a", a="1"), sql("SELECT :a", a="2")),
        (dataset_hash(StreamingTable("t", HERE)), dataset_hash(StreamingTable("t", HERE, comment="new"))),
    ],
)
def test_a_definition_that_says_something_else_has_another_hash(before: str, after: str) -> None:
    assert before != after


def test_rules_belong_to_the_definition_of_a_dataset_and_their_places_do_not() -> None:
    def table(condition: str, origin: Origin) -> str:
        rule = Expectation("known", condition, Action.DROP, origin)
        return dataset_hash(StreamingTable("t", origin, expectations=(rule,)))

    assert table("id > 0", HERE) == table("id > 0", THERE) != table("id > 1", HERE)


def test_a_hash_is_the_same_in_every_process() -> None:
    text = """
from tests.unit.test_definition_hash import of
print(of("def f(x=1):\\n    return x in {'a', 'b', 'c'}"))
"""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", text], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True,
            text=True, check=True, timeout=120, cwd=Path(__file__).parents[2],
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(hashes) == 1
