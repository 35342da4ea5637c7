"""This test run's JVM, lent to the processes that a test starts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from weir.run.machine import jars, java
from weir.run.machine.cache import cache_root
from weir.run.machine.warm.engine import Limits, WarmEngine
from weir.run.machine.warm.fit import Needs, needs
from weir.testing import INTERPRETED


def needs_here(**settings: str) -> Needs:
    jdk = java.find(cache_root())
    more = [jar for name in sorted(jars.LOCKS) for jar in jars.more_jars(name, cache_root(), jdk, print)]
    return needs(jdk.home, (*jars.first_jars(cache_root(), jdk, print), *more), settings)


@contextmanager
def lent(spark: object, path: Path) -> Iterator[WarmEngine]:
    """The JVM of a session, at a socket in a folder of its own."""
    engine = WarmEngine(spark, needs_here(**INTERPRETED), path)
    ready = threading.Event()
    server = threading.Thread(target=engine.serve, args=(Limits(), ready), daemon=True)
    server.start()
    assert ready.wait(10)
    try:
        yield engine
    finally:
        engine.over.set()
        server.join(60)
    assert not server.is_alive()
