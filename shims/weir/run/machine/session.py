"""The Spark session: local with Delta's jars and a log file, or one over Spark Connect."""

from __future__ import annotations

import json
import locale
import logging
import os
import re
import shlex
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark import java_gateway
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from weir.model.problems import Problem, WeirError, missing_extra
from weir.run.machine import classes, gateway, jars, java
from weir.run.machine.cache import cache_root
from weir.run.machine.conf import (
    COLLECTOR,
    CONF,
    JVM,
    LARGE_PAGES,
    LOG4J,
    ONE_COMPILER,
    PARAMETERS,
    UDF_COLUMNAR,
)
from weir.run.machine.java import Java
from weir.run.machine.warm import worker
from weir.run.machine.warm.client import warm_session
from weir.run.machine.warm.fit import Needs, needs

BEHIND = "SPARK_DIST_CLASSPATH"
LAST_LINES = 4  # of a JVM that does not start
CLASS_PATH, JAVA_OPTIONS = "spark.driver.extraClassPath", "spark.driver.extraJavaOptions"
# Entries of which a user's value stands behind ours, with the sign between the two.
JOINED = {CLASS_PATH: os.pathsep, JAVA_OPTIONS: " ", "spark.sql.extensions": ","}


@dataclass(frozen=True)
class Launch:
    """All that a JVM needs to start.

    Attributes:
        log: The file for Spark's own log and all that the JVM prints.
        jars: What stands on its class path before Spark's own jars: all that a class archive knows.
        more: What stands behind them.
        settings: Entries that win over ours.
    """

    log: Path
    jdk: Java
    jars: tuple[Path, ...]
    more: tuple[Path, ...]
    settings: Mapping[str, str]
    lasting: bool

    @property
    def properties(self) -> Path:
        """The file that tells the JVM where to log."""
        return self.log.with_suffix(".log4j2.properties")

    @property
    def needs(self) -> Needs:
        """What a JVM of another process must have to do as well."""
        return needs(self.jdk.home, self.jars + self.more, self.settings)

    def start(self) -> SparkSession:
        """Start it.

        Raises:
            WeirError: Spark does not take an entry.
        """
        os.environ["JAVA_HOME"] = str(self.jdk.home)
        if locale.getencoding().lower() != "utf-8":
            os.environ["LC_ALL"] = "C.UTF-8"  # else a JVM opens no file with an accent in its path
        builder = SparkSession.builder
        for key, value in self.conf().items():
            builder = builder.config(key, value)
        try:
            with output_to(self.log), jvm_process(self.more):
                session = builder.getOrCreate()
                session.conf.get("spark.app.name")  # the first use, for which Spark reads all entries
        except (PySparkException, Py4JError) as error:
            raise WeirError(_not_started(error, self.log)) from error
        classes.use(session, self.jars)
        return session

    def conf(self) -> dict[str, str]:
        """The entries with which Spark starts."""
        theirs = {k: v for k, v in self.settings.items() if k.startswith("spark.")}
        options = [
            *JVM,
            *(LARGE_PAGES if self.lasting else [ONE_COMPILER]),
            f"-Dlog4j2.configurationFile={self.properties}",
            # Who lasts would hold the claim to write the archive, and all others would start without one.
            # Nor does an archive fit others that was written behind another class path or by other options.
            *java.options(
                self.jdk,
                cache_root(),
                self.jars,
                write=not (self.lasting or {CLASS_PATH, JAVA_OPTIONS} & theirs.keys()),
            ),
        ]
        if re.search(r"-XX:\+Use\w+GC", theirs.get(JAVA_OPTIONS, "")):
            options.remove(COLLECTOR)  # a JVM with two does not start
        ours = {
            **CONF,
            **classes.entries(self.jars),
            **({"spark.python.daemon.module": worker.MODULE} if self.lasting else {}),
            CLASS_PATH: os.pathsep.join(map(str, self.jars)),
            JAVA_OPTIONS: shlex.join(options),
            "spark.sql.warehouse.dir": str(self.log.parent / "warehouse"),
        }
        both = {k: [ours[k], theirs[k]] for k in JOINED.keys() & theirs.keys()}
        return {**ours, **theirs, **{k: JOINED[k].join(filter(None, v)) for k, v in both.items()}}


