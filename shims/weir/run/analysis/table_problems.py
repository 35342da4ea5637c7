"""What keeps a table from being what its definition and its flows say: known before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from pyspark.sql.types import StructType

from weir.graph.analysis import Analyzed, ResolvedFlow
from weir.model.changes import KEYS, SCD_TYPE
from weir.model.definitions import Table
from weir.model.names import for_shell
from weir.model.problems import Problem, closest
from weir.run.frames.quality import first_line
from weir.run.lake.storage import TableState


def unknown_arguments(dataset: Table, schema: StructType) -> Iterator[Problem]:
    """Columns that a mask or a row filter is given and the table has not."""
    known = [f.name for f in schema.fields]
    folded = {name.lower() for name in known}
    for what, call in dataset.protection.calls:
        for column in call.columns:
            if column.lower() not in folded:
                yield Problem(
                    "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                    f"{what} of `{dataset.name}` is given `{column}`, a column that the table has not.",
                    dataset.origin,
                    closest(column, known) or f"there are: {', '.join(known)}",
                )


def drifted(dataset: Table, kept: TableState) -> Iterator[Problem]:
    """A target of changes was filled with other keys or another SCD type (§3.5)."""
    names = {KEYS: "KEY_SCHEMA_DRIFT", SCD_TYPE: "SCD_TYPE_DRIFT"}
    for name, condition in names.items():
        if kept.properties.get(name) != dataset.table_properties.get(name):
            yield _drift(dataset, name, condition, kept.properties.get(name))


def _drift(dataset: Table, name: str, condition: str, was: str | None) -> Problem:
    what = "keys" if name == KEYS else "SCD type"
    had = f"was filled with {what} {was}" if was else "was filled by appending"
    return Problem(
        f"AUTOCDC_INVALID_STATE.{condition}",
        f"`{dataset.name}` {had}, the changes into it now have {what} {dataset.table_properties[name]}.",
        dataset.origin,
        f"recompute it: weir run --full-refresh {for_shell(dataset.name)}",
    )


def sequences(dataset: Table, flows: tuple[ResolvedFlow, ...]) -> Problem:
    """The sequences of the flows into a target can't be compared."""
    return Problem(
        "AUTOCDC_SEQUENCES_DO_NOT_AGREE",
        f"The sequences of the flows into `{dataset.name}` have types that can't be compared.",
        flows[-1].flow.origin,
        f"cast them to one type, or recompute the table: weir run --full-refresh {for_shell(dataset.name)}",
    )


def bad_ddl(dataset: Table, error: Exception) -> Problem:
    """The declared schema can't be read."""
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"The schema of `{dataset.name}` is no list of columns: {first_line(error)}",
        dataset.origin,
        'write it as in CREATE TABLE: "id BIGINT, day DATE GENERATED ALWAYS AS (CAST(ts AS DATE))"',
    )


def conflict(dataset: Table, error: Exception) -> Problem:
    """Two flows give one column different types."""
    return Problem(
        "UNABLE_TO_INFER_PIPELINE_TABLE_SCHEMA",
        f"The flows into `{dataset.name}` do not fit together: {error}.",
        dataset.origin,
        "cast the column in one of the flows",
    )


def changed(dataset: Table, error: Exception) -> Problem:
    """The flows give a column of the existing table another type."""
    return Problem(
        "CANNOT_CHANGE_COLUMN_TYPE",
        f"The flows no longer fit the table `{dataset.name}` as it is: {error}.",
        dataset.origin,
        f"cast the column, or recompute the table: weir run --full-refresh {for_shell(dataset.name)}",
    )


def columns_problems(dataset: Table, flows: tuple[ResolvedFlow, ...], wanted: StructType) -> list[Problem]:
    """Flows produce what the declared schema does not have, or the layout names what it does not have."""
    known = {f.name.lower() for f in wanted.fields}
    problems = missing_columns(dataset, [*dataset.partition_cols, *dataset.cluster_by], wanted)
    for flow in flows:
        schema = flow.analysis.schema if isinstance(flow.analysis, Analyzed) else StructType()
        for name in schema.fieldNames():
            if name.lower() not in known:
                problems.append(
                    Problem(
                        "COLUMN_NOT_IN_DECLARED_SCHEMA",
                        f"The flow `{flow.flow.name}` produces `{name}`, which the schema of "
                        f"`{dataset.name}` does not declare.",
                        flow.flow.origin,
                        closest(name, wanted.fieldNames()) or "add it to the schema, or drop it",
                    )
                )
    return problems


def missing_columns(dataset: Table, names: list[str], schema: StructType) -> list[Problem]:
    """The columns among some names that a schema does not have."""
    known = {f.lower() for f in schema.fieldNames()}
    return [
        Problem(
            "COLUMN_NOT_FOUND_IN_TABLE",
            f"`{dataset.name}` is partitioned or clustered by `{name}`, which it does not have.",
            dataset.origin,
            closest(name, schema.fieldNames()) or f"its columns are: {', '.join(schema.fieldNames())}",
        )
        for name in names
        if name.lower() not in known
    ]
