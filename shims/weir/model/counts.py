"""Counts of rows and of rules. None stands for an unknown count: a number is right, or it is not told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rows kept a rule and how many broke it."""

    passed: int = 0
    failed: int = 0

    def __add__(self, other: RuleCount) -> RuleCount:
        return RuleCount(self.passed + other.passed, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Counts:
    """What rules saw; as it is made, that no row came.

    Attributes:
        rows: Rows that reached the rules.
        dropped: Rows that broke at least one drop rule, once each.
        rules: The name of a rule -> its count.
    """

    rows: int = 0
    dropped: int = 0
    rules: Mapping[str, RuleCount] = field(default_factory=dict[str, RuleCount])

    @property
    def kept(self) -> int:
        """Rows that went on to the table."""
        return self.rows - self.dropped

    def of(self, rule: str) -> RuleCount:
        """The count of a rule."""
        return self.rules.get(rule, RuleCount())

    def __add__(self, other: Counts) -> Counts:
        names = dict.fromkeys([*self.rules, *other.rules])
        rules = {name: self.of(name) + other.of(name) for name in names}
        return Counts(self.rows + other.rows, self.dropped + other.dropped, rules)


NOTHING = Counts()


def total(counts: Iterable[Counts | None]) -> Counts | None:
    """The sum of counts; unknown where one of them is."""
    sum_of_all = NOTHING
    for one in counts:
        if one is None:
            return None
        sum_of_all += one
    return sum_of_all


def total_rows(rows: Iterable[int | None]) -> int | None:
    """The sum of numbers of rows; unknown where one of them is."""
    known = list(rows)
    return None if None in known else sum(n for n in known if n is not None)
