"""What keeps a table from being what its definition and its flows say: known before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyspark.sql.types import StructType

from weir.define.clauses import IDENTITY_START, EnforcedConstraintError
from weir.graph.analysis import AnalyzedQuery, ResolvedFlow
from weir.model.changes import KEYS, SCD_TYPE
from weir.model.definitions import AutoCdcFlow, Flow, Table
from weir.model.names import fold, for_shell
from weir.model.origin import Origin
from weir.model.problems import Problem, closest
from weir.run.frames.fit import misfits
from weir.run.frames.growth import obstacles
from weir.run.frames.limits import limits
from weir.run.frames.quality import first_line
from weir.run.frames.schemas import fields_of, keys_of, path_text
from weir.run.frames.storable import unstorable
from weir.run.lake.storage import TableState


def unknown_arguments(dataset: Table, schema: StructType) -> Iterator[Problem]:
    """Columns that a mask or a row filter is given and the table has not."""
    known = [f.name for f in schema.fields]
    folded = {fold(name) for name in known}
    for what, call in dataset.protection.calls:
        for column in call.columns:
            if fold(column) not in folded:
                yield Problem(
                    "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                    f"{what} of `{dataset.name}` is given `{column}`, which the table does not have.",
                    dataset.origin,
                    closest(column, known) or f"available: {', '.join(known)}",
                )


def drifted(dataset: Table, existing: TableState) -> Iterator[Problem]:
    """A target of changes was filled with other keys or another SCD type (§3.5)."""
    names = {KEYS: "KEY_SCHEMA_DRIFT", SCD_TYPE: "SCD_TYPE_DRIFT"}
    for name, condition in names.items():
        if existing.properties.get(name) != dataset.table_properties.get(name):
            yield _drift(dataset, name, condition, existing.properties.get(name))


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
    """The declared schema can't be read, or has a constraint that a pipeline's table can't have."""
    if isinstance(error, EnforcedConstraintError):
        return Problem(
            "Unsupported",
            f"The schema of `{dataset.name}` has a {error} constraint, which is not supported here.",
            dataset.origin,
            "let an expectation check the rows: "
            + dataset.origin.wording(
                "@dlt.expect_or_fail('rule', 'condition')",
                "CONSTRAINT rule EXPECT (condition) ON VIOLATION FAIL UPDATE",
            ),
        )
    return Problem(
        "PARSE_SYNTAX_ERROR",
        f"The schema of `{dataset.name}` is not a list of columns: {first_line(error)}",
        dataset.origin,
        dataset.origin.wording(
            'write it as in CREATE TABLE: "id BIGINT, day DATE GENERATED ALWAYS AS (CAST(ts AS DATE))"',
            "write each column as NAME TYPE, with commas between them",
        ),
    )


def limit_problems(dataset: Table, flows: tuple[ResolvedFlow, ...], schema: StructType) -> Iterator[Problem]:
    """What of a table's columns Delta can't keep; no identity goes with changes (§3.7)."""
    if dataset.schema is not None:
        yield from unstorable(schema, f"The schema of `{dataset.name}`", dataset.origin)
    for limit in limits(schema, dataset.table_properties):
        text = f"The table `{dataset.name}` can't have {limit.text}."
        hint = limit.hint.format(setting=_setting(dataset.origin, limit.switch))
        yield Problem(limit.condition, text, dataset.origin, hint)
    yield from _nullable_keys(dataset, schema)
    changes = any(isinstance(f.flow, AutoCdcFlow) for f in flows)
    for field in schema if changes else ():
        if IDENTITY_START in (field.metadata or {}):
            yield Problem(
                "AUTOCDC_TARGET_WITH_IDENTITY_COLUMN",
                f"`{dataset.name}` takes changes: its column `{field.name}` can't be an identity.",
                dataset.origin,
                "identity columns go with append flows; the keys of the changes identify the rows here",
            )


def _setting(origin: Origin, switch: tuple[str, str]) -> str:
    """How a table's property is set in the language of its definition."""
    key, value = switch
    return origin.wording(f"table_properties={{'{key}': '{value}'}}", f"TBLPROPERTIES ('{key}' = '{value}')")


def _nullable_keys(dataset: Table, schema: StructType) -> Iterator[Problem]:
    """Columns of a primary key must be NOT NULL (§1.3)."""
    known = {fold(f.name): f for f in schema}
    for key in keys_of(dataset.schema):
        field = known.get(fold(key))
        if field is None:
            yield from missing_columns(dataset, [(key,)], schema, "has the primary key")
        elif field.nullable:
            yield Problem(
                "PRIMARY_KEY_COLUMN_IS_NULLABLE",
                f"The primary key of `{dataset.name}` has the column `{field.name}`, which is nullable.",
                dataset.origin,
                f"declare it NOT NULL: {field.name} {field.dataType.simpleString().upper()} NOT NULL",
            )


def outgrown(dataset: Table, wanted: StructType, *existing: StructType) -> Iterator[Problem]:
    """What the declared schema asks of an existing streaming table that only a new one can have."""
    for before in existing:
        yield from (_outgrown(dataset, obstacle) for obstacle in obstacles(before, wanted))


def _outgrown(dataset: Table, what: str) -> Problem:
    return Problem(
        "CANNOT_CHANGE_COLUMN_TYPE",
        f"The existing table `{dataset.name}` {what}.",
        dataset.origin,
        f"declare it as it is, or recompute the table: weir run --full-refresh {for_shell(dataset.name)}",
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
    problems = missing_columns(dataset, dataset.layout, wanted)
    for flow in flows:
        schema = flow.analysis.schema if isinstance(flow.analysis, AnalyzedQuery) else StructType()
        problems += [
            _wrong_type(dataset, flow.flow, path, wrong)
            if wrong
            else _undeclared(dataset, flow.flow, path, wanted)
            for path, wrong in misfits(schema, wanted)
        ]
    return problems


def _undeclared(dataset: Table, flow: Flow, path: tuple[str, ...], wanted: StructType) -> Problem:
    name, known = path_text(path), [path_text(p) for p, _ in fields_of(wanted)]
    return Problem(
        "COLUMN_NOT_IN_DECLARED_SCHEMA",
        f"The flow `{flow.name}` produces `{name}`, which the schema of `{dataset.name}` does not declare.",
        flow.origin,
        closest(name, known) or "add it to the schema, or drop it",
    )


def _wrong_type(dataset: Table, flow: Flow, path: tuple[str, ...], wrong: str) -> Problem:
    return Problem(
        "INVALID_COLUMN_OR_FIELD_DATA_TYPE",
        f"The flow `{flow.name}` gives `{path_text(path)}` as {wrong}, as the schema of `{dataset.name}` "
        "declares it.",
        flow.origin,
        "cast the column in the query, or declare it as it is",
    )


def missing_columns(
    dataset: Table,
    paths: Iterable[tuple[str, ...]],
    schema: StructType,
    why: str = "is partitioned or clustered by",
) -> list[Problem]:
    """The columns, and fields nested in them, among some paths that a schema does not have."""
    known = {fold(path_text(path)) for path, _ in fields_of(schema)}
    return [
        Problem(
            "COLUMN_NOT_FOUND_IN_TABLE",
            f"`{dataset.name}` {why} `{name}`, which it does not have.",
            dataset.origin,
            closest(name, schema.fieldNames()) or f"its columns are: {', '.join(schema.fieldNames())}",
        )
        for name in map(path_text, paths)
        if fold(name) not in known
    ]
