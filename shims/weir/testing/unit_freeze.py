"""A YAML test made of rows that lie in the storage: inputs without persons, and what comes of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.types import DataType, StructField, StructType

from weir.graph.analysis import Graph, ResolvedView
from weir.model.definitions import Table
from weir.model.governance import protection_from
from weir.model.names import fold, short
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, unsupported
from weir.model.results import DatasetResult
from weir.pipeline import OpenPipeline, open_pipeline
from weir.plan.steps import full_names
from weir.request import Request
from weir.run.code.outside import outside_frame
from weir.testing.found import pipeline_in
from weir.testing.frames import plain
from weir.testing.freezing import Pseudonyms, cell, document, text_table
from weir.testing.pipelines import rows_in
from weir.testing.rows import Rows
from weir.testing.unit_runs import run_unit_test, updated
from weir.testing.unit_tests import Run, UnitTest, UnitTests, read_unit_tests


@dataclass(frozen=True, slots=True)
class Freezing:
    """What is to be frozen.

    Attributes:
        limit: How many rows of each input.
        personal: Columns that tell who somebody is, besides those with a mask.
        file: Where the test goes; its sources are relative to it.
        sources: As the file names them.
    """

    table: str
    limit: int
    personal: Collection[str]
    file: Path
    sources: tuple[str, ...]
    target: str | None
    configuration: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A test that was written.

    Attributes:
        given: Input -> how many rows of it the test holds.
        rows: How many rows are expected; None if a rule stops the update.
        personal: The columns whose values are stand-ins.
        unstable: The columns that differ from run to run, of which nothing is expected.
    """

    table: str
    given: Mapping[str, int]
    rows: int | None
    personal: tuple[str, ...]
    unstable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Made:
    result: DatasetResult
    rows: Rows | None


def freeze(request: Request, freezing: Freezing) -> Frozen:
    """Write a test with rows of what a table reads, and with what its flows make of them now.

    Raises:
        WeirError: There is no such table, it reads none, an input is not there, or the test does not pass.
    """
    with open_pipeline(replace(request, focus=(freezing.table,))) as opened:
        opened.refuse_problems()
        name = full_names(opened.pipeline.datasets, frozenset({freezing.table}))[freezing.table]
        inputs = _rows_of_inputs(opened, name, freezing.limit)
        people = Pseudonyms(_personal(opened, [name, *inputs], freezing.personal))
        session = opened.world.session
        given = {
            short(source): text_table([people.row(row) for row in rows], _types(rows.schema))
            for source, rows in inputs.items()
        }
    unstable = _write(freezing, session, name, given)
    made = read_unit_tests(freezing.file).tests[0].runs[0].expect[0]
    rows = None if made.rows is None else len(str(made.rows).splitlines()) - 1
    counts = {short(source): len(found) for source, found in inputs.items()}
    return Frozen(name, counts, rows, tuple(sorted(people.known)), unstable)


def _rows_of_inputs(opened: OpenPipeline, name: str, limit: int) -> dict[str, Rows]:
    inputs = sorted(_inputs(opened.graph, name))
    if not inputs:
        raise unsupported(
            f"A test of `{name}`, which reads no table,", "write one by hand, with a file of its own"
        )
    world = opened.world
    there = {source: world.outside_path(source) for source in inputs}
    missing = [source for source, path in there.items() if path is None]
    if missing:
        text, hint = "`{}` does not exist yet.", "update it first: weir run"
        raise WeirError(*(Problem("TABLE_OR_VIEW_NOT_FOUND", text.format(m), hint=hint) for m in missing))
    return {s: _first(world.session, path, limit) for s, path in there.items() if path is not None}


def _inputs(graph: Graph, name: str) -> Iterator[str]:
    """The tables that a dataset reads, through views."""
    for source in graph.datasets[name].inputs:
        if isinstance(graph.datasets.get(source), ResolvedView):
            yield from _inputs(graph, source)
        else:
            yield source


def _first(session: SparkSession, path: str, limit: int) -> Rows:
    frame = outside_frame(session, session.read, path, {}, stream=False).limit(limit)
    return Rows((plain(row, frame.schema) for row in frame.toArrow().to_pylist()), frame.schema)


