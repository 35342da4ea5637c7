"""What `make test` leaves out is shown by tests that it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
LONG = "pytest.mark.long"


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Test as its marks name it -> its code."""
    for file in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
            yield f"{file.relative_to(TESTS).as_posix()}::{function.name}", function


def witnesses(function: ast.FunctionDef) -> list[str]:
    """What the marks of a long test name."""
    calls = [d for d in function.decorator_list if isinstance(d, ast.Call) and ast.unparse(d.func) == LONG]
    return [ast.literal_eval(argument) for call in calls for argument in call.args]


def test_each_long_test_names_a_shorter_one():
    tests = dict(functions())
    long = {name: named for name, function in tests.items() if (named := witnesses(function))}
    short = tests.keys() - long.keys()
    assert len(long) > 10
    assert {name: named for name, named in long.items() if not {*named} <= short} == {}
    bare = [name for name, f in tests.items() for d in f.decorator_list if ast.unparse(d) == LONG]
    assert bare == []
