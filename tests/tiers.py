"""What `make test` leaves to `make test-all`: tests of many seconds, of which each names a shorter witness.

@pytest.mark.long("spark/test_kill.py::test_killed_and_run_again")
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def short(cases: Iterable[object], *kept: object) -> list[object]:
    """The cases of a test, of which all but a few are long: the few are their witness."""
    return [case if case in kept else pytest.param(case, marks=pytest.mark.long) for case in cases]
