"""Methods of Spark's classes that ask the call in force; outside of one they are Spark's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Protocol

from pyspark.sql import SparkSession

from weir.define.reading import Reader, answering, reader
from weir.model.names import Namespace
from weir.model.problems import WeirError


class FlowReader(Reader, Protocol):
    """What the patches ask of the call that is in force.

    Attributes:
        loading: The code is the top level of a source file, not a query function.
        undo: Puts back what the code changed in the session.
        refusals: What was refused, whether or not the code let the error through.
    """

    session: SparkSession
    namespace: Namespace
    loading: bool
    undo: ExitStack
    refusals: list[WeirError]

    def table(self, spark_reader: Any, name: str, *, stream: bool) -> Any:
        """The frame behind a name, with the options that the reader object carries."""
        ...

    def exists(self, name: str) -> bool:
        """Does a name mean anything that could be read?"""
        ...

    def sql(self, session: Any, text: str, parameters: Any, run: Callable[[str], Any]) -> Any:
        """The frame of a SQL text."""
        ...

    def files(self, given: Mapping[str, Any], schema: Any, *, stream: bool, function: bool = False) -> Any:
        """The frame of files that arrive in folders."""
        ...

    def records(
        self,
        name: str,
        given: Mapping[str, Any],
        read: Callable[[], Any],
        *,
        stream: bool,
        function: bool = False,
    ) -> Any:
        """The frame of a queue."""
        ...

    def system(self, read: Callable[[], Any]) -> Any:
        """The frame of a source of another system."""
        ...

    def path(self, path: str) -> str:
        """The local path for a path in the sources."""
        ...

    def looked_at_data(self) -> None:
        """User code ran an action on a frame."""
        ...

    def made_view(self, name: str) -> None:
        """User code made a temporary view."""
        ...


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a patched method by user code.

    Attributes:
        function: Spark's own.
    """

    function: Callable[..., Any]
    bound: inspect.BoundArguments

    @property
    def subject(self) -> Any:
        """The object, or the class of a class method."""
        return self.bound.args[0]

    def __getitem__(self, parameter: str) -> Any:
        return self.bound.arguments.get(parameter, self.bound.signature.parameters[parameter].default)

    def go_on(self, **changed: Any) -> Any:
        """Call Spark's own method, with some arguments changed."""
        self.bound.arguments.update(changed)
        return self.function(*self.bound.args, **self.bound.kwargs)


Handler = Callable[[FlowReader, Use], Any]


@dataclass(frozen=True, slots=True)
class Patch:
    """A method or property of a class of Spark's, and what is done instead while a call is in force."""

    owner: str
    name: str
    handle: Handler


@contextmanager
def patched(classes: Iterable[tuple[str, type]], patches: Iterable[Patch]) -> Iterator[None]:
    """Patch classes for the length of the block; a method that a class has not is left out.

    Args:
        classes: Names that patches mean, each with a class; the same name may stand for several.
    """
    wanted = list(patches)
    with ExitStack() as undo:
        for known_as, owner in classes:
            for patch in wanted:
                original = owner.__dict__.get(patch.name)
                if patch.owner == known_as and original is not None:
                    undo.callback(setattr, owner, patch.name, original)
                    setattr(owner, patch.name, _in_place_of(original, patch.handle))
        yield


def _in_place_of(original: Any, handle: Handler) -> Any:
    match original:
        case property(fget=function) if function is not None:
            return property(_asking(function, handle))
        case cached_property(func=function):
            return property(_asking(function, handle))
        case classmethod(__func__=function):
            return classmethod(_asking(function, handle))
        case _:
            return _asking(original, handle)


def _asking(function: Callable[..., Any], handle: Handler) -> Callable[..., Any]:
    """A method that asks the current call, during which Spark's own methods are in force."""
    signature = inspect.signature(function)

    @wraps(function)
    def method(*args: Any, **kwargs: Any) -> Any:
        flow: Any = answering()
        if flow is None:
            return function(*args, **kwargs)
        use = Use(function, signature.bind(*args, **kwargs))
        token = reader.set(None)
        try:
            return handle(flow, use)
        finally:
            reader.reset(token)

    return method