def _personal(opened: OpenPipeline, tables: list[str], named: Collection[str]) -> frozenset[str]:
    """The columns with a mask: wherever in the pipeline it is, the column tells the same of somebody."""
    masks = {column for d in opened.defined if isinstance(d, Table) for column in d.protection.masks}
    for table in tables:
        state = opened.world.storage.state(table)
        masks |= protection_from(state.properties).masks.keys() if state is not None else set()
    return frozenset(fold(column) for column in (*masks, *named))


def _types(schema: StructType) -> dict[str, str]:
    return {f.name: _type(f.dataType) for f in schema}


def _type(kind: DataType) -> str:
    return StructType([StructField("c", kind)]).toDDL().removeprefix("c ")


def _write(freezing: Freezing, session: SparkSession, name: str, given: Mapping[str, str]) -> tuple[str, ...]:
    """Write the file; gives the columns that are left out, since they differ from run to run."""
    now, file = dt.datetime.now(dt.UTC).replace(microsecond=0), freezing.file
    first = _make(freezing, session, given, now)
    file.write_text(_text(freezing, name, given, first, (), now), encoding="utf-8")
    if not _failures(file, session):
        return ()
    unstable = _differing(first, _make(freezing, session, given, now))
    file.write_text(_text(freezing, name, given, first, unstable, now), encoding="utf-8")
    if failures := _failures(file, session):
        file.unlink()
        text = f"What comes of the rows of `{name}` is not the same in each run: {failures[0].lines[0]}."
        raise WeirError(Problem("UNIT_TEST_NOT_STABLE", text, hint="write the test by hand"))
    return unstable


def _make(freezing: Freezing, session: SparkSession, given: Mapping[str, str], now: dt.datetime) -> _Made:
    test = UnitTest("", Origin(str(freezing.file), 1), (Run(given, ()),), now)
    tests = UnitTests(freezing.file, freezing.sources, freezing.target, freezing.configuration, (test,))
    with TemporaryDirectory(prefix="weir-") as folder:
        under_test = pipeline_in(
            freezing.file.parent, session, Path(folder), freezing.sources, target=tests.target,
            conf=tests.configuration,
        )  # fmt: skip
        under_test.now = now
        names, results = updated(under_test, test, test.runs[0], (freezing.table,))
        result = results[names[freezing.table]]
        if result.error and not result.violations:
            raise WeirError(Problem("FLOW_FAILED", result.error))
        return _Made(result, None if result.error else rows_in(under_test.storage, result.name))


def _failures(file: Path, session: SparkSession) -> tuple[Any, ...]:
    tests = read_unit_tests(file)
    with TemporaryDirectory(prefix="weir-") as folder:
        return run_unit_test(tests, tests.tests[0], session, Path(folder))


def _differing(one: _Made, other: _Made) -> tuple[str, ...]:
    def values(made: _Made, column: str) -> Counter[str]:
        return Counter(cell(row[column]) for row in made.rows or ())

    columns = one.rows.schema.names if one.rows is not None else []
    return tuple(c for c in columns if values(one, c) != values(other, c))


def _text(
    freezing: Freezing,
    name: str,
    given: Mapping[str, str],
    made: _Made,
    unstable: Collection[str],
    now: dt.datetime,
) -> str:
    rules = {
        e.name: {"passed": e.passed, "failed": e.failed} for e in made.result.expectations if not e.uncounted
    }
    counted = {rule: counts for rule, counts in rules.items() if counts["passed"] is not None}
    stopped = sorted({rule for rules in made.result.violations.values() for rule in rules})
    more: dict[str, Any] = {"now": f"{now:%Y-%m-%d %H:%M:%S}Z"}
    more |= {"rules": counted} if counted and not stopped else {}
    more |= {"stopped_by": stopped} if stopped else {}
    rows = None
    if made.rows is not None:
        rows = text_table(made.rows, {c: "" for c in made.rows.schema.names if c not in unstable})
    title = f"{short(name)} as of {now:%Y-%m-%d %H:%M}"
    return document(title, given, short(name), rows, more, _head(freezing))


def _head(freezing: Freezing) -> list[str]:
    head = {
        "sources": list(freezing.sources),
        "target": freezing.target,
        "configuration": dict(freezing.configuration),
    }
    return [f"{key}: {_flow(value)}" for key, value in head.items() if value]


def _flow(value: Any) -> str:
    """A value of YAML in one line, which JSON is, too."""
    return cell(value) if not isinstance(value, str) else f'"{value}"'
