"""Queries of SQL sources: as `spark.sql` in a query function, with places in the file (specification §8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, Protocol

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from weir.define.query import NamedColumn, Query
from weir.define.sql.source import SqlText
from weir.model.definitions import PublishedView, Table, View
from weir.model.names import join, quoted
from weir.model.origin import at
from weir.run.code.sql import Reading, frame_of_source
from weir.run.frames import schemas

_LINE = re.compile(r"line (\d+),? pos")


class QueryReading(Reading, Protocol):
    """The call in which a query stands."""


def frame_of_query(call: QueryReading, query: Query) -> DataFrame:
    """The frame of a query, its columns called as its statement says.

    Raises:
        UnsupportedError: It has a part that Weir has not.
        WeirError: It can't be read, names what there is not, or gives more or fewer columns than have names.
        PySparkException: Spark does not take it; the innermost frame is the line of the file.
    """
    session = call.world.session
    arguments = dict(query.parameters)
    run = _placed(query.source, lambda text: session.sql(text, args=arguments or None))
    frame = frame_of_source(
        call, session, query.source, arguments, run, lambda parts: _name(call, query, parts)
    )
    columns = query.columns or _columns_of_target(call, query, frame)
    return _renamed(frame, columns, query.source) if columns else frame


def _placed(source: SqlText, run: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let what Spark says of a text come from the line of the file."""

    def placed(text: str) -> Any:
        try:
            return run(text)
        except (PySparkException, Py4JJavaError) as error:
            found = _LINE.search(str(error)) if isinstance(error, PySparkException) else None
            origin = source.origin_at(int(found[1]) - 1 if found else 0)
            if origin is None:
                raise
            return at(origin, _raise, error)

    return placed


def _raise(error: Exception) -> NoReturn:
    raise error


def _name(call: QueryReading, query: Query, parts: tuple[str, ...]) -> str:
    """The name that a reference means: USE completes those of tables, not of temporary views."""
    name = join(parts)
    if query.catalog is None and query.schema is None:
        return name
    if len(parts) == 1 and (call.is_session_view(name) or _is_view(call.world.dataset_for(name))):
        return name
    return join(query.completed(parts))


def _is_view(dataset: Any) -> bool:
    return isinstance(dataset, View) and not isinstance(dataset, PublishedView)


def _columns_of_target(call: QueryReading, query: Query, frame: DataFrame) -> tuple[NamedColumn, ...]:
    """The columns that an INSERT without BY NAME writes into, if the target declares some."""
    target = call.world.dataset_for(query.into) if query.into else None
    declared = None
    if isinstance(target, Table):
        with suppress(Exception):  # what is wrong with a schema is told of its table
            declared = schemas.declared(target.schema)
    if declared is None:
        return ()
    given = [f for f in declared if not schemas.is_filled_by_delta(f)]
    fields = declared.fields if len(frame.columns) == len(declared.fields) else given
    return tuple(NamedColumn(field.name) for field in fields)


def _renamed(frame: DataFrame, columns: tuple[NamedColumn, ...], source: SqlText) -> DataFrame:
    """The frame with new names by their places, and with comments."""
    if len(columns) != len(frame.columns):
        kind = "NOT_ENOUGH" if len(frame.columns) < len(columns) else "TOO_MANY"
        what = f"The query gives {len(frame.columns)} columns, and {len(columns)} have names"
        raise source.problem(f"INSERT_COLUMN_ARITY_MISMATCH.{kind}_DATA_COLUMNS", what, 0,
                             "name each column of the query, or none")  # fmt: skip
    renamed = frame.toDF(*(c.name for c in columns))
    if not any(c.comment for c in columns):
        return renamed
    return renamed.select(*(
        F.col(quoted(c.name)).alias(c.name, metadata={"comment": c.comment})
        if c.comment
        else F.col(quoted(c.name))
        for c in columns
    ))  # fmt: skip
