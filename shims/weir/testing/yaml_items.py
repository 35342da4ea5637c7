"""YAML tests as pytest collects them: an item a test; what differs is shown with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from weir.model.problems import WeirError
from weir.testing.found import session_of_run
from weir.testing.unit_runs import Failure, run_unit_test
from weir.testing.unit_tests import UnitTest, UnitTests, read_unit_tests

SESSION = pytest.StashKey[Any]()


class YamlFile(pytest.File):
    """A file of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its tests.

        Raises:
            CollectError: What is wrong in it.
        """
        try:
            tests = read_unit_tests(self.path)
        except WeirError as error:
            raise self.CollectError(str(error)) from error
        for test in tests.tests:
            yield YamlItem.from_parent(self, name=test.name, tests=tests, test=test)


class DifferentError(Exception):
    """A test did not get what it expects."""

    def __init__(self, failures: tuple[Failure, ...]) -> None:
        super().__init__("\n".join(map(str, failures)))


class YamlItem(pytest.Item):
    """One test."""

    def __init__(self, *, tests: UnitTests, test: UnitTest, **of_pytest: Any) -> None:
        super().__init__(**of_pytest)
        self.tests = tests
        self.test = test

    def runtest(self) -> None:
        """Run it, in a folder that is removed.

        Raises:
            DifferentError: Something differs.
            WeirError: The pipeline is wrong, or the test names what it does not have.
        """
        with TemporaryDirectory(prefix="weir-") as folder:
            failures = run_unit_test(self.tests, self.test, self._session(), Path(folder))
        if failures:
            raise DifferentError(failures)

    def _session(self) -> Any:
        """The one session of the run, which ends with it."""
        config = self.config
        if SESSION not in config.stash:
            run = ExitStack()
            folder = run.enter_context(TemporaryDirectory(prefix="weir-"))
            config.stash[SESSION] = run.enter_context(session_of_run(Path(folder)))
            config.add_cleanup(run.close)
        return config.stash[SESSION]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A user's mistake shows no traceback of ours."""
        if isinstance(excinfo.value, (DifferentError, WeirError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self.test.origin.line - 1, self.name
