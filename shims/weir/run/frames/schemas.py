"""Schemas as Spark's StructType: declared ones with generated columns, unions, DDL for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlglot
from pyspark.sql.types import StructField, StructType
from sqlglot import exp

from weir.define.protection import split_masks
from weir.model.names import quoted, text_literal

GENERATION_EXPRESSION = "delta.generationExpression"


class SchemaConflictError(ValueError):
    """Two schemas give one column different types."""


def declared(schema: Any) -> StructType | None:
    """The schema that a definition gives: a StructType, or DDL text with generated columns.

    Masks are left out, an update sees what it writes; so are keys, which inform (specification §1.3).

    Raises:
        ValueError: The text is no list of columns.
    """
    if schema is None or isinstance(schema, StructType):
        return schema
    tree = sqlglot.parse_one(f"CREATE TABLE t ({split_masks(schema).ddl})", dialect="databricks")
    columns = tree.this.expressions if isinstance(tree.this, exp.Schema) else []
    fields = [_field(c) for c in columns if isinstance(c, exp.ColumnDef)]
    if not fields:
        raise ValueError(f"no columns in {schema!r}")
    return StructType(fields)


def _field(column: exp.ColumnDef) -> StructField:
    kind = column.args["kind"].sql(dialect="databricks")
    parsed: StructType = StructType.fromDDL(f"x {kind}")  # pyright: ignore[reportAssignmentType]
    metadata: dict[str, str] = {}
    nullable = True
    for constraint in column.args.get("constraints") or []:
        rule = constraint.kind
        if isinstance(rule, exp.NotNullColumnConstraint):
            nullable = bool(rule.args.get("allow_null"))
        elif isinstance(rule, exp.CommentColumnConstraint):
            metadata["comment"] = rule.this.name
        elif isinstance(rule, (exp.GeneratedAsIdentityColumnConstraint, exp.ComputedColumnConstraint)):
            metadata[GENERATION_EXPRESSION] = _generation(rule)
    return StructField(column.name, parsed["x"].dataType, nullable, metadata)


def _generation(rule: exp.Expr) -> str:
    expression = rule.args.get("expression") or rule.this
    if isinstance(expression, exp.Paren):
        expression = expression.this
    return expression.sql(dialect="databricks")


def union(schemas: Iterable[StructType]) -> StructType:
    """All columns of all schemas in the order of their first appearance, all nullable.

    Raises:
        SchemaConflictError: A column has two types.
    """
    fields: dict[str, StructField] = {}
    for schema in schemas:
        for field in schema.fields:
            known = fields.get(field.name.lower())
            if known is None:
                fields[field.name.lower()] = StructField(
                    field.name, nullable_type(field.dataType), True, kept_metadata(field)
                )
            elif simple(known) != simple(field):
                raise SchemaConflictError(
                    f"column `{field.name}` is {simple(known)} here and {simple(field)} there"
                )
    return StructType(list(fields.values()))


def kept_metadata(field: StructField) -> dict[str, Any]:
    """The metadata that a table keeps: a comment, a generation expression; not Spark's own marks."""
    kept = ("comment", GENERATION_EXPRESSION)
    return {k: v for k, v in (field.metadata or {}).items() if k in kept}


def simple(field: StructField) -> str:
    """A type's text without nullability."""
    return field.dataType.simpleString()


def nullable_type(data_type: Any) -> Any:
    """The same type with all nested fields nullable, as tables store them."""

    def loosen(node: Any) -> Any:
        if isinstance(node, dict):
            flags = {"nullable", "containsNull", "valueContainsNull"}
            return {k: True if k in flags else loosen(v) for k, v in node.items()}
        return [loosen(n) for n in node] if isinstance(node, list) else node

    wrapped = StructType([StructField("x", data_type)])
    return StructType.fromJson(loosen(json.loads(wrapped.json())))["x"].dataType


def same_columns(one: StructType, other: StructType) -> bool:
    """Do both have the same names and types in the same order?"""
    return [(f.name, simple(f)) for f in one] == [(f.name, simple(f)) for f in other]


def from_json(text: str) -> StructType:
    """A schema from the JSON that Delta's log keeps."""
    return StructType.fromJson(json.loads(text))


def column_ddl(field: StructField) -> str:
    """One column of a CREATE TABLE or ADD COLUMNS statement."""
    name = quoted(field.name)
    metadata = field.metadata or {}
    generated = metadata.get(GENERATION_EXPRESSION)
    parts = [name, field.dataType.simpleString() if generated else _type_ddl(field)]
    if generated:
        parts.append(f"GENERATED ALWAYS AS ({generated})")
    if not field.nullable:
        parts.append("NOT NULL")
    if metadata.get("comment"):
        parts.append(f"COMMENT {text_literal(metadata['comment'])}")
    return " ".join(parts)


def _type_ddl(field: StructField) -> str:
    """`toDDL` quotes nested names, `simpleString` does not."""
    bare = StructType([StructField("x", field.dataType)]).toDDL()
    return bare.split(" ", 1)[1]


def describe(schema: StructType | None) -> str | None:
    """DDL for people and for `weir validate --json`: names and types."""
    if schema is None:
        return None
    plain = StructType([StructField(f.name, f.dataType, True) for f in schema.fields])
    return plain.toDDL()
