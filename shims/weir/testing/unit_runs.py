"""One YAML test: rows arrive, the tables that it names are updated, and what they then have is compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from weir.model.names import short
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.model.results import DatasetResult, RuleResult, State
from weir.pipeline import OpenPipeline, open_pipeline
from weir.plan.steps import full_names
from weir.testing.coverage import tell
from weir.testing.difference import difference, difference_lines
from weir.testing.found import pipeline_in
from weir.testing.frames import schema_of, typed_rows
from weir.testing.given import read_given
from weir.testing.inputs import input_named
from weir.testing.pipelines import PipelineUnderTest, rows_in
from weir.testing.rows import Rows
from weir.testing.unit_tests import Expected, Run, UnitTest, UnitTests
from weir.update import run_apart


@dataclass(frozen=True, slots=True)
class Failure:
    """What a test expects and did not get.

    Attributes:
        lines: A sentence, and below it what shows it.
    """

    origin: Origin
    lines: tuple[str, ...]

    def __str__(self) -> str:
        first, *more = self.lines
        return "\n".join([f"{self.origin}: {first}", *(f"    {line}" for line in more)])


def run_unit_test(
    tests: UnitTests, test: UnitTest, session: SparkSession, folder: Path
) -> tuple[Failure, ...]:
    """Run a test of a file; gives what differs in its first run that is not as expected.

    Args:
        folder: An empty one, for tables.

    Raises:
        WeirError: The pipeline is wrong, or the test names what it does not have.
    """
    project = tests.file.parent
    conf, target = tests.configuration, tests.target
    under_test = pipeline_in(project, session, folder, tests.sources, target=target, conf=conf)
    under_test.now = test.now
    wanted = tuple(dict.fromkeys(e.table for run in test.runs for e in run.expect))
    try:
        runs = (tuple(_run(under_test, test, run, wanted)) for run in test.runs)
        return next((failures for failures in runs if failures), ())
    except WeirError as error:
        raise WeirError(
            *(p if p.origin else replace(p, origin=test.origin) for p in error.problems)
        ) from error


def _run(
    under_test: PipelineUnderTest, test: UnitTest, run: Run, wanted: tuple[str, ...]
) -> Iterator[Failure]:
    names, ended = updated(under_test, test, run, wanted)
    for expected in run.expect:
        yield from _differences(under_test, expected, ended[names[expected.table]])


def updated(
    under_test: PipelineUnderTest, test: UnitTest, run: Run, wanted: tuple[str, ...]
) -> tuple[Mapping[str, str], Mapping[str, DatasetResult]]:
    """Let the rows of a run arrive, and update some tables with all that they read.

    Returns:
        The wanted names in full, and how each dataset ended.

    Raises:
        WeirError: The pipeline is wrong, or rows are given that nothing reads.
    """
    for name, rows in run.given.items():
        under_test.give(name, rows)
    request = replace(under_test.request(), focus=wanted)
    with open_pipeline(request) as opened:
        opened.refuse_problems()
        _refuse_unread(opened, test, run)
        names = full_names(opened.pipeline.datasets, frozenset(wanted))
        results = run_apart(opened, request).datasets
        tell(opened.defined, results)
    return names, {result.name: result for result in results}


def _refuse_unread(opened: OpenPipeline, test: UnitTest, run: Run) -> None:
    """Rows that nothing reads are a mistake of the test's: what it shows does not depend on them."""
    names = {n: opened.pipeline.namespace.table(input_named(opened, n)) for n in run.given}
    unread = [name for name, full in names.items() if full not in opened.graph.outside]
    if unread:
        raise WeirError(*(_unread(name, test, opened.graph.outside) for name in unread))


def _unread(name: str, test: UnitTest, read: Iterable[str]) -> Problem:
    message = f"Rows are given for `{name}`, which nothing reads that the test expects."
    return Problem("GIVEN_ROWS_NOT_READ", message, test.origin, closest(name, read) or "leave them out")


def _differences(
    under_test: PipelineUnderTest, expected: Expected, result: DatasetResult
) -> Iterator[Failure]:
    table, at = short(result.name), expected.origin
    stopped = tuple(dict.fromkeys(rule for rules in result.violations.values() for rule in rules))
    if result.state is not State.COMPLETED and not (stopped and expected.stopped_by):
        yield Failure(at, (f"{table}: {result.state}", *(result.error or "").split("\n")))
        return
    if set(stopped) != set(expected.stopped_by):
        wanted, was = (", ".join(rules) or "no rule" for rules in (expected.stopped_by, stopped))
        yield Failure(at, (f"{table} is stopped by {was}, not by {wanted}",))
    if expected.rows is not None:
        yield from _other_rows(rows_in(under_test.storage, result.name), expected)
    yield from _other_counts(result, expected)


def _other_rows(found: Rows, expected: Expected) -> Iterator[Failure]:
    given = read_given(expected.rows or [])
    schema = schema_of(given, found.schema)
    named = {column.lower() for column in given.columns}
    columns = StructType([f for f in schema if f.name.lower() in named or not named])
    rows = typed_rows(given, columns)
    if apart := difference(found.only(*columns.names), rows, expected.key):
        yield Failure(expected.origin, (f"the rows of {expected.table} differ", *difference_lines(apart)))


def _other_counts(result: DatasetResult, expected: Expected) -> Iterator[Failure]:
    rules = {rule.name: rule for rule in result.expectations}
    for name, counts in expected.rules.items():
        if name not in rules:
            hint = closest(name, rules) or f"its rules are: {', '.join(rules) or 'none'}"
            yield Failure(expected.origin, (f"{expected.table} has no rule {name}; {hint}",))
        elif (saw := _counts(rules[name], counts)) != counts:
            wanted, was = (_told(numbers) for numbers in (counts, saw))
            line = f"the rule {name} of {expected.table}: {was}; expected {wanted}"
            yield Failure(expected.origin, (line,))


def _counts(rule: RuleResult, wanted: Mapping[str, int]) -> Mapping[str, int | None]:
    saw = {"passed": rule.passed, "failed": rule.failed}
    return {key: saw[key] for key in wanted}


def _told(counts: Mapping[str, int | None]) -> str:
    return ", ".join(f"{key} {'not counted' if n is None else n}" for key, n in counts.items())
