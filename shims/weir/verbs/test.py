"""`weir test`: the YAML tests and pytest's own of a project, and one line in the end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from weir.model.problems import missing_extra
from weir.ui.output import only_ours, print_json
from weir.ui.screen import console

KINDS = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
NO_TESTS = 5  # pytest's exit codes
WRONG = 2
STATES = {0: "PASSED", 1: "FAILED", NO_TESTS: "NOT FOUND"}


@dataclass
class Outcome:
    """What pytest says of the tests of a run."""

    reports: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """All tests have ended."""
        self.reports = {kind: terminalreporter.stats.get(kind, ()) for kind in KINDS}

    @property
    def counts(self) -> dict[str, int]:
        """How many tests ended in which way."""
        return {kind: len(reports) for kind, reports in self.reports.items()}


def run_tests(words: Sequence[str], *, as_json: bool) -> int:
    """Run them: 0 all passed, 1 one failed, 2 something is wrong with the tests or the arguments.

    Args:
        words: As pytest takes them.
    """
    if find_spec("pytest") is None:
        raise missing_extra("weir test", "test")
    outcome, begin = Outcome(), time.monotonic()
    with only_ours(as_json):
        arguments = ["-p", "weir.pytest_plugin", "-q", "--no-header", "--no-summary", *words]
        code = int(import_module("pytest").main(arguments, [outcome]))
    seconds = time.monotonic() - begin
    if as_json:
        print_json(_json(outcome, code, seconds))
    else:
        console().say(closing_line(outcome.counts, code, seconds), "bold")
    return code if code in {0, 1} else WRONG


def closing_line(counts: Mapping[str, int], code: int, seconds: float) -> str:
    """Totals in one line that a script can find.

    >>> closing_line({"passed": 2, "failed": 1, "error": 0}, 1, 3.21)
    'Tests FAILED: 2 passed, 1 failed; 3.2 s'
    """
    told = ", ".join(f"{n} {kind}" for kind, n in counts.items() if n or kind in {"passed", "failed"})
    return f"Tests {STATES.get(code, 'WRONG')}: {told or 'none'}; {seconds:.1f} s"


def _json(outcome: Outcome, code: int, seconds: float) -> dict[str, Any]:
    tests = [
        {"name": report.nodeid, "outcome": kind, "message": report.longreprtext or None}
        for kind, reports in outcome.reports.items()
        for report in reports
    ]
    return {
        "state": STATES.get(code, "WRONG"),
        **outcome.counts,
        "seconds": round(seconds, 3),
        "tests": tests,
    }
