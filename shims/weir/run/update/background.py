"""Work in the background, in daemon threads: what hangs there keeps no process alive."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Result = TypeVar("Result")


class BackgroundWork(Generic[Result]):
    """Starts work and collects what comes of it."""

    def __init__(self) -> None:
        self._results: SimpleQueue[Result] = SimpleQueue()

    def start(self, name: str, work: Callable[[], Result]) -> None:
        """Start work that raises nothing.

        Raises:
            RuntimeError: The system gives no more threads.
        """
        Thread(target=lambda: self._results.put(work()), name=name, daemon=True).start()

    def results(self, seconds: float) -> list[Result]:
        """What has come of work since the last call; waits so long at most for the first of it."""
        deadline, results = time.monotonic() + seconds, list[Result]()
        while True:
            try:
                wait = 0.0 if results else max(0.0, deadline - time.monotonic())
                results.append(self._results.get(timeout=wait) if wait else self._results.get_nowait())
            except Empty:
                return results
