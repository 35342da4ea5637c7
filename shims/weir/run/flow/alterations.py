"""The statements that bring an existing table in line with its definition (specification §1.3, §4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pyspark.sql.types import StructField, StructType

from weir.define.clauses import DEFAULT
from weir.graph.analysis import ResolvedTable
from weir.model.definitions import StreamingTable
from weir.model.governance import PROPERTY, protection_from
from weir.model.names import fold, join, quoted, quoted_path, text_literal
from weir.run.flow.properties import constraints_of, is_constraint, lacking
from weir.run.frames import growth, schemas
from weir.run.lake.existing import INACTIVE, is_inactive
from weir.run.lake.storage import FEATURE, TableState

# Without these Delta refuses what the columns may have: defaults, odd names.
_ENABLING = (FEATURE, "delta.columnMapping.mode")


@dataclass(frozen=True, slots=True)
class Alteration:
    """One statement on a table.

    Attributes:
        kind: What it changes, in words.
        names: The columns or properties that it changes.
        statement: SQL, with `{}` for the table.
    """

    kind: str
    names: tuple[str, ...]
    statement: str

    def on(self, table: str) -> str:
        """The statement with the table's name in it."""
        return self.statement.replace("{}", table, 1)


def in_words(alterations: Iterable[Alteration]) -> str | None:
    """What alterations change; None if there are none."""
    names: dict[str, tuple[str, ...]] = {}
    for alteration in alterations:
        names[alteration.kind] = (*names.get(alteration.kind, ()), *alteration.names)
    return "; ".join(f"{kind} {', '.join(n)}".strip() for kind, n in names.items()) or None


def alterations(dataset: ResolvedTable, state: TableState) -> tuple[Alteration, ...]:
    """All that differs, in the order in which it can be changed."""
    properties = changed_properties(dataset, state)
    others = {k: v for k, v in properties.items() if not (k.startswith(_ENABLING) or is_constraint(k))}
    rows_stay = isinstance(dataset.dataset, StreamingTable)
    return (
        *_enabling(properties), *_of_columns(dataset, state), *_clustered(dataset, state), *_set(others),
        *(constraining(dataset, state) if rows_stay else ()), *_commented(dataset, state),
    )  # fmt: skip


def constraining(dataset: ResolvedTable, state: TableState) -> Iterator[Alteration]:
    """The CHECK constraints that a table lacks; its rows must fulfil them."""
    known = {fold(name) for name in constraints_of(state.properties)}
    for name, condition in constraints_of(changed_properties(dataset, state)).items():
        change = f"CONSTRAINT {quoted(name)}"
        if fold(name) in known:
            yield Alteration("constraints", (name,), f"ALTER TABLE {{}} DROP {change}")
        yield Alteration("constraints", (name,), f"ALTER TABLE {{}} ADD {change} CHECK ({condition})")


def enabling(dataset: ResolvedTable, state: TableState) -> tuple[Alteration, ...]:
    """The properties without which columns could not be what they are declared to be."""
    return tuple(_enabling(changed_properties(dataset, state)))


def _enabling(properties: Mapping[str, str]) -> Iterator[Alteration]:
    return _set({k: v for k, v in properties.items() if k.startswith(_ENABLING)})


def clustering(columns: tuple[tuple[str, ...], ...]) -> Alteration:
    """By these columns, or by none."""
    by = f"({', '.join(map(quoted_path, columns))})" if columns else "NONE"
    names = tuple(map(join, columns)) or ("none",)
    return Alteration("clustering", names, f"ALTER TABLE {{}} CLUSTER BY {by}")


def properties_text(properties: Mapping[str, str]) -> str:
    """As CREATE TABLE and ALTER TABLE write them."""
    pairs = (f"{text_literal(k)} = {text_literal(v)}" for k, v in properties.items())
    return f"({', '.join(pairs)})"


def _of_columns(dataset: ResolvedTable, state: TableState) -> Iterator[Alteration]:
    """A materialized view is overwritten with its schema, unless that would lose something of it."""
    existing = schemas.defined(schemas.from_json(state.schema_json))
    wanted: StructType = dataset.schema or existing
    grows = isinstance(dataset.dataset, StreamingTable) or growth.grows_into(existing, wanted)
    if grows and (isinstance(dataset.dataset, StreamingTable) or schemas.is_strict(existing)):
        yield from _added(existing, wanted)
    elif not schemas.same_columns(existing, wanted):
        return
    if dataset.dataset.schema is not None:
        yield from _changed(existing, wanted)


