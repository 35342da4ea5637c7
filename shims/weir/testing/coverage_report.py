"""`pytest --rule-coverage`: what the tests of a run have seen of the rules, also those of xdist's workers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from weir.bundle.bundle import find_bundle
from weir.bundle.sources import SourceArguments, all_settings
from weir.model.definitions import Dataset
from weir.model.results import DatasetResult
from weir.testing.coverage import Coverage, coverage_json, coverage_lines, coverage_of, observed, seen

JSON, MINIMUM = "--rule-coverage-json", "--rule-coverage-min"
FROM_WORKER = "weir_rule_coverage"


class RuleCoverage:
    """What has been seen so far in this run, by this process and by workers that have ended."""

    def __init__(self, config: pytest.Config, minimum: float | None) -> None:
        self.config = config
        self.minimum = minimum
        self.coverage = Coverage({})
        self.problems: list[str] = []
        self.observing = ExitStack()

    def saw(self, defined: Collection[Dataset], results: Collection[DatasetResult]) -> None:
        """A test has updated a pipeline, or computed a dataset."""
        self.coverage |= seen(defined, results, self.config.rootpath)

    def pytest_sessionstart(self) -> None:
        """Tests begin."""
        self.observing.enter_context(observed(self.saw))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist has ended."""
        told = getattr(node, "workeroutput", {}).get(FROM_WORKER)
        if told is not None:
            self.coverage |= coverage_of(told)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tests have ended: tell the main process, or judge."""
        self.observing.close()
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[FROM_WORKER] = coverage_json(self.coverage)
            return
        self.problems = [*self._problems()]
        if self.problems and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if file := self.config.getoption(JSON):
            told = coverage_json(self.coverage) | {"unopened": [*self._unopened()]}
            Path(file).write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show it, at the end."""
        terminalreporter.section("rule coverage")
        for line in coverage_lines(self.coverage):
            terminalreporter.line(line)
        for pipeline in self._unopened():
            terminalreporter.line(f"no test updated anything of the pipeline {pipeline}")
        for problem in self.problems:
            terminalreporter.line(f"ERROR: {problem}", red=True)

    def _problems(self) -> Iterator[str]:
        if self.minimum is None:
            return
        if self.coverage.percent < self.minimum:
            yield f"{self.coverage.percent:.1f} % of the rules are covered, {self.minimum:g} % are required"
        if unopened := [*self._unopened()]:
            yield f"the rules of {', '.join(unopened)} are not known, since no test updated anything of it"

    def _unopened(self) -> Iterator[str]:
        """The pipelines of the bundle of which no dataset is known."""
        root = self.config.rootpath
        if find_bundle(root) is None:
            return
        known = {(root / d.place.rpartition(":")[0]).resolve() for d in self.coverage.datasets.values()}
        for settings in all_settings(SourceArguments(), root):
            if known.isdisjoint(settings.files):
                yield settings.name
