"""What names mean while one query function is called: datasets, inlined views, outside tables, paths."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession

from weir.define.reading import reader
from weir.graph.analysis import StreamRead
from weir.model.blame import user_problem
from weir.model.definitions import Flow, QueryFlow, Table, View
from weir.model.names import BadNameError, fold, for_shell, quoted, split
from weir.model.origin import Origin, here
from weir.model.problems import Problem, WeirError, closest, unsupported
from weir.run.code import sqltext
from weir.run.code.intercept import options_of, remember
from weir.run.code.outside import outside_frame
from weir.run.frames.quality import Watched
from weir.run.lake.world import World

_serial = itertools.count()


class PendingRead(BaseException):
    """A read of a dataset that is not resolved yet; no Exception, so that user code lets it through."""

    def __init__(self, dataset: str) -> None:
        super().__init__(dataset)
        self.dataset = dataset


class FailedRead(BaseException):
    """A read of a dataset that could not be resolved."""


class DeferredRead(BaseException):
    """A read of a dataset whose schema is not known before it exists."""


class Frames(Protocol):
    """Gives frames for datasets: empty ones for analysis, the tables for a run."""

    def table(self, dataset: Table, spark_reader: Any, *, stream: bool) -> DataFrame:
        """The frame of a table."""
        ...

    def other(self, name: str, *, stream: bool) -> DataFrame | None:
        """The frame of another pipeline's table; None to read it through the user's own reader."""
        ...

    def view(self, dataset: View) -> None:
        """Called before a view is inlined."""
        ...

    def watch(self, df: DataFrame, dataset: View) -> Watched | None:
        """Put an inlined view under its rules; None to leave it as it is."""
        ...


class Call:
    """One call of a flow's function; the object that the patched readers and `dlt.read` ask."""

    def __init__(self, world: World, frames: Frames | None, flow: Flow) -> None:
        self.world = world
        self.frames = frames
        self.flow = flow
        self.inputs: set[str] = set()
        self.below_view = 0
        self.looked = False
        self.watched: list[Watched] = []
        self.views: list[str] = []
        self.streams: list[StreamRead] = []

    def run(self) -> DataFrame:
        """Call the flow's function with this object in force.

        Raises:
            WeirError: It returned no DataFrame.
            Exception: Whatever user code raises.
        """
        try:
            with in_force(self):
                result = self.flow.function()
        except SystemExit as error:
            raise WeirError(user_problem("QUERY_FUNCTION_FAILED", error, self.flow.origin)) from error
        if not isinstance(result, DataFrame):
            raise WeirError(_no_frame(self.flow, result))
        return result

    # What user code asks, through `dlt.read` and the patches.

    def read(self, name: str, *, stream: bool) -> DataFrame:
        """`dlt.read` and `dlt.read_stream`."""
        with in_force(None):
            session = self.world.session
            return self.table(session.readStream if stream else session.read, name, stream=stream)

    def table(self, spark_reader: Any, name: str, *, stream: bool) -> DataFrame:
        """A name, read through a reader of Spark's with its options."""
        try:
            dataset = self.world.dataset_for(name)
            full = dataset.name if dataset else self.world.pipeline.namespace.table(name)
        except BadNameError:
            raise self._missing(name, name) from None
        if not self.below_view:  # what a view reads is the view's
            self.inputs.add(full)
        if stream and not isinstance(dataset, View):
            self.streams.append(_stream_read(full, options_of(spark_reader)))
        if dataset is None or self.frames is None:
            path = self.world.outside_path(full)
            if path is None:
                raise self._missing(name, full)
            options = options_of(spark_reader)
            if self.frames is not None and not options:
                known = self.frames.other(full, stream=stream)
                if known is not None:
                    return known
            return outside_frame(self.world.session, spark_reader, path, options, stream=stream)
        if isinstance(dataset, View):
            return self._view(dataset, self.frames, stream=stream)
        return self.frames.table(dataset, spark_reader, stream=stream)

    def sql(self, session: SparkSession, text: str, run: Callable[[str], Any]) -> Any:
        """A SQL text: its relations become temporary views over the frames that they mean."""
        if sqltext.COMMAND.match(text):
            word = text.split(None, 1)[0].upper()
            raise unsupported(f"{word} in spark.sql", "return a query; datasets do the writing", here())
        try:
            parsed = sqltext.parse(text)
        except sqltext.UnreadableSqlError:
            return run(text)  # Spark's own message is the better one; names of datasets are unknown to it
        local = self.world.outside.local_path
        return run(sqltext.rewrite(parsed, lambda r: self._view_for(session, r), local))

    def path(self, path: str) -> str:
        """A path in the sources, where the user says it lies here."""
        return self.world.outside.local_path(path)

    def looked_at_data(self) -> None:
        """User code ran an action: on empty frames its outcome means nothing."""
        self.looked = True

    # Frames behind names.

    def _view(self, dataset: View, frames: Frames, *, stream: bool) -> DataFrame:
        frames.view(dataset)
        flow = self.world.pipeline.flows_into(dataset.name)[0]
        self.below_view += 1
        try:
            with in_force(self):
                df = flow.function()
        finally:
            self.below_view -= 1
        check = self.world.pipeline.configuration.get("pipelines.incompatibleViewCheck.enabled", "true")
        if df.isStreaming != stream and check == "true":
            raise WeirError(_incompatible(dataset, df.isStreaming))
        watched = frames.watch(df, dataset)
        if watched is None:
            return df
        self.watched.append(watched)
        return watched.df

    def _view_for(self, session: SparkSession, relation: sqltext.Relation) -> str:
        """The temporary view that stands for a relation of a SQL text."""
        spark_reader: Any = session.readStream if relation.stream else session.read
        if relation.options:
            spark_reader = spark_reader.options(**relation.options)
            remember(spark_reader, dict(relation.options))
        own = self._session_view(session, relation.name)
        if own is not None:
            return own
        df = self.table(spark_reader, relation.name, stream=relation.stream)
        view = f"__weir_{next(_serial)}"
        df.createOrReplaceTempView(view)
        self.views.append(view)
        return view

    def _session_view(self, session: SparkSession, name: str) -> str | None:
        """A view that user code itself made in the session, under a name that is no dataset's, for SQL."""
        first, *others = split(name)
        if others or self._is_known(name):
            return None
        view = quoted(first)
        return view if session.catalog.tableExists(view) else None

    def _is_known(self, name: str) -> bool:
        try:
            full = self.world.pipeline.namespace.table(name)
            return self.world.dataset_for(name) is not None or self.world.outside_path(full) is not None
        except BadNameError:
            return False

    def _missing(self, name: str, full: str) -> WeirError:
        if fold(name) in self.world.pipeline.datasets:  # a sink: all else was found
            return WeirError(_sink_read(name))
        known = [*self.world.pipeline.datasets, *self.world.outside.tables]
        return WeirError(missing_table(name, full, here(), known))


