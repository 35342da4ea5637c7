"""Rule coverage: which rules tests have seen both passing and failing, and which datasets none has built.

A fold over what updates and computed datasets told: it needs no Spark, and the order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import reduce
from math import floor
from pathlib import Path
from typing import Any

from weir.model.definitions import Action, Dataset, Expectation
from weir.model.names import short
from weir.model.results import DatasetResult, RuleResult, State


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """Whether tests have seen rows that keep a rule, and rows that break it."""

    action: str
    passing: bool = False
    failing: bool = False

    @property
    def covered(self) -> bool:
        """Were both seen?"""
        return self.passing and self.failing

    @property
    def missing(self) -> str:
        """What was not seen."""
        return " or ".join(w for w, was in (("passing", self.passing), ("failing", self.failing)) if not was)

    def __or__(self, other: RuleSeen) -> RuleSeen:
        return replace(self, passing=self.passing or other.passing, failing=self.failing or other.failing)


@dataclass(frozen=True, slots=True)
class DatasetSeen:
    """A dataset of the sources, and what tests have seen of it.

    Attributes:
        name: Without its catalog.
        place: File and line of its definition.
        built: Has a test brought it to its end?
    """

    name: str
    place: str
    built: bool
    rules: Mapping[str, RuleSeen]

    def __or__(self, other: DatasetSeen) -> DatasetSeen:
        names = dict.fromkeys([*self.rules, *other.rules])
        both = (self.rules, other.rules)
        rules = {n: reduce(RuleSeen.__or__, [r[n] for r in both if n in r]) for n in names}
        return replace(self, built=self.built or other.built, rules=rules)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What tests have seen of all datasets, each by its place and name."""

    datasets: Mapping[tuple[str, str], DatasetSeen]

    @classmethod
    def of(cls, datasets: Iterable[DatasetSeen]) -> Coverage:
        """The sum of what was seen."""
        known: dict[tuple[str, str], DatasetSeen] = {}
        for dataset in datasets:
            key = (dataset.place, dataset.name)
            known[key] = known[key] | dataset if key in known else dataset
        return cls(dict(sorted(known.items(), key=lambda item: _order(item[1]))))

    def __or__(self, other: Coverage) -> Coverage:
        return Coverage.of([*self.datasets.values(), *other.datasets.values()])

    @property
    def rules(self) -> tuple[RuleSeen, ...]:
        """The rules of all datasets."""
        return tuple(rule for dataset in self.datasets.values() for rule in dataset.rules.values())

    @property
    def covered(self) -> int:
        """How many rules were seen both passing and failing."""
        return sum(rule.covered for rule in self.rules)

    @property
    def percent(self) -> float:
        """How many of a hundred rules these are; 100 where there is no rule."""
        return 100 * self.covered / len(self.rules) if self.rules else 100.0

    @property
    def unbuilt(self) -> tuple[DatasetSeen, ...]:
        """The datasets that no test has built."""
        return tuple(dataset for dataset in self.datasets.values() if not dataset.built)


def _order(dataset: DatasetSeen) -> tuple[str, int, str]:
    file, _, line = dataset.place.rpartition(":")
    return file, int(line), dataset.name


Observer = Callable[[Collection[Dataset], Collection[DatasetResult]], None]
_observers: list[Observer] = []


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Tell an observer what every update and computed dataset in this block shows."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def tell(defined: Collection[Dataset], results: Collection[DatasetResult]) -> None:
    """An update of a pipeline under test has ended, or a dataset of it was computed.

    Args:
        defined: All datasets of the pipeline that are known.
        results: How those ended that were updated.
    """
    for observer in _observers:
        observer(defined, results)


def judged(dataset: Dataset, broken: Collection[tuple[str, ...]]) -> DatasetResult:
    """What rules have seen of rows that were given to them, while the dataset itself was not built.

    Args:
        broken: The names of the rules that each row breaks.
    """

    def result(rule: Expectation) -> RuleResult:
        failed = sum(rule.name in names for names in broken)
        return RuleResult(rule.name, "", str(rule.action), len(broken) - failed, failed)

    rules = tuple(map(result, dataset.expectations))
    return DatasetResult(dataset.name, "", State.SKIPPED, len(broken), expectations=rules)


