"""Threads that user code starts are of the call in which it starts them: they read what it would read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from functools import partial, wraps
from typing import Any

from pyspark.sql import SparkSession

from weir.define.reading import Interruption, reader
from weir.run.frames.below import make_active


@contextmanager
def threads_of_calls() -> Iterator[None]:
    """Let threads and tasks of pools have the call in force that was so where they were started."""
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit

    @wraps(start)
    def start_in_call(self: threading.Thread) -> None:
        if reader.get() is not None:
            self.run = partial(_run, copy_context(), self.run)
        start(self)

    @wraps(submit)
    def submit_in_call(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if reader.get() is None:
            return submit(self, fn, *args, **kwargs)
        return submit(self, copy_context().run, fn, *args, **kwargs)

    threading.Thread.start, ThreadPoolExecutor.submit = start_in_call, submit_in_call
    try:
        yield
    finally:
        threading.Thread.start, ThreadPoolExecutor.submit = start, submit


def _run(context: Context, run: Callable[[], None]) -> None:
    with suppress(Interruption):  # the call keeps it, and ends with it
        context.run(run)


def on_another_stack(session: SparkSession, function: Callable[[], Any]) -> Any:
    """What a function gives, called in a thread of its own: each has a stack of a thousand calls."""

    def call() -> Any:
        make_active(session)
        return function()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, call).result()