def _stream_read(name: str, options: Mapping[str, Any]) -> StreamRead:
    return StreamRead(name, frozenset(k.lower() for k, v in options.items() if str(v).lower() == "true"))


def missing_table(name: str, full: str, origin: Origin, known: list[str]) -> Problem:
    """Neither a dataset of the pipeline nor a table that was given for it."""
    hint = closest(fold(name).removeprefix("live."), known)
    given = f"an outside table is given with --table {for_shell(full)}=FOLDER"
    return Problem(
        "TABLE_OR_VIEW_NOT_FOUND",
        f"`{name}` is neither a dataset of this pipeline nor a known outside table.",
        origin,
        f"{hint} (else: {given})" if hint else given,
    )


def _sink_read(name: str) -> Problem:
    return Problem(
        "SINK_NOT_READABLE",
        f"`{name}` is a sink: nothing reads from it.",
        here(),
        "read what it was written from, or the place that it writes into",
    )


def _no_frame(flow: Flow, value: Any) -> Problem:
    got = "nothing" if value is None else f"a {type(value).__name__}"
    return Problem(
        "QUERY_FUNCTION_RETURNS_NO_DATAFRAME",
        f"The query function of `{flow.name}` returns {got}.",
        flow.origin,
        "return a Spark DataFrame" + ("; is the `return` missing?" if value is None else ""),
    )


def _incompatible(dataset: View, streaming: bool) -> Problem:
    kind, right = ("streaming", "readStream") if streaming else ("batch", "read")
    condition = f"INCOMPATIBLE_{kind.upper()}_VIEW_READ"
    return Problem(
        condition,
        f"The view `{dataset.name}` is a {kind} view.",
        here(),
        f"read it with spark.{right}.table or dlt.{'read_stream' if streaming else 'read'}",
    )


@contextmanager
def in_force(call: Call | None) -> Any:
    """Let the patches ask this call; Spark's own methods are in force if None."""
    token = reader.set(call)
    try:
        yield
    finally:
        reader.reset(token)


def load_time_call(world: World) -> Call:
    """What names mean at the top level of a source file: outside tables only, no dataset is known yet."""
    return Call(world, None, QueryFlow("", "", lambda: None, Origin("", 0)))
