"""Rows and rule counts as tests compare them: an assertion that fails shows where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from weir.model.results import DatasetResult, RuleResult
from weir.testing.difference import difference, difference_lines, same_rows
from weir.testing.frames import frame_of, schema_of, typed_rows
from weir.testing.given import read_given

Counts = tuple[int | None, int | None]
GIVEN = (list, tuple, str, Path)


class Rows(list[dict[str, Any]]):
    """The rows of a table, which are the same in whatever order they come.

    They compare with rows as `given` takes them: a list of dictionaries, a text table, a CSV file.

    Attributes:
        schema: The columns.
        key: The columns by which a failed assertion aligns rows; it finds one by itself where there are none.
    """

    def __init__(
        self, rows: Iterable[dict[str, Any]] = (), schema: StructType | None = None, key: Sequence[str] = ()
    ) -> None:
        super().__init__(rows)
        self.schema = schema or StructType()
        self.key = tuple(key)

    def by(self, *key: str) -> Rows:
        """The same rows, aligned by a key."""
        return Rows(self, self.schema, key)

    def only(self, *columns: str) -> Rows:
        """Some of the columns."""
        schema = StructType([self.schema[c] for c in columns])
        return Rows(({c: row[c] for c in columns} for row in self), schema, self.key)

    def same_as(self, expected: Any) -> Sequence[Mapping[str, Any]]:
        """What is expected, as rows of these columns' types."""
        if isinstance(expected, Sequence) and not isinstance(expected, str):
            return expected
        given = read_given(expected)
        schema = schema_of(given, self.schema)
        return typed_rows(given, StructType([f for f in schema if f.name in _named(given.columns, schema)]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GIVEN):
            return NotImplemented
        return not _lists_others(other) and same_rows(self, self.same_as(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # pyright: ignore[reportAssignmentType] - as a list

    def explain(self, expected: Any) -> list[str]:
        """How they differ from what is expected, as text lines."""
        return difference_lines(difference(self, self.same_as(expected), self.key))


def _named(columns: Iterable[str], schema: StructType) -> frozenset[str]:
    wanted = {c.lower() for c in columns}
    return frozenset(f.name for f in schema if f.name.lower() in wanted)


class RuleCounts(dict[str, Counts]):
    """Rule -> (rows that passed, rows that failed); None for both where Databricks does not count (§2.4).

    Attributes:
        dataset: Whose rules they are.
        rules: What they say.
    """

    def __init__(self, dataset: str, rules: Iterable[RuleResult]) -> None:
        self.dataset = dataset
        self.rules = {rule.name: rule for rule in rules}
        super().__init__({rule.name: (rule.passed, rule.failed) for rule in self.rules.values()})

    def explain(self, expected: Mapping[str, Any]) -> list[str]:
        """Which rule saw what, and what was expected of it, as text lines."""
        return [f"rules of {self.dataset}:", *(self._line(n, expected) for n in {**self, **expected})]

    def _line(self, name: str, expected: Mapping[str, Any]) -> str:
        if name not in self:
            return f"- {name}: no such rule; expected {_saw(expected[name])}"
        rule, saw = self.rules[name], _saw(self[name])
        line = f"{name} ({rule.action}: {rule.condition}) {saw}"
        if name not in expected:
            return f"+ {line}; not expected"
        same = expected[name] is not None and tuple(expected[name]) == self[name]
        return f"  {line}" if same else f"~ {line}; expected {_saw(expected[name])}"


def _saw(counts: Any) -> str:
    passed, failed = counts or (None, None)
    none = passed is None and failed is None
    return "is not counted: (None, None)" if none else f"passed {passed}, failed {failed}"


@dataclass(frozen=True)
class Computed:
    """What a dataset made of given rows.

    Attributes:
        results: Its own, then those of the views that it reads under rules.
    """

    rows: Rows
    results: tuple[DatasetResult, ...]
    session: SparkSession

    @property
    def result(self) -> DatasetResult:
        """How it ended."""
        return self.results[0]

    @property
    def frame(self) -> DataFrame:
        """The rows as a frame, for PySpark's own assertions."""
        return frame_of(self.session, self.rows, self.rows.schema)

    def counts(self, view: str | None = None) -> RuleCounts:
        """What its rules saw, or those of a view that it reads."""
        name = view.lower() if view else self.result.name
        result = next(r for r in self.results if r.name == name)
        return RuleCounts(result.name, result.expectations)


def _lists_others(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and not all(isinstance(row, Mapping) for row in value)


def explanation(left: Any, right: Any) -> list[str] | None:
    """What a failed `left == right` shows; None if neither side is ours."""
    for ours, other in ((left, right), (right, left)):
        match ours:
            case Rows() if isinstance(other, GIVEN) and not _lists_others(other):
                return ours.explain(other)
            case RuleCounts() if isinstance(other, Mapping):
                return ours.explain(other)
    return None
