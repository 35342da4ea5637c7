"""`weir test`: YAML tests and pytest's own in one run, and one line in the end."""

import json
import sys

import pytest
from click.testing import CliRunner

from weir.cli import weir

pytest_plugins = ["pytester"]
QUIET = ("-p", "no:cacheprovider")
WRONG = "tests:\n  - {name: x, expct: {}}\n"
COLLECTED = [
    "[INVALID_UNIT_TEST] `expct` is no key of a test.",
    "  at wrong.unit_tests.yml:2",
    "  hint: did you mean `expect`?",
    "[INVALID_UNIT_TEST] The test expects nothing.",
    "  at wrong.unit_tests.yml:2",
    "  hint: write expect: and a table",
]


@pytest.fixture
def project(pytester):
    """It has a test that passes, one that fails and one of a broken file."""
    pytester.makeini("[pytest]")
    pytester.makepyfile(test_own="def test_one():\n    assert 1 == 1\n\ndef test_two():\n    assert 1 == 2\n")
    (pytester.path / "wrong.unit_tests.yml").write_text(WRONG)
    return pytester


def test_a_broken_file_of_tests_is_an_error_without_a_traceback(project):
    command = [sys.executable, "-m", "weir.cli", "test", *QUIET, "--json", "--continue-on-collection-errors"]
    result = project.run(*command, timeout=60)
    told = json.loads(result.stdout.str())
    assert (result.ret, told["state"], told["passed"], told["failed"], told["error"]) == (
        1,
        "FAILED",
        1,
        1,
        1,
    )
    assert [(t["name"], t["outcome"]) for t in told["tests"]] == [
        ("test_own.py::test_one", "passed"),
        ("test_own.py::test_two", "failed"),
        ("wrong.unit_tests.yml", "error"),
    ]
    assert told["tests"][2]["message"].splitlines() == COLLECTED
    assert "assert 1 == 2" in told["tests"][1]["message"]


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["test_own.py", "-k", "one"], 0, "Tests PASSED: 1 passed, 0 failed; "),
        (["test_own.py"], 1, "Tests FAILED: 1 passed, 1 failed; "),
        ([], 2, "Tests WRONG: 0 passed, 0 failed, 1 error; "),
        (["-k", "nothing", "test_own.py"], 2, "Tests NOT FOUND: 0 passed, 0 failed; "),
    ],
)
@pytest.mark.usefixtures("project")
def test_the_last_line_has_the_totals(arguments, code, line):
    result = CliRunner().invoke(weir, ["test", *QUIET, *arguments])
    assert (result.exit_code, result.stdout.splitlines()[-1][: len(line)]) == (code, line)
