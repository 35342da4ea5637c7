"""Fields of objects in JSON files where other records have something else in their place (§7.4).

Spark infers a text where one record has an object and another a number, and does not tell which fields the
object has. Where a column is known to hold objects, these are looked at once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType, StructField, StructType

from weir.model.names import quoted_path
from weir.run.files.columns import without
from weir.run.files.inference import CORRUPT, Layout, distinguishing_case
from weir.run.lake.paths import literal_glob

Place = tuple[str, ...]


def with_objects(
    session: SparkSession, options: Mapping[str, str], known: StructType, layout: Layout
) -> Layout:
    """What files have, with the fields of objects where the known columns have objects.

    Args:
        options: Those of the reader.
        known: The columns.
        layout: What Spark has inferred.
    """
    looks = {place: _objects_at(session, options, layout, place) for place in mixed(known, layout.schema)}
    found = [(place, kind) for place, kind in looks.items() if kind.fields]
    if not found:
        return layout
    return with_objects(session, options, known, replace(layout, schema=reduce(_with, found, layout.schema)))


def mixed(known: StructType, given: StructType) -> Iterator[Place]:
    """Where a struct is known and Spark has inferred a text.

    >>> text, struct = StringType(), StructType([StructField("a", StringType())])
    >>> list(mixed(StructType([StructField("m", struct)]), StructType([StructField("m", text)])))
    [('m',)]
    """
    types = {f.name: f.dataType for f in given}
    for field in known:
        kind = types.get(field.name)
        if isinstance(field.dataType, StructType) and isinstance(kind, StringType):
            yield (field.name,)
        if isinstance(field.dataType, StructType) and isinstance(kind, StructType):
            yield from ((field.name, *place) for place in mixed(field.dataType, kind))


def _objects_at(
    session: SparkSession, options: Mapping[str, str], layout: Layout, place: Place
) -> StructType:
    """The fields of the objects among what stands at a place; none where no object does."""
    files = [literal_glob(file.path) for file in layout.files]
    reader = session.read.options(**options).schema(_with(StructType(), (place, StringType())))
    texts = reader.json(files).select(F.col(quoted_path(place)).alias("value"))
    objects = texts.where(F.startswith(F.ltrim("value"), F.lit("{")))
    with distinguishing_case(session):
        return without(session.read.options(**options).json(objects).schema, [CORRUPT])


def _with(schema: StructType, told: tuple[Place, DataType]) -> StructType:
    """The columns with another type at a place."""
    (name, *rest), kind = told
    there: Any = next((f.dataType for f in schema if f.name == name), StructType())
    new = StructField(name, _with(there, (tuple(rest), kind)) if rest else kind)
    others = [new if f.name == name else f for f in schema]
    return StructType(others if name in schema.names else [*others, new])
