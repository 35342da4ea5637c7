"""What else is missing: what functions read behind a read that failed, so that all is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pyspark.sql import SparkSession

from weir.define.reading import Interruption
from weir.graph.resolve import MISSING
from weir.model.definitions import Flow
from weir.model.names import BadNameError
from weir.model.origin import here
from weir.model.problems import Problem, WeirError
from weir.run.code.call import FlowCall, missing_table
from weir.run.code.places import here_or_missing
from weir.run.code.sql import frame_of
from weir.run.lake.world import World
from weir.run.queues.reads import queue_read


def missing_besides(world: World, failed: frozenset[str], problems: tuple[Problem, ...]) -> Iterator[Problem]:
    """The outside tables, systems and paths that are missing, but for those that are told already.

    Args:
        failed: The datasets that could not be resolved, whose functions are called once more.
        problems: Those told.
    """
    told = {(p.condition, p.message) for p in problems}
    said = [p.message for p in problems if p.condition in MISSING]
    for flow in (f for f in world.pipeline.flows if f.target in failed):
        for problem in _Probe(world, flow).missing():
            known = (problem.condition, problem.message) in told
            if not known and not any(m.startswith(problem.message) for m in said):
                told.add((problem.condition, problem.message))
                yield problem


class _Anything:
    """Stands for a frame and whatever comes of it: every use gives one like it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        return self

    def __getitem__(self, _key: Any) -> Any:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __index__(self) -> int:
        return 0

    def _with(self, _other: Any) -> Any:
        return self

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _with  # pyright: ignore[reportAssignmentType]
    __and__ = __or__ = __add__ = __radd__ = __sub__ = __mul__ = __truediv__ = _with
    __hash__ = object.__hash__


class _Probe(FlowCall):
    """A call in which every name gives something, and what is missing is noted."""

    def __init__(self, world: World, flow: Flow) -> None:
        super().__init__(world, None, flow)
        self.found: list[Problem] = []

    @property
    def loading(self) -> bool:
        """The code is a query function."""
        return False

    def missing(self) -> list[Problem]:
        """What the function misses, as far as it can be followed."""
        with suppress(Exception, Interruption):
            self.of(self.flow.function)
        self.close()
        return self.found

    def table(self, spark_reader: Any, name: str, *, stream: bool) -> Any:
        """Anything, for a table that there is or is not."""
        del spark_reader, stream
        with suppress(BadNameError):
            full = self.world.full_name(name)
            if not self.exists(name) and self.world.outside_path(full) is None:
                known = [*self.world.pipeline.datasets, *self.world.outside.tables]
                self.found.append(missing_table(name, full, here(), known))
        return _Anything()

    def sql(self, session: SparkSession, text: str, parameters: Any, run: Callable[[str], Any]) -> Any:
        """Anything, for a text that reads what there is or is not."""
        del run
        return frame_of(self, session, text, parameters, lambda _: _Anything())

    def records(
        self, name: str, given: Mapping[str, Any], read: Any, *, stream: bool, function: bool = False
    ) -> Any:
        """Anything, for streams that something or nothing stands for here."""
        del read
        known = self.world.outside.streams
        try:
            queue_read(name, given, known, here(), streams=stream, function=function)
        except WeirError as error:
            self.found.extend(error.problems)
        return _Anything()

    def system(self, read: Callable[[], Any]) -> Any:
        """Anything, for a source that is installed or not; where it is not, its path does not matter."""
        before = len(self.found)
        try:
            read()
        except WeirError as error:
            self.found[before:] = error.problems
        return _Anything()

    def files(self, given: Any, schema: Any, *, stream: bool, function: bool = False) -> Any:
        """Anything, for files: their paths were looked up."""
        del given, schema, stream, function
        return _Anything()

    def path(self, path: str) -> str:
        """The path as it is, if it is missing."""
        try:
            return here_or_missing(path, self.world.outside)
        except WeirError as error:
            self.found.extend(error.problems)
            return path
