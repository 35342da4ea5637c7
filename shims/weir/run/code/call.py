"""What names mean while one query function is called: datasets, inlined views, outside tables, paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from pyspark.sql import DataFrame, SparkSession

from weir.define.query import Query
from weir.define.reading import Interruption, reader
from weir.graph.analysis import StreamRead
from weir.model.blame import user_problem
from weir.model.definitions import ChangesFlow, Flow, QueryFlow, Table, View
from weir.model.names import BadNameError, Namespace, fold, quoted, split
from weir.model.origin import Origin, here
from weir.model.problems import UnsupportedError, WeirError, unsupported
from weir.run.code.outside import outside_frame
from weir.run.code.places import here_or_missing, memory_here
from weir.run.code.queries import frame_of_query
from weir.run.code.read_problems import incompatible, missing_table, no_frame, no_versions, sink_read
from weir.run.code.reads import options_of
from weir.run.code.records import IN_FUNCTION, records_of
from weir.run.code.sql import frame_of
from weir.run.code.threads import on_another_stack
from weir.run.files.options import file_options, notices_of
from weir.run.files.source import Memory, file_frame
from weir.run.frames.below import is_remote
from weir.run.frames.quality import WatchedFrame
from weir.run.lake.world import World

TRAVEL = frozenset({"versionasof", "timestampasof", "readchangefeed", "readchangedata"})
STACK = 20  # views whose functions call one another in one thread: Python ends at a thousand calls
_views_above: ContextVar[int] = ContextVar("views_above", default=0)  # threads may read side by side


class PendingRead(Interruption):
    """A read of a dataset that is not resolved yet."""

    def __init__(self, dataset: str) -> None:
        super().__init__(dataset)
        self.dataset = dataset


class FailedRead(Interruption):
    """A read of a dataset that could not be resolved."""


class DeferredRead(Interruption):
    """A read of a dataset whose schema is not known before it exists."""


@dataclass(frozen=True, slots=True)
class KnownView:
    """What stands for a view whose function need not be called.

    Attributes:
        streams: The tables that it reads as streams.
    """

    df: DataFrame
    streams: tuple[StreamRead, ...]


class Frames(Protocol):
    """Gives frames for datasets: empty ones for analysis, the tables for a run."""

    def table(self, dataset: Table, spark_reader: Any, *, stream: bool) -> DataFrame:
        """The frame of a table."""
        ...

    def other(self, name: str, spark_reader: Any, *, stream: bool) -> DataFrame | None:
        """The frame of another pipeline's table; None to read it through the user's own reader."""
        ...

    def view(self, dataset: View, reader: Flow, *, stream: bool) -> KnownView | None:
        """What stands for a view where a flow reads it; None to inline it."""
        ...

    def watch(self, df: DataFrame, dataset: View) -> WatchedFrame | None:
        """Put an inlined view under its rules; None to leave it as it is."""
        ...

    def memory(self, flow: Flow) -> Memory:
        """What a flow remembers of the files that it reads."""
        ...


class FlowCall:
    """One call of a flow's function; the object that the patched methods and `dlt.read` ask.

    Attributes:
        batches: Its frames are batches also where it reads streams.
        paths: What it has read by its path, also patterns.
    """

    def __init__(self, world: World, frames: Frames | None, flow: Flow, *, batches: bool = False) -> None:
        self.world = world
        self.batches = batches
        self.frames = frames
        self.flow = flow
        self.inputs: set[str] = set()
        self.looked = False
        self.paths: set[str] = set()
        self.watched: list[WatchedFrame] = []
        self.views: list[str] = []
        self.own_views = set(world.own_views)
        self.streams: list[StreamRead] = []
        self.notices: list[str] = []
        self.depth = 0
        self.interruption: Interruption | None = None
        self.refusals: list[WeirError] = []
        self.undo = ExitStack()

    @property
    def ended(self) -> bool:
        """Has the code returned that this object answers for?"""
        return self.depth == 0

    @property
    def loading(self) -> bool:
        """Is the code the top level of a source file?"""
        return self.frames is None

    @property
    def session(self) -> SparkSession:
        """The one session of the pipeline."""
        return self.world.session

    @property
    def namespace(self) -> Namespace:
        """What shorter names resolve against."""
        return self.world.pipeline.namespace

    def run(self) -> DataFrame:
        """Call the flow's function with this object in force.

        Raises:
            WeirError: It returned no DataFrame.
            Exception: Whatever user code raises.
        """
        result = self.of(self.flow.function)
        if not isinstance(result, DataFrame):
            raise WeirError(no_frame(self.flow, result))
        return result

    def of(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What user code gives with this object in force.

        Raises:
            WeirError: It tried to end Weir, or something was refused, whether or not it let that through.
            Interruption: So was a read.
            Exception: Whatever user code raises.
        """
        try:
            with in_force(self):
                result = function(*arguments)
        except SystemExit as error:
            self._raise_what_was_caught()
            raise WeirError(user_problem("QUERY_FUNCTION_FAILED", error, self.flow.origin)) from error
        except Exception:
            self._raise_what_was_caught()
            raise
        self._raise_what_was_caught()
        return result

    def _raise_what_was_caught(self) -> None:
        """A bare `except` of the user's, and a thread, keep what the call has to end with."""
        if self.interruption is not None:
            raise self.interruption
        if self.refusals:
            raise self.refusals[0]

    def take_watched(self) -> tuple[WatchedFrame, ...]:
        """The views that were read since this was asked last."""
        taken = tuple(self.watched)
        self.watched.clear()
        return taken

    def close(self) -> None:
        """Put back what the code changed in the session."""
        for view in self.views:
            self.session.catalog.dropTempView(view)
        self.views.clear()
        self.undo.close()

    # What user code asks, through `dlt.read` and the patches.

    def read(self, name: str, *, stream: bool) -> DataFrame:
        """`dlt.read` and `dlt.read_stream`."""
        with in_force(None):
            session = self.world.session
            return self.table(session.readStream if stream else session.read, name, stream=stream)

    def table(self, spark_reader: Any, name: str, *, stream: bool) -> DataFrame:
        """A name, read through a reader of Spark's with its options."""
        try:
            return self._table(spark_reader, name, stream=stream)
        except Interruption as interruption:
            self.interruption = self.interruption or interruption
            raise

    def _table(self, spark_reader: Any, name: str, *, stream: bool) -> DataFrame:
        if self._is_own_view(name):
            return spark_reader.table(name)
        try:
            dataset, full = self.world.dataset_for(name), self.world.full_name(name)
        except BadNameError:
            raise self._missing(name, name) from None
        if not _views_above.get():  # what a view reads is the view's
            self.inputs.add(full)
        if stream and not isinstance(dataset, View):
            self.streams.append(_stream_read(full, options_of(spark_reader)))
        if dataset is None or self.frames is None:
            # A table's name may stand before its columns; names reach through a view, into what it reads.
            return self._outside(spark_reader, name, full, stream=stream).alias(split(name)[-1])
        if isinstance(dataset, View):
            if any(option.lower() in TRAVEL for option in options_of(spark_reader)):
                raise no_versions(dataset)
            return self._view(dataset, self.frames, stream=stream)
        return self.frames.table(dataset, spark_reader, stream=stream).alias(split(name)[-1])

    def sql(self, session: SparkSession, text: str, parameters: Any, run: Callable[[str], Any]) -> Any:
        """A SQL text, over the frames that its names mean."""
        return frame_of(self, session, text, parameters, run)

    def query(self, query: Query) -> DataFrame:
        """The frame of a query of a SQL source."""
        with in_force(None):
            try:
                return frame_of_query(self, query)
            except UnsupportedError as error:
                self.refusals.append(error)
                raise

    def files(
        self, given: Mapping[str, Any], schema: Any, *, stream: bool, function: bool = False
    ) -> DataFrame:
        """Files that arrive in folders, by Auto Loader or `read_files` (specification §7).

        Args:
            given: Options as they were written, the path as it lies here.
            function: They are those of `read_files`.
        """
        try:
            return self._files(given, schema, stream=stream, function=function)
        except WeirError as error:
            self.refusals.append(error)
            raise

    def _files(self, given: Mapping[str, Any], schema: Any, *, stream: bool, function: bool) -> DataFrame:
        memory = self.files_memory
        if memory is None:
            raise unsupported("Auto Loader at the top level of a source file", IN_FUNCTION, here())
        place, kept = here(), memory_here(given, self.world.outside)
        options = file_options(kept, schema, place, function=function, streams=stream)
        self.paths.add(options.path)
        self.notices.extend(f"{place}: {notice}" for notice in notices_of(given, schema, function=function))
        return file_frame(self.session, options, memory)

    def records(
        self, name: str, given: Mapping[str, Any], read: Callable[[], DataFrame], *,
        stream: bool, function: bool = False,
    ) -> DataFrame:  # fmt: skip
        """Records of a queue, from what stands for its streams here."""
        try:
            return records_of(self, name, given, read, stream=stream, function=function)
        except WeirError as error:
            self.refusals.append(error)
            raise

    def system(self, read: Callable[[], DataFrame]) -> DataFrame:
        """A source of another system."""
        return read()

    @property
    def files_memory(self) -> Memory | None:
        """What the flow remembers of what it reads."""
        return None if self.frames is None else self.frames.memory(self.flow)

    def exists(self, name: str) -> bool:
        """Is there a dataset, an outside table or a temporary view of this name?"""
        return self._is_own_view(name) or self._is_known(name)

    def path(self, path: str) -> str:
        """A path in the sources, where the user says it lies here.

        Raises:
            WeirError: It is one of a workspace or a cloud, and nothing on this machine stands for it.
        """
        if is_remote(self.session):  # the server's files
            return self.world.outside.local_path(path)
        place = here_or_missing(path, self.world.outside)
        self.paths.add(place)
        return place

    def looked_at_data(self) -> None:
        """User code ran an action: on empty frames its outcome means nothing."""
        self.looked = True

    def made_view(self, name: str) -> None:
        """User code made a temporary view: the name means it, until the flow has ended."""
        view = split(name)[-1]
        self.own_views.add(fold(view))
        self.undo.callback(self.session.catalog.dropTempView, view)

    # Frames behind names.

    def _outside(self, spark_reader: Any, name: str, full: str, *, stream: bool) -> DataFrame:
        if self.frames is not None:
            known = self.frames.other(full, spark_reader, stream=stream)
            if known is not None:
                return known
        path = self.world.outside_path(full)
        if path is None:
            raise self._missing(name, full)
        return outside_frame(self.world.session, spark_reader, path, options_of(spark_reader), stream=stream)

    def _view(self, dataset: View, frames: Frames, *, stream: bool) -> DataFrame:
        known = frames.view(dataset, self.flow, stream=stream)
        df = self._inlined(dataset) if known is None else known.df
        self.streams.extend(known.streams if known is not None else ())
        check = self.world.pipeline.configuration.get("pipelines.incompatibleViewCheck.enabled", "true")
        if df.isStreaming != stream and check == "true" and not (self.batches or self._takes_batch()):
            raise WeirError(incompatible(dataset, df.isStreaming))
        watched = frames.watch(df, dataset)
        if watched is None:
            return df
        self.watched.append(watched)
        return watched.df

    def _takes_batch(self) -> bool:
        """May the source of the flow, which is read by its name, be a batch (specification §4.7)?"""
        return isinstance(self.flow, ChangesFlow) and self.flow.once and not _views_above.get()

    def _inlined(self, dataset: View) -> Any:
        function, above = self.world.pipeline.flows_into(dataset.name)[0].function, _views_above.get()
        token = _views_above.set(above + 1)
        try:
            with in_force(self):
                return on_another_stack(self.session, function) if above % STACK == STACK - 1 else function()
        finally:
            _views_above.reset(token)

    def is_session_view(self, name: str) -> bool:
        """Is it a view that user code itself made in the session, under a name that is no dataset's?"""
        if self._is_own_view(name) or self._is_known(name):
            return self._is_own_view(name)
        try:
            first, *others = split(name)
        except BadNameError:
            return False
        return not others and self.session.catalog.tableExists(quoted(first))

    def _is_known(self, name: str) -> bool:
        try:
            full = self.world.pipeline.namespace.table(name)
            return self.world.dataset_for(name) is not None or self.world.outside_path(full) is not None
        except BadNameError:
            return False

    def _is_own_view(self, name: str) -> bool:
        try:
            first, *others = split(name)
        except BadNameError:
            return False
        return not others and fold(first) in self.own_views

    def _missing(self, name: str, full: str) -> WeirError:
        if fold(name) in self.world.pipeline.datasets:  # a sink: all else was found
            return WeirError(sink_read(name))
        known = [*self.world.pipeline.datasets, *self.world.outside.tables]
        return WeirError(missing_table(name, full, here(), known))


def _stream_read(name: str, options: Mapping[str, Any]) -> StreamRead:
    return StreamRead(name, frozenset(k.lower() for k, v in options.items() if str(v).lower() == "true"))


@contextmanager
def in_force(call: FlowCall | None) -> Any:
    """Let the patches ask this call; Spark's own methods are in force if None."""
    token = reader.set(call)
    if call is not None:
        call.depth += 1
    try:
        yield
    finally:
        reader.reset(token)
        if call is not None:
            call.depth -= 1


def load_time_call(world: World) -> FlowCall:
    """What names mean at the top level of a source file: outside tables only, no dataset is known yet."""
    return FlowCall(world, None, QueryFlow("", "", lambda: None, Origin("", 0)))
