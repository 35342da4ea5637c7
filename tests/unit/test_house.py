"""Rules of the house that no linter knows: lengths, hidden imports, prints, and examples that are true."""

import ast
import doctest
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ["shims/weir", "shims/dlt", "shims/simulator", "pipelines", "expectations", "deploy"]
FILES = {
    file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
    for folder in FOLDERS
    for file in sorted((ROOT / folder).rglob("*.py"))
}
TREES = {name: ast.parse(text) for name, text in FILES.items()}
OURS = {"weir", "dlt", "simulator", "expectations", "pipelines"}
LATE_IMPORTS = ("shims/weir/cli/", "deploy/maintain.py")  # to start quickly; since it sets the path first
PRINTING = ("shims/weir/cli/", "shims/weir/ui/", "shims/weir/verbs/", "shims/simulator/", "deploy/")
WITH_EXAMPLES = [name for name, text in FILES.items() if ">>> " in text]


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, tree in TREES.items():
        yield from ((name, n) for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))


def length(function: ast.FunctionDef) -> int:
    """The lines of its body, its docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) and function.body[1:] else function.body
    return body[-1].end_lineno - body[0].lineno + 1


def imported(node: ast.AST) -> set[str]:
    """The packages that a statement imports, their first names."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()


def has_reason(file: str, line: int) -> bool:
    return "# noqa: PLC0415 - " in FILES[file].splitlines()[line - 1]


def test_each_file_of_tests_has_a_name_of_its_own():
    """Else pytest reads one of two, or neither."""
    names = Counter(file.name for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_files_have_at_most_400_lines():
    assert {name: lines for name, text in FILES.items() if (lines := len(text.splitlines())) > 400} == {}


def test_functions_have_at_most_40_lines():
    assert [(name, f.name, length(f)) for name, f in functions() if length(f) > 40] == []


def test_our_own_modules_are_imported_at_the_top():
    late = [
        f"{name}:{node.lineno}"
        for name, function in functions()
        if not name.startswith(LATE_IMPORTS)
        for node in ast.walk(function)
        if imported(node) & OURS and not has_reason(name, node.lineno)
    ]
    assert late == []


def test_only_the_doors_print():
    calls = (
        (name, node)
        for name, tree in TREES.items()
        if not name.startswith(PRINTING)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    assert [f"{name}:{call.lineno}" for name, call in calls if call.func.id == "print"] == []


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_docstrings_are_true(name):
    module = name.removeprefix("shims/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    tried = doctest.testmod(import_module(module))
    assert tried.attempted > 0
    assert tried.failed == 0
