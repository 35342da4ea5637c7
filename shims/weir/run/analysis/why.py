"""The rows that break rules, had by running a dataset's flows once more into a scratch folder.

A streaming flow reads from its beginning with a checkpoint of its own, as a full refresh would: all that
an update can run gives its rows here too, and no table and no checkpoint is touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from deltalake import DeltaTable
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from weir.model.definitions import Dataset, Flow, Table
from weir.model.problems import Problem, WeirError
from weir.plan.steps import Step, Verb
from weir.run.code.call import FlowCall
from weir.run.code.session_conf import session_conf
from weir.run.flow.attempt import FlowOutcome, call_failed, violation_of
from weir.run.flow.flows import TableFrames
from weir.run.frames.below import output_mode
from weir.run.frames.quality import broken
from weir.run.lake.query import query
from weir.run.lake.storage import open_table
from weir.run.lake.world import World
from weir.run.listeners.outcomes import error_message

STOPPED = "a rule of a view that it reads stops it: run weir quality --why for that view"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row and the names of all rules that it breaks."""

    broken: tuple[str, ...]
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenRows:
    """The first rows that break a rule of a dataset, and how many there are in all."""

    dataset: Dataset
    rows: tuple[BrokenRow, ...]
    failing: int


class FlowFailedError(WeirError):
    """A flow did not get to its rows; the exit code is that of an update in which it fails."""

    def __init__(self, problem: Problem, exit_code: int) -> None:
        super().__init__(problem)
        self.exit_code = exit_code


class ExistingFrames(TableFrames):
    """Frames over the tables as they are now, which no update has made ready."""

    cure = "update it first: weir run"

    def table(self, dataset: Table, spark_reader: Any, *, stream: bool) -> DataFrame:
        """A table that exists.

        Raises:
            WeirError: It does not.
        """
        if self.world.storage.state(dataset.name) is None:
            sentence = f"`{dataset.name}` does not exist yet."
            raise WeirError(Problem("TABLE_OR_VIEW_NOT_FOUND", sentence, hint=self.cure))
        return super().table(dataset, spark_reader, stream=stream)


def broken_rows(world: World, dataset: Dataset, limit: int) -> BrokenRows:
    """The rows of all flows into a dataset that break one of its rules.

    Args:
        world: The pipeline and its tables.
        dataset: A table or view of the pipeline.
        limit: How many rows are wanted.

    Raises:
        FlowFailedError: A flow failed before its rows were there.
        WeirError: A query function failed, or reads a table that does not exist yet.
    """
    flows = world.pipeline.flows_into(dataset.name) if dataset.expectations else ()
    world.storage.root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="why-", dir=world.storage.root) as scratch:
        folders = [Path(scratch, str(number)) for number, _ in enumerate(flows)]
        for flow, folder in zip(flows, folders, strict=True):
            _run(world, dataset, flow, folder)
        tables = [table for folder in folders if (table := open_table(folder / "rows")) is not None]
        rows = chain.from_iterable(_first(table, limit) for table in tables)
        return BrokenRows(dataset, tuple(islice(rows, limit)), sum(table.count() for table in tables))


def _run(world: World, dataset: Dataset, flow: Flow, folder: Path) -> None:
    call = FlowCall(world, ExistingFrames(world, flow.name), flow)
    with session_conf(world.session, flow.session_conf, flow.origin), closing(call):
        df = called(call)
        try:
            _write(broken(df, dataset.expectations), folder)
        except (PySparkException, Py4JError, OSError) as error:
            raise _failed(dataset, flow, error) from error


def called(call: FlowCall) -> DataFrame:
    """What a flow's function gives on the frames of its call.

    Raises:
        WeirError: It failed.
    """
    try:
        return call.run()
    except WeirError:
        raise
    except Exception as error:
        raise call_failed(error, call.flow.origin) from error


def _write(df: DataFrame, folder: Path) -> None:
    rows = str(folder / "rows")
    if not df.isStreaming:
        df.write.format("delta").save(rows)
        return
    writer = df.writeStream.format("delta").outputMode(output_mode(df)).trigger(availableNow=True)
    writer.option("checkpointLocation", str(folder / "checkpoint")).start(rows).awaitTermination()


def _failed(dataset: Dataset, flow: Flow, error: Exception) -> FlowFailedError:
    stopped = violation_of(error)
    step = Step(Verb.REFRESH, dataset.name, "its rows are wanted", flow.name)
    message = error_message(FlowOutcome(step, error=error, violation=stopped))
    problem = Problem("FLOW_FAILED", message, flow.origin, STOPPED if stopped else None)
    return FlowFailedError(problem, 3 if stopped else 1)


def _first(table: DeltaTable, limit: int) -> Iterator[BrokenRow]:
    for row in query(table, f"SELECT violation FROM t LIMIT {int(limit)}").rows:
        violation = json.loads(row["violation"])
        yield BrokenRow(tuple(violation["rules"]), violation["row"])
