"""What user code may not do: write, and look past the pipeline at the session (specification §1.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from delta.tables import DeltaTable
from pyspark.core.rdd import RDD
from pyspark.sql.catalog import Catalog

from weir.model.origin import here
from weir.model.problems import unsupported
from weir.run.code.patching import FlowReader, Patch, Use

NO_WRITES = "return the rows: datasets and sinks write them; write anything else before the update"
BY_NAME = "read datasets and tables by name, spark.read.table(name), and files with spark.read"
ONE_SESSION = "use `spark`: there is one session for the whole pipeline"
# As users write what they call on an object.
SHOWN = {
    "SparkSession": "spark",
    "SparkSession.Builder": "SparkSession.builder",
    "SparkContext": "spark.sparkContext",
    "Catalog": "spark.catalog",
    "JavaMLWriter": "MLWriter",
    "GeneralJavaMLWriter": "MLWriter",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Methods of a class that are refused, and what to do instead."""

    owner: str
    names: tuple[str, ...]
    instead: str


def public(owner: type) -> tuple[str, ...]:
    """The names of a class that are meant for users."""
    return tuple(n for n in vars(owner) if not n.startswith("_"))


def _all_but(owner: type, *allowed: str) -> tuple[str, ...]:
    return tuple(n for n in public(owner) if n not in allowed)


# Session functions are the session's; the rest of a catalog tells of tables that are none of the pipeline's.
CATALOG = (
    "tableExists", "currentCatalog", "currentDatabase", "dropTempView", "functionExists", "getFunction",
    "listFunctions", "registerFunction",
)  # fmt: skip
CONTEXT_FILES = (
    "textFile", "wholeTextFiles", "binaryFiles", "binaryRecords", "sequenceFile", "newAPIHadoopFile",
    "newAPIHadoopRDD", "hadoopFile", "hadoopRDD", "pickleFile",
)  # fmt: skip
CANCELS = ("cancelAllJobs", "cancelJobGroup", "cancelJobsWithTag")
INTERRUPTS = ("interruptAll", "interruptTag", "interruptOperation")
DELTA_READS = ("forName", "forPath", "isDeltaTable")
DELTA_WRITES = tuple(
    n for n in _all_but(DeltaTable, *DELTA_READS) if isinstance(vars(DeltaTable)[n], classmethod)
)
NO_CHANGES = "read a change feed: .option('readChangeFeed', True).table(name)"
NO_GLOBAL_VIEW = "make a view of the pipeline, @dlt.view, or of the function, df.createOrReplaceTempView"
NO_END = "leave it out: Weir starts and ends the session"
NO_STREAMS = "leave it out: Weir runs the streams; an event hook can follow them"

REFUSALS = (
    Refusal("DataFrame", ("write", "writeTo", "writeStream", "mergeInto"), NO_WRITES),
    Refusal("RDD", tuple(n for n in public(RDD) if n.startswith("save")), NO_WRITES),
    Refusal("SparkSession", ("copyFromLocalToFs",), NO_WRITES),
    *(Refusal(owner, ("save",), NO_WRITES) for owner in ("MLWriter", "JavaMLWriter", "GeneralJavaMLWriter")),
    Refusal("DeltaTable", DELTA_WRITES, NO_WRITES),
    Refusal("DeltaTable", ("forName", "forPath"), BY_NAME),
    Refusal("Catalog", _all_but(Catalog, *CATALOG), BY_NAME),
    Refusal("SQLContext", ("tables", "tableNames", "cacheTable", "uncacheTable", "clearCache"), BY_NAME),
    Refusal("SparkContext", CONTEXT_FILES, BY_NAME),
    Refusal("DataFrameReader", ("changes",), NO_CHANGES),
    Refusal("DataStreamReader", ("changes",), NO_CHANGES),
    Refusal("DataFrame", ("createGlobalTempView", "createOrReplaceGlobalTempView"), NO_GLOBAL_VIEW),
    Refusal("SparkSession", ("newSession", "cloneSession"), ONE_SESSION),
    Refusal("SparkSession.Builder", ("create",), ONE_SESSION),
    Refusal("SparkSession", ("stop", *INTERRUPTS), NO_END),
    Refusal("SparkContext", ("stop", *CANCELS), NO_END),
    Refusal("SparkSession", ("streams",), NO_STREAMS),
    Refusal("SQLContext", ("streams",), NO_STREAMS),
)


def refuse(flow: FlowReader, what: str, instead: str) -> NoReturn:
    """Refuse what user code does, with the place where it is.

    Raises:
        UnsupportedError: Always.
    """
    where = "at the top level of a source file" if flow.loading else "in a query function"
    error = unsupported(f"{what} {where}", instead, here())
    flow.refusals.append(error)
    raise error


def _patches(refusal: Refusal) -> Iterator[Patch]:
    shown = SHOWN.get(refusal.owner, refusal.owner)

    def patch(name: str) -> Patch:
        def handle(flow: FlowReader, _use: Use) -> Any:
            refuse(flow, f"{shown}.{name}", refusal.instead)

        return Patch(refusal.owner, name, handle)

    return (patch(name) for name in refusal.names)


REFUSED: tuple[Patch, ...] = tuple(patch for refusal in REFUSALS for patch in _patches(refusal))
