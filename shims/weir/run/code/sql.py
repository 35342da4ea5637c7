"""SQL texts of user code: tables become temporary views over the frames that their names mean."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from weir.define.sql.files import DELTA, READ_FILES
from weir.define.sql.literals import text_of
from weir.define.sql.resolution import StandIn
from weir.define.sql.rewriting import METADATA
from weir.define.sql.source import SqlText
from weir.define.sql.statement import read
from weir.define.sql.tree import Reference
from weir.define.sql.try_casts import with_try_casts
from weir.define.sql.variables import substituted
from weir.define.sql.versions import INSTEAD
from weir.model.names import join, split
from weir.model.origin import at, here
from weir.model.problems import Problem, WeirError
from weir.run.code.json_texts import reading_json
from weir.run.code.reads import remember
from weir.run.code.secrets import Secrets
from weir.run.lake.world import World
from weir.run.queues.reads import broker_options

T = TypeVar("T")
_TEXT = r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_SECRET = re.compile(rf"\bsecret\s*\(\s*{_TEXT}\s*,\s*{_TEXT}\s*\)", re.IGNORECASE)
_serial = itertools.count()


class Reading(Protocol):
    """The call in which a text stands.

    Attributes:
        views: Temporary views that stand for tables, to be dropped when the flow has begun.
        batches: Its frames are batches also where it reads streams.
    """

    world: World
    views: list[str]
    batches: bool

    def table(self, spark_reader: Any, name: str, *, stream: bool) -> DataFrame:
        """The frame that a name means."""
        ...

    def path(self, path: str) -> str:
        """The local path for a path in the sources."""
        ...

    def files(
        self, given: Mapping[str, Any], schema: Any, *, stream: bool, function: bool = False
    ) -> DataFrame:
        """The frame of files that arrive in folders."""
        ...

    def records(
        self, name: str, given: Mapping[str, Any], read: Callable[[], DataFrame], *, stream: bool,
        function: bool = False,
    ) -> DataFrame:  # fmt: skip
        """The records of a queue."""
        ...

    def is_session_view(self, name: str) -> bool:
        """Is it a view that user code itself made?"""
        ...

    def made_view(self, name: str) -> None:
        """User code made a temporary view."""
        ...


def frame_of(
    call: Reading, session: SparkSession, text: str, parameters: Any, run: Callable[[str], Any]
) -> Any:
    """The frame of a SQL text.

    Args:
        parameters: What `spark.sql` was given as `args`: values by name, or a list.
        run: Gives a text to Spark.

    Raises:
        UnsupportedError: It is no query, or has a part that Weir has not.
        WeirError: It can't be read, or names what there is not.
    """
    source = SqlText(text, lambda _: here())
    if "${" in text and session.conf.get("spark.sql.variable.substitute", "true") == "true":
        source = substituted(source, lambda key: session.conf.get(key, None))
    return frame_of_source(call, session, source, parameters, run, join)


def frame_of_source(
    call: Reading, session: SparkSession, source: SqlText, parameters: Any, run: Callable[[str], Any],
    name_of: Callable[[tuple[str, ...]], str],
) -> Any:  # fmt: skip
    """The frame of a text after substitution.

    Args:
        name_of: Gives the name that a reference means.

    Raises:
        UnsupportedError: It is no query, or has a part that Weir has not.
        WeirError: It can't be read, or names what there is not.
    """
    source = with_try_casts(source)
    statement = read(source, parameters if isinstance(parameters, Mapping) else {})
    known = _with_secrets(source, statement.references)

    def stand_in(reference: Reference) -> StandIn:
        if reference.files and reference.parts == (DELTA,):
            return _in_its_line(source, reference.start, _stream_of_folder, call, session, source, reference)
        if reference.files:
            shows = statement.names_metadata
            return _in_its_line(source, reference.start, _files, call, reference, shows)
        if reference.queue is not None:
            texts = known[reference.start].items()
            computed = {k: _computed(session, source, t, reference.start, "STRING") for k, t in texts}
            return _in_its_line(source, reference.start, _records, call, session, reference, computed)
        given = call, session, source, reference, name_of(reference.parts)
        return _in_its_line(source, reference.start, _stand_in, *given)

    def path_of(path: str) -> str:
        return _in_its_line(source, places[path], call.path, path)

    places = {file.path: file.start for file in statement.bound.files}
    stand_ins = {r.start: stand_in(r) for r in statement.references}
    frame = reading_json(run)(statement.over(stand_ins, path_of))
    if statement.view:
        call.made_view(statement.view)
    return frame


def _in_its_line(source: SqlText, position: int, call: Callable[..., T], *arguments: Any) -> T:
    """In a file, what is wrong with a table or path is so in its line."""
    origin = source.origin_of(position) if source.of_file else None
    return call(*arguments) if origin is None else at(origin, call, *arguments)


def _stand_in(
    call: Reading, session: SparkSession, source: SqlText, reference: Reference, name: str
) -> StandIn:
    """What stands for a table."""
    if call.is_session_view(name):
        return StandIn(None, reference.parts, lambda: session.table(name).columns)
    computed = {k: _time(session, source, t, reference.start) for k, t in reference.computed.items()}
    options = {**reference.options, **computed}
    spark_reader: Any = session.readStream if reference.stream else session.read
    if options:
        spark_reader = spark_reader.options(**options)
        remember(spark_reader, options)
    frame = call.table(spark_reader, name, stream=reference.stream)
    full = split(call.world.full_name(name))
    return StandIn(_view(call, frame), full, lambda: frame.columns, batch=call.batches)


def _stream_of_folder(call: Reading, session: SparkSession, source: SqlText, reference: Reference) -> StandIn:
    """What stands for a stream of a Delta table that is named by its folder."""
    computed = {k: _time(session, source, t, reference.start) for k, t in reference.computed.items()}
    options = {**reference.options, **computed, "path": call.path(reference.options["path"])}
    frame = session.readStream.format(DELTA).options(**options).load()
    return StandIn(_view(call, frame), reference.parts, lambda: frame.columns)


def _files(call: Reading, reference: Reference, metadata: bool) -> StandIn:
    """What stands for files: `_metadata`, which a view hides, is a column where the text names it."""
    options = {**reference.options, "path": call.path(reference.options["path"])}
    function = reference.parts == (READ_FILES,)
    named = None if function else next((key for key in options if key.lower() == "schema"), None)
    schema = None if named is None else options.pop(named)  # what `.schema(...)` is for a reader
    frame = call.files(options, schema, stream=reference.stream, function=function)
    shown = frame.select("*", METADATA) if metadata else frame
    return StandIn(_view(call, shown), reference.parts, lambda: frame.columns)


def _records(
    call: Reading, session: SparkSession, reference: Reference, computed: Mapping[str, str]
) -> StandIn:
    """What stands for records of a queue."""
    options = {**reference.options, **computed}

    def of_broker() -> DataFrame:
        reader: Any = session.readStream if reference.stream else session.read
        return reader.format(reference.queue).options(**broker_options(options)).load()

    frame = call.records(reference.queue or "", options, of_broker, stream=reference.stream, function=True)
    return StandIn(_view(call, frame), reference.parts, lambda: frame.columns)


def _view(call: Reading, frame: DataFrame) -> str:
    view = f"__weir_{next(_serial)}"
    frame.createOrReplaceTempView(view)
    call.views.append(view)
    return view


def _time(session: SparkSession, source: SqlText, text: str, at: int) -> str:
    return _computed(session, source, text, at, "TIMESTAMP")


def _with_secrets(source: SqlText, references: Iterable[Reference]) -> dict[int, dict[str, str]]:
    """Position of each reference -> its options of expressions; `secret` is Databricks' own function.

    Raises:
        WeirError: Secrets are missing: all of them are told, each in its line.
    """
    secrets, missing = Secrets(), list[Problem]()

    def known(text: str, start: int) -> str:
        def value(call: re.Match[str]) -> str:
            names = text_of(call[1]), text_of(call[2])
            try:
                return _literal(_in_its_line(source, start + call.start(), secrets.get, *names))
            except WeirError as error:
                missing.extend(error.problems)
                return "NULL"

        return _SECRET.sub(value, text)

    found = {
        r.start: {k: known(text, source.text.index(text, r.start)) for k, text in r.computed.items()}
        for r in references
    }
    if missing:
        raise WeirError(*dict.fromkeys(missing))
    return found


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _computed(session: SparkSession, source: SqlText, text: str, at: int, kind: str) -> str:
    """The value of an expression of constants."""
    try:
        row = session.sql(f"SELECT CAST(CAST(({text}) AS {kind}) AS STRING)").first()
    except PySparkException:
        row = None
    if row is None or row[0] is None:
        what = "The time" if kind == "TIMESTAMP" else "The value"
        raise source.refused(f"{what} `{text}`", INSTEAD, at)
    return row[0]
