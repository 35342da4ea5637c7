"""A table is made on trial before anything runs: only Delta knows which expressions it takes (§1.3)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from py4j.protocol import Py4JError, Py4JJavaError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.sql import SparkSession

from weir.graph.analysis import ResolvedTable
from weir.model.definitions import Table
from weir.model.problems import Problem
from weir.run.flow.alterations import alterations
from weir.run.flow.properties import constraints_of
from weir.run.flow.tables import create_statement, is_plain, must_be_replaced
from weir.run.frames import schemas
from weir.run.frames.quality import first_line
from weir.run.lake.storage import FEATURE, TableState


def rehearsed(session: SparkSession, table: ResolvedTable, state: TableState | None) -> Iterator[Problem]:
    """What Delta says of the table if it were made now, in a folder that is removed again.

    Args:
        state: The table as it is; None if it does not exist, or is reset.
    """
    simple = is_plain(table) and not table.dataset.partition_cols
    if simple or (state is not None and _is_there(table, state)):
        return
    problems = [*_unsound(session, table)]
    yield from problems
    if problems:
        return
    with TemporaryDirectory(prefix="weir-") as folder:
        try:
            session.sql(create_statement(table, str(Path(folder, "table"))))
        except (PySparkException, Py4JError) as error:
            yield _refused(table.dataset, error)


def unreplaceable(table: ResolvedTable, state: TableState, folder: Path) -> Iterator[Problem]:
    """Delta puts no partitioned table in the place of one that was ever clustered.

    Args:
        folder: Where the table lies.
    """
    clustered = f"{FEATURE}clustering" in state.properties
    if clustered and table.dataset.partition_cols and must_be_replaced(table, state):
        yield Problem(
            "DELTA_CLUSTERING_REPLACE_TABLE_WITH_PARTITIONED_TABLE",
            f"`{table.name}` was clustered: it can't become a partitioned one with NOT NULL or an identity.",
            table.dataset.origin,
            f"keep {table.dataset.origin.wording('cluster_by', 'CLUSTER BY')}, or drop the table: "
            f"remove {shlex.quote(str(folder))}",
        )


def _is_there(table: ResolvedTable, state: TableState) -> bool:
    same = schemas.defined(schemas.from_json(state.schema_json)) == table.schema
    return same and not alterations(table, state)


def _unsound(session: SparkSession, table: ResolvedTable) -> Iterator[Problem]:
    """The constraints whose conditions do not resolve: Delta makes such a table, and takes no rows."""
    dataset, rows = table.dataset, session.createDataFrame([], table.schema)
    for name, condition in constraints_of(dataset.table_properties).items():
        try:
            rows.filter(condition)
        except (AnalysisException, ParseException) as error:
            yield Problem(
                error.getCondition() or "INVALID_TABLE_DEFINITION",
                f"The constraint `{name}` of `{dataset.name}` does not fit its columns: {first_line(error)}",
                dataset.origin,
                "write a boolean SQL expression over the columns of the table",
            )


def _refused(dataset: Table, error: PySparkException | Py4JError) -> Problem:
    text = first_line(error)
    if isinstance(error, Py4JJavaError):
        text = str(error.java_exception).partition("\n")[0]
    condition = re.search(r"\[([A-Z_]+(?:\.[A-Z_]+)*)\]", str(error))
    return Problem(
        condition.group(1) if condition else "INVALID_TABLE_DEFINITION",
        f"Delta does not make a table of the definition of `{dataset.name}`: {text}",
        dataset.origin,
        "look at the expressions, properties, partition and cluster columns of the definition",
    )
