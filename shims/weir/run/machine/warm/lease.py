"""What one client has of a warm JVM: a door of its own, and an end that leaves nothing of it.

Connections of py4j are threads. Those of a client come out of one thread with a job tag and a thread group of
its own: the tag cancels its jobs, and the group tells when its last call has returned.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from weir.run.machine.warm.worker import ORDER

PATIENCE = 20.0  # seconds in which calls of a client must have ended
LOOK_SECONDS = 0.05
CALLS = "Thread-"  # py4j gives its threads no names of their own


class Lease:
    """A client's part of the JVM."""

    def __init__(self, session: SparkSession, number: int) -> None:
        """Open a door with a secret of its own.

        Raises:
            Py4JError: The JVM is gone.
        """
        self.tag = f"weir-{os.getpid()}-{number}"
        self._session: Any = session
        self._jvm: Any = self._session._jvm
        self._group = self._jvm.java.lang.ThreadGroup(self.tag)
        self._before = self._named()
        self._streams = self._stream_ids()
        self._server = self._opened()

    @property
    def address(self) -> Mapping[str, Any]:
        """What the client must know to come in."""
        return {"port": self._server.getListeningPort(), "secret": self._server.secret(), "tag": self.tag}

    def end(self, jvm: psutil.Process) -> bool:
        """Stop what the client has started and remove what it has made; False if that takes too long."""
        context = self._session.sparkContext
        deadline = time.monotonic() + PATIENCE
        self._server.shutdown()
        while self._is_busy():
            if time.monotonic() > deadline:
                return False
            for query in self._jvm.java.util.ArrayList(self._shared().activeStreamingQueries().values()):
                if query.id().toString() not in self._streams:
                    with suppress(Py4JError):
                        query.stop()
            context.cancelJobsWithTag(self.tag)
            time.sleep(LOOK_SECONDS)
        self._forget()
        while workers := workers_of_clients(jvm):  # one that was killed still runs for a moment
            if time.monotonic() > deadline:
                return False
            for worker in workers:
                with suppress(psutil.Error):
                    worker.kill()
            time.sleep(LOOK_SECONDS)
        return True

    def _opened(self) -> Any:
        """A server that is made in a thread of the group: it starts to listen as it is made."""
        java, context = self._jvm.java.lang, self._session.sparkContext
        types, proxies = java.invoke.MethodType, java.invoke.MethodHandleProxies
        conf = context._jsc.sc().conf()
        kind = self._jvm.org.apache.spark.api.python.Py4JServer._java_lang_class
        made = java.invoke.MethodHandles.publicLookup().findConstructor(
            kind, types.methodType(java.Void.TYPE, conf.getClass())
        )
        callable_ = java.Class.forName("java.util.concurrent.Callable")
        task = self._jvm.java.util.concurrent.FutureTask(
            proxies.asInterfaceInstance(callable_, made.bindTo(conf))
        )
        sessions = self._jvm.SparkSession
        sessions.clearActiveSession()  # the threads of the client would take it for theirs
        context.addJobTag(self.tag)
        try:
            java.Thread(self._group, task, "door").start()
            return task.get()
        finally:
            context.removeJobTag(self.tag)
            sessions.setActiveSession(self._session._jsparkSession)

    def _is_busy(self) -> bool:
        threads = self._session._sc._gateway.new_array(self._jvm.java.lang.Thread, 256)
        count = self._group.enumerate(threads, True)
        calls = any(threads[i].getName().startswith(CALLS) for i in range(count))
        return calls or bool(self._stream_ids() - self._streams)

    def _forget(self) -> None:
        """Give back what all sessions of a JVM share."""
        session = self._session
        self._jvm.SparkSession.setDefaultSession(session._jsparkSession)
        system = self._jvm.java.lang.System
        logs_to(self._jvm, Path(system.getProperty("log4j2.configurationFile")))
        stands_in(self._jvm, session.sparkContext, system.getProperty("user.dir"))
        self._drop()
        session.catalog.clearCache()
        self._jvm.org.apache.spark.sql.delta.DeltaLog.clearCache()

    def _drop(self) -> None:
        catalog, views = self._shared().externalCatalog(), self._shared().globalTempViewManager()
        drop = {
            "database": lambda name: catalog.dropDatabase(name, True, True),
            "table": lambda name: catalog.dropTable("default", name, True, True),
            "function": lambda name: catalog.dropFunction("default", name),
            "view": views.remove,
        }
        for kind, name in self._named() - self._before:
            drop[kind](name)

    def _named(self) -> set[tuple[str, str]]:
        """What all sessions see by a name, each with its kind."""
        catalog, views = self._shared().externalCatalog(), self._shared().globalTempViewManager()
        names = {
            "database": catalog.listDatabases(),
            "table": catalog.listTables("default"),
            "function": catalog.listFunctions("default", "*"),
            "view": views.listViewNames("*"),
        }
        return {(kind, each.apply(i)) for kind, each in names.items() for i in range(each.size())}

    def _stream_ids(self) -> set[str]:
        queries = self._jvm.java.util.ArrayList(self._shared().activeStreamingQueries().values())
        # The map changes while it is copied: a null may stand for a stream that has just ended.
        return {query.id().toString() for query in queries if query is not None}

    def _shared(self) -> Any:
        return self._session._jsparkSession.sharedState()


def logs_to(jvm: Any, properties: Path) -> None:
    """Let a JVM log where a file says."""
    jvm.org.apache.logging.log4j.core.config.Configurator.reconfigure(jvm.java.net.URI(properties.as_uri()))


def stands_in(jvm: Any, context: Any, folder: str) -> None:
    """Let relative paths begin at a folder."""
    files, place = jvm.org.apache.hadoop.fs, jvm.java.net.URI("file:///")
    local = files.FileSystem.get(place, context._jsc.hadoopConfiguration())
    local.setWorkingDirectory(files.Path(folder))


def workers_of_clients(jvm: psutil.Process) -> list[psutil.Process]:
    """The Python workers of clients, which must end: modules of one client are not those of the next.

    Their daemons stay: who made a worker finds its end, but nothing makes a daemon again.
    """

    def is_worker(process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return ORDER in process.environ() and process.ppid() != jvm.pid
        return False

    return [process for process in jvm.children(recursive=True) if is_worker(process)]


def worker_order(folder: str, environment: Mapping[str, str]) -> str:
    """Tells workers where their client stands and what its environment is."""
    return json.dumps({"folder": folder, "environment": dict(sorted(environment.items()))})