def seen(defined: Iterable[Dataset], results: Iterable[DatasetResult], root: Path) -> Coverage:
    """What one update, or one computed dataset, shows of the datasets of its pipeline.

    Args:
        defined: All datasets of the pipeline, whether or not there is a result for them.
        results: How they ended.
        root: Only datasets that are defined below this folder count.
    """
    ended = list(results)
    return Coverage.of(
        DatasetSeen(
            short(dataset.name),
            place,
            any(r.state is State.COMPLETED for r in ended if r.name == dataset.name),
            {e.name: _of_rule(dataset.name, e.name, e.action, ended) for e in dataset.expectations},
        )
        for dataset in defined
        if (place := _place(dataset, root)) is not None
    )


def _place(dataset: Dataset, root: Path) -> str | None:
    file = Path(dataset.origin.file)
    if not file.is_relative_to(root):
        return None
    return f"{file.relative_to(root).as_posix()}:{dataset.origin.line}"


def _of_rule(dataset: str, rule: str, action: Action, results: list[DatasetResult]) -> RuleSeen:
    told = [(r, e) for r in results if r.name == dataset for e in r.expectations if e.name == rule]
    counted = RuleSeen(str(action), any(e.passed for _, e in told), any(e.failed for _, e in told))
    if action is not Action.FAIL:
        return counted
    stopped = [_stopped(result, expectation, results) for result, expectation in told]
    kept = any(_went_well(result) and not was for (result, _), was in zip(told, stopped, strict=True))
    return counted | RuleSeen(str(action), kept, any(stopped))


def _went_well(result: DatasetResult) -> bool:
    """Databricks does not count `fail` rules (§2.4): where nothing was stopped, each row has kept them."""
    return result.state is State.COMPLETED and bool(result.rows_in)


def _stopped(result: DatasetResult, rule: RuleResult, results: list[DatasetResult]) -> bool:
    """Has the rule stopped a flow: one into its table, or the one that reads its view?"""
    if rule.reader is None:
        return any(rule.name in rules for rules in result.violations.values())
    return any(rule.name in r.violations.get(rule.reader, ()) for r in results)


def coverage_lines(coverage: Coverage) -> list[str]:
    """The coverage as lines of text: the totals, then what is missing."""
    rules, datasets, unbuilt = len(coverage.rules), len(coverage.datasets), len(coverage.unbuilt)
    lines = [
        f"{coverage.covered} of {rules} rules were seen passing and failing ({floor(coverage.percent)} %); "
        f"{unbuilt} of {datasets} datasets were built by no test"
    ]
    return lines + [f"{d.place}  {d.name}{what}" for d in coverage.datasets.values() for what in _missing(d)]


def _missing(dataset: DatasetSeen) -> Iterator[str]:
    if not dataset.built:
        yield ": built by no test"
    for name, rule in dataset.rules.items():
        if not rule.covered:
            yield f", rule {name} ({rule.action}): never seen {rule.missing}"


def coverage_json(coverage: Coverage) -> dict[str, Any]:
    """The coverage as data."""
    return {
        "percent": round(coverage.percent, 2),
        "covered": coverage.covered,
        "rules": len(coverage.rules),
        "datasets": [_dataset_json(dataset) for dataset in coverage.datasets.values()],
    }


def _dataset_json(dataset: DatasetSeen) -> dict[str, Any]:
    rules = [
        {"name": name, "action": rule.action, "passing": rule.passing, "failing": rule.failing}
        for name, rule in dataset.rules.items()
    ]
    return {"name": dataset.name, "place": dataset.place, "built": dataset.built, "rules": rules}


def coverage_of(told: Mapping[str, Any]) -> Coverage:
    """What `coverage_json` told, as a value again."""
    return Coverage.of(
        DatasetSeen(
            d["name"], d["place"], d["built"],
            {r["name"]: RuleSeen(r["action"], r["passing"], r["failing"]) for r in d["rules"]},
        )
        for d in told["datasets"]
    )  # fmt: skip
