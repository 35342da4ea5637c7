"""No test waits without an end: what hangs fails by its name."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.killing import ends, mortal, until

TESTS = Path(__file__).parents[1]
WAITING = {"wait", "communicate", "join", "result"}
FOREVER = {"tests/unit/test_executor.py"}  # a thread that hangs is what it is about
HANGS = [sys.executable, "-c", "input()"]


def unbounded(node):
    """A call that takes no number of seconds; `"".join(parts)` has an argument."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WAITING
    return named and not (node.args or node.keywords)


def test_whatever_waits_says_for_how_long():
    files = {
        f.relative_to(TESTS.parent).as_posix(): f.read_text(encoding="utf-8") for f in TESTS.rglob("*.py")
    }
    lines = {
        f"{name}:{node.lineno}"
        for name, text in files.items() if name not in FOREVER
        for node in ast.walk(ast.parse(text)) if unbounded(node)
    }  # fmt: skip
    assert lines == set()


def test_a_process_that_does_not_end_is_killed_and_named():
    never = r"it did not end within 0\.1 seconds: .*input\(\)"
    with (
        subprocess.Popen(HANGS, stdin=subprocess.PIPE) as process,
        pytest.raises(AssertionError, match=never),
    ):
        ends(process, 0.1)
    assert process.returncode == -9


def test_whoever_reads_from_a_process_goes_on_when_its_time_is_over():
    with mortal(subprocess.Popen(HANGS, stdin=subprocess.PIPE, stdout=subprocess.PIPE), 0.1) as process:
        assert process.stdout.readline() == b""


def test_what_never_holds_is_not_waited_for():
    with pytest.raises(AssertionError, match=r"it did not come within 0\.01 seconds"):
        until(lambda: False, 0.01)
