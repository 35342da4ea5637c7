"""The Spark session: local with Delta's jars and a log file, or one over Spark Connect."""

from __future__ import annotations

import json
import locale
import logging
import os
import shlex
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark import java_gateway
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession

from weir.model.problems import Problem, WeirError, missing_extra
from weir.run.machine import jars, java
from weir.run.machine.cache import cache_root

LOG4J = """\
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{{yy/MM/dd HH:mm:ss}} %p %c{{1}}: %m%n%ex
"""

# The second compiler costs more than it gives until a session has lasted for minutes.
ONE_COMPILER = "-XX:TieredStopAtLevel=1"
# Cores are few: a parallel collector costs more than it gives.
# With one compiler the JVM reserves a fifth of the room for what is compiled, and generated classes fill it.
# The heap has its full size at once, half of it for new objects: a small one is collected 50 times a minute.
JVM = (
    "-XX:ReservedCodeCacheSize=240m",
    "-XX:+UseSerialGC",
    "-XX:InitialRAMPercentage=100",
    "-XX:NewRatio=1",
    "-Xss16m",  # a view of a view of a view: Spark walks a plan of a thousand by recursion
)
CHECKPOINT_FILES = (
    "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager"
)
UDF_COLUMNAR = "spark.sql.execution.arrow.pythonUDF.columnarInput.enabled"
PARAMETERS = "spark.sql.legacy.parameterSubstitution.constantsOnly"

# Each is measured in a benchmark or needed for Databricks' behaviour (specification §11.2).
CONF = {
    "spark.master": "local[*]",
    "spark.app.name": "weir",
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.default": "delta",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.shuffle.partitions": "2",
    # An update makes more than the 100 classes that Spark keeps; what falls out is compiled again.
    "spark.sql.codegen.cache.maxEntries": "2000",
    # To read the state of a table costs a quarter of a second of processor time for each partition.
    "spark.databricks.delta.snapshotPartitions": "1",
    # By default both rename files in a way for which Hadoop starts two processes each time.
    "spark.delta.logStore.file.impl": "io.delta.storage.LocalLogStore",
    "spark.sql.streaming.checkpointFileManagerClass": CHECKPOINT_FILES,
    # By default who stops a query waits for ever for a batch that hangs, in code of the user's.
    "spark.sql.streaming.stopTimeout": "2s",
    # VACUUM lists a folder in so many tasks: with the default of 10,000 it takes a minute a table.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    # Any @udf over columnar input hangs for ever in 4.2.0 (SPARK-58241, mended after it).
    UDF_COLUMNAR: "false",
    # By default the parser binds the `args` of spark.sql, and Delta's does not (delta-io/delta#7640).
    PARAMETERS: "true",
}


def start_session(
    log: Path,
    settings: Mapping[str, str],
    say: Callable[[str], None],
    *,
    more: Collection[str] = (),
    lasting: bool = False,
) -> SparkSession:
    """A local session whose log goes to a file; the active one if there is one.

    Args:
        log: The file for Spark's own log and all that the JVM prints.
        settings: Entries that win over ours: the pipeline's `spark.*` configuration.
        say: Told what takes long (a first download).
        more: Jars beside Delta's, by their names in `jars.LOCKS`.
        lasting: Whether it will last for minutes, as that of a test run or of a continuous update does.

    Raises:
        WeirError: No Java, or Delta's jars can't be had, or Spark does not take an entry.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    log.parent.mkdir(parents=True, exist_ok=True)
    cache = cache_root()
    jdk = java.find(cache)
    path = jars.delta_jars(cache, jdk, say)
    path += tuple(jar for name in sorted(more) for jar in jars.more_jars(name, cache, jdk, say))
    properties = log.with_suffix(".log4j2.properties")
    escaped = json.dumps(str(log))[1:-1]  # such files are Latin-1
    properties.write_text(LOG4J.format(log=escaped), encoding="utf-8")
    options = [
        *JVM,
        *([] if lasting else [ONE_COMPILER]),
        f"-Dlog4j2.configurationFile={properties}",
        # Who lasts would hold the claim to write the archive, and all others would start without one.
        *java.options(jdk, cache, path, write=not lasting),
    ]
    conf = {
        **CONF,
        "spark.driver.extraClassPath": os.pathsep.join(map(str, path)),
        "spark.driver.extraJavaOptions": shlex.join(options),
        "spark.sql.warehouse.dir": str(log.parent / "warehouse"),
        **{k: v for k, v in settings.items() if k.startswith("spark.")},
    }
    os.environ["JAVA_HOME"] = str(jdk.home)
    if locale.getencoding().lower() != "utf-8":
        os.environ["LC_ALL"] = "C.UTF-8"  # else a JVM opens no file with an accent in its path
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    quiet_python_log(log)
    builder = SparkSession.builder
    for key, value in conf.items():
        builder = builder.config(key, value)
    try:
        with output_to(log), in_its_own_group():
            session = builder.getOrCreate()
            session.conf.get("spark.app.name")  # the first use, for which Spark reads all entries
    except (PySparkException, Py4JError) as error:
        raise WeirError(_not_started(error)) from error
    return session


def _not_started(error: Exception) -> Problem:
    condition = error.getCondition() if isinstance(error, PySparkException) else None
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
def in_its_own_group() -> Iterator[None]:
    """A JVM started in this block hears no signal to our process group: it would be gone before we end."""
    before: Any = java_gateway.Popen  # pyright: ignore[reportPrivateImportUsage]
    java_gateway.Popen = partial(before, start_new_session=True)  # pyright: ignore[reportPrivateImportUsage]
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