def start_session(
    log: Path,
    settings: Mapping[str, str],
    say: Callable[[str], None],
    *,
    more: Collection[str] = (),
    lasting: bool = False,
    remark: Callable[[str], None] = lambda _: None,
) -> SparkSession:
    """A local session whose log goes to a file: the active one, else one in the warm JVM, else a new one.

    Args:
        log: The file for Spark's own log and all that the JVM prints.
        settings: Entries that win over ours: the pipeline's `spark.*` configuration.
        say: Told what takes long (a first download).
        more: Jars beside Delta's, by their names in `jars.LOCKS`.
        lasting: Whether it will last for minutes, as that of a test run or of a continuous update does.
        remark: Told whether a warm JVM is used, and why not.

    Raises:
        WeirError: No Java, or Delta's jars can't be had, or Spark does not take an entry.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    return session_of(launch_of(log, settings, say, more=more, lasting=lasting), remark)


def session_of(launch: Launch, remark: Callable[[str], None]) -> SparkSession:
    """A session in the warm JVM if there is one for us, else in a new one, see `start_session`."""
    gateway.import_no_pandas()
    session = warm_session(launch.needs, launch.properties, remark) or launch.start()
    gateway.remember_names(session)
    return session


def own_session(log: Path) -> SparkSession:
    """A session for hours, which a warm JVM is not lent for; the active one if there is one.

    Raises:
        WeirError: See `start_session`.
    """
    return SparkSession.getActiveSession() or launch_of(log, {}, lambda _: None).start()


def launch_of(
    log: Path,
    settings: Mapping[str, str],
    say: Callable[[str], None],
    *,
    more: Collection[str] = (),
    lasting: bool = False,
) -> Launch:
    """All that a JVM needs to start, see `start_session`.

    Raises:
        WeirError: No Java, or Delta's jars can't be had.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    cache = cache_root()
    jdk = java.find(cache)
    first = jars.first_jars(cache, jdk, say)
    behind = tuple(jar for name in sorted(more) for jar in jars.more_jars(name, cache, jdk, say))
    launch = Launch(log, jdk, first, behind, settings, lasting)
    escaped = json.dumps(str(log))[1:-1]  # such files are Latin-1
    launch.properties.write_text(LOG4J.format(log=escaped), encoding="utf-8")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    quiet_python_log(log)
    return launch


def _not_started(error: Exception, log: Path) -> Problem:
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    if condition == "JAVA_GATEWAY_EXITED":
        lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return Problem(
            condition,
            f"Java ended before Spark started. Its last lines: {'; '.join(lines[-LAST_LINES:]) or 'none'}",
            hint=f"see {log}; options come from spark.driver.extraJavaOptions, spark.driver.memory and the "
            "environment variables JDK_JAVA_OPTIONS and JAVA_TOOL_OPTIONS",
        )
    return Problem(
        condition or "SESSION_NOT_STARTED",
        f"Spark does not start with this configuration: {str(error).strip().splitlines()[0]}",
        hint="correct the entries of the configuration that begin with spark.",
    )


def connect_session(url: str) -> SparkSession:
    """A session over Spark Connect.

    Raises:
        WeirError: The server does not answer, or the packages for it are not installed.
    """
    if find_spec("grpc") is None:
        raise missing_extra("Spark Connect", "connect")
    try:
        session = SparkSession.builder.remote(url).getOrCreate()
        for key in ("spark.sql.session.timeZone", UDF_COLUMNAR, PARAMETERS):
            session.conf.set(key, CONF[key])
    except Exception as error:
        raise WeirError(
            Problem(
                "CONNECT_FAILED",
                f"No Spark Connect server answers at {url}: {str(error).splitlines()[0]}",
                hint="start one, or leave --remote out to run in this process",
            )
        ) from error
    return session


@contextmanager
def output_to(log: Path) -> Iterator[None]:
    """Processes started in this block inherit the log as their output, not the terminal."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(file, 1)
        os.dup2(file, 2)
        yield
    finally:
        os.dup2(saved[0], 1)
        os.dup2(saved[1], 2)
        for descriptor in (file, *saved):
            os.close(descriptor)


@contextmanager
def jvm_process(behind: tuple[Path, ...]) -> Iterator[None]:
    """A JVM started in this block hears no signal to our process group: it would be gone before we end.

    Args:
        behind: Jars for the end of its class path: Spark's launcher has a variable for them, and no entry.
    """
    before: Any = java_gateway.Popen  # pyright: ignore[reportPrivateImportUsage]

    def start(command: list[str], *, env: Mapping[str, str], **options: Any) -> Any:
        path = os.pathsep.join([*map(str, behind), *filter(None, [env.get(BEHIND)])])
        return before(command, env={**env, BEHIND: path}, start_new_session=True, **options)

    java_gateway.Popen = start  # pyright: ignore[reportPrivateImportUsage]
    try:
        yield
    finally:
        java_gateway.Popen = before  # pyright: ignore[reportPrivateImportUsage]


def quiet_python_log(log: Path) -> None:
    """PySpark's Python loggers print stack traces to stderr whatever the log level: give them the file."""
    handler = logging.FileHandler(log)
    contexts = [PySparkLogger.getLogger(f"{kind}QueryContextLogger") for kind in ("SQL", "DataFrame")]
    for logger in (*contexts, logging.getLogger("py4j"), logging.getLogger("pyspark")):
        logger.handlers = [handler]
        logger.propagate = False
