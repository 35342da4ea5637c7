"""What every JVM of Weir is started with; each entry is measured, or needed for Databricks' behaviour."""

from __future__ import annotations

import sys

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
# Pages of 2 MB: a session that lasts takes a tenth less processor time, a short one only clears more memory.
LARGE_PAGES = ("-XX:+UseTransparentHugePages",) if sys.platform == "linux" else ()
# Cores are few: a parallel collector costs more than it gives.
COLLECTOR = "-XX:+UseSerialGC"
# With one compiler the JVM reserves a fifth of the room for what is compiled, and generated classes fill it.
# The heap has its full size at once, half of it for new objects: a small one is collected 50 times a minute.
JVM = (
    "-XX:ReservedCodeCacheSize=240m",
    COLLECTOR,
    "-XX:InitialRAMPercentage=100",
    "-XX:NewRatio=1",
    # By default four full collections at the start only make room for classes.
    "-XX:MetaspaceSize=256m",
    # By default each object of Spark's that may log looks through the stack for its class loader.
    "-Dlog4j2.contextSelector=org.apache.logging.log4j.core.selector.BasicContextSelector",
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
    # Delta only writes these lists and checks them, in another time zone than UTC by reading the whole state.
    "spark.databricks.delta.allFilesInCrc.enabled": "false",
    # By default both rename files in a way for which Hadoop starts two processes each time.
    "spark.delta.logStore.file.impl": "io.delta.storage.LocalLogStore",
    "spark.sql.streaming.checkpointFileManagerClass": CHECKPOINT_FILES,
    # By default who stops a query waits for ever for a batch that hangs, in code of the user's.
    "spark.sql.streaming.stopTimeout": "2s",
    # By default each function of a column asks the JVM five times for what only Spark's own traceback shows.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # By default each column that Spark, Delta or a pipeline makes walks the stack for the same purpose.
    "spark.sql.dataFrameQueryContext.enabled": "false",
    # VACUUM lists a folder in so many tasks: with the default of 10,000 it takes a minute a table.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "4",
    # Any @udf over columnar input hangs for ever in 4.2.0 (SPARK-58241, mended after it).
    UDF_COLUMNAR: "false",
    # By default the parser binds the `args` of spark.sql, and Delta's does not (delta-io/delta#7640).
    PARAMETERS: "true",
}