def _added(existing: StructType, wanted: StructType) -> Iterator[Alteration]:
    """New columns and nested fields, in their places; a default is no part of ADD COLUMNS."""
    missing = growth.missing_fields(existing, wanted)
    if missing:
        columns = ", ".join(_column(p, f, growth.place_of(p, wanted, existing)) for p, f in missing)
        names = tuple(schemas.path_text(p) for p, _ in missing)
        yield Alteration("new columns", names, f"ALTER TABLE {{}} ADD COLUMNS ({columns})")
    for path, field in missing:
        if DEFAULT in (field.metadata or {}):
            name = schemas.path_text(path)
            yield _column_change("defaults of", name, _default(field))


def _column(path: tuple[str, ...], field: StructField, place: str) -> str:
    metadata = {k: v for k, v in (field.metadata or {}).items() if k != DEFAULT}
    plain = StructField(field.name, field.dataType, field.nullable, metadata)
    return f"{schemas.column_ddl(plain, path)}{place}"


def _changed(existing: StructType, wanted: StructType) -> Iterator[Alteration]:
    """Of columns that are there already: fewer conditions, other comments and defaults."""
    known = growth.fields_by_place(existing)
    for path, now in schemas.fields_of(wanted):
        was, name = known.get(growth.place(path)), schemas.path_text(path)
        if was is None:
            continue
        if now.nullable and not was.nullable:
            yield _column_change("no more NOT NULL for", name, "DROP NOT NULL")
        if _said(now, schemas.COMMENT) != _said(was, schemas.COMMENT):
            yield _column_change("comments of", name, f"COMMENT {text_literal(_said(now, schemas.COMMENT))}")
        if _said(now, DEFAULT) != _said(was, DEFAULT):
            yield _column_change("defaults of", name, _default(now))


def _said(field: StructField, key: str) -> str:
    return (field.metadata or {}).get(key) or ""


def _default(field: StructField) -> str:
    text = _said(field, DEFAULT)
    return f"SET DEFAULT {text}" if text else "DROP DEFAULT"


def _column_change(kind: str, name: str, change: str) -> Alteration:
    return Alteration(kind, (name,), f"ALTER TABLE {{}} ALTER COLUMN {name} {change}")


def _clustered(dataset: ResolvedTable, state: TableState) -> Iterator[Alteration]:
    wanted = dataset.dataset.cluster_by
    if [fold(join(c)) for c in wanted] != [fold(join(c)) for c in state.clustering]:
        yield clustering(wanted)


def _set(properties: Mapping[str, str]) -> Iterator[Alteration]:
    if properties:
        text = f"ALTER TABLE {{}} SET TBLPROPERTIES {properties_text(properties)}"
        yield Alteration("properties", tuple(properties), text)


def _commented(dataset: ResolvedTable, state: TableState) -> Iterator[Alteration]:
    comment = dataset.dataset.comment
    if comment not in {None, state.comment}:
        yield Alteration("its comment", (), f"COMMENT ON TABLE {{}} IS {text_literal(str(comment))}")


def changed_properties(dataset: ResolvedTable, state: TableState) -> dict[str, str]:
    """The properties that a table lacks, or has with another value."""
    wanted = {**dataset.dataset.table_properties, **_protection(dataset, state)}
    if is_inactive(state):
        wanted[INACTIVE] = "false"  # its definition is back
    return lacking(wanted, state)


def _protection(dataset: ResolvedTable, state: TableState) -> dict[str, str]:
    """The definition's, and the masks of columns that are still in the table though not in the definition."""
    before, now = protection_from(state.properties), dataset.dataset.protection
    if PROPERTY not in state.properties or dataset.schema is None:
        return {}
    there = _folded(schemas.from_json(state.schema_json)) - _folded(dataset.schema)
    remaining = {column: call for column, call in before.masks.items() if fold(column) in there}
    return {PROPERTY: replace(now, masks={**now.masks, **remaining}).to_text()}


def _folded(schema: StructType) -> set[str]:
    return {fold(name) for name in schema.fieldNames()}
