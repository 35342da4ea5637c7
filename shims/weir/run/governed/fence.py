"""What a group's session lets through, by the plans that Spark makes of it: below the public API.

The rows of governed tables stand in RDDs that the session itself made, masked and filtered: a plan may read
those and nothing else, however a text names what it reads.
"""

from __future__ import annotations

import re
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from weir.model.problems import Problem, WeirError, unsupported
from weir.run.frames.below import java_of
from weir.run.frames.fingerprint import (
    CLASS,
    EXPRESSIONS,
    LEAVES,
    LOGICAL,
    OPERATORS,
    USERS,
    leaves_of,
    tree_of,
)

ANALYSIS = "org.apache.spark.sql.catalyst.analysis."
RDD = "org.apache.spark.sql.execution.LogicalRDD"
QUERIES = (
    OPERATORS
    | LEAVES
    | {"AsOfJoin", "Pivot", "Sample", "UnionLoop", "UnionLoopRef", "UnresolvedHint", "UnresolvedWith"}
    | {"WithWindowDefinition"}
)
COMMANDS = frozenset(["UnresolvedExecuteImmediate", "UnresolvedTable", "UnresolvedIdentifier"])
# Functions that call any method of Java, or tell of files.
FUNCTIONS = re.compile("CallMethodViaReflection|TryReflect|InputFile")
# They run where a plan is still being made, so the text itself must not name them, nor compose names.
NAMED = re.compile(r"\b(?:reflect|java_method|try_reflect)\b", re.IGNORECASE)
COMPOSED = re.compile(r"\bidentifier\s*(?:(?:/\*.*?\*/|--[^\n]*\n)\s*)*\(", re.IGNORECASE | re.DOTALL)
_FUNCTION = re.compile(r"UnresolvedTableValuedFunction \[([^\]\n]*)\]")
GENERATORS = frozenset(
    [
        "explode", "explode_outer", "inline", "inline_outer", "json_tuple", "posexplode",
        "posexplode_outer", "range", "stack", "variant_explode", "variant_explode_outer",
    ]
)  # fmt: skip
_RELATION = re.compile(r"UnresolvedRelation \[([^\n]*?)\], \[")


def check_statement(session: SparkSession, text: str) -> None:
    """Refuse what is no query, before Spark analyses it: that alone can run code.

    Args:
        session: Whose parser reads it.
        text: As written.

    Raises:
        WeirError: It is refused.
        ParseException: It is no SQL.
    """
    for pattern in (NAMED, COMPOSED):
        match = pattern.search(text)
        if match:
            raise refused(f"`{match[0].split('(')[0].strip()}`")
    plan = _parsed(session, text)
    for name in CLASS.findall(plan.toJSON()):
        last = name.rsplit(".", 1)[-1]
        unresolved = name.startswith(ANALYSIS) and last.startswith("Unresolved") and last not in COMMANDS
        if not (unresolved or name.startswith(EXPRESSIONS) or last in QUERIES | {"RelationTimeTravel"}):
            raise refused(_words(last))
    for function in _FUNCTION.findall(tree_of(plan)):
        if function not in GENERATORS:
            raise refused(f"`{function}`")


def check_names(session: SparkSession, text: str) -> None:
    """Refuse what is left of names once tables are views: Spark would look at files to analyse it.

    Args:
        session: Whose parser reads it.
        text: With the names of tables replaced by views.

    Raises:
        WeirError: A relation has a name of several parts, or a version.
    """
    plan = _parsed(session, text)
    for parts in _RELATION.findall(tree_of(plan)):
        if ", " in parts:
            raise no_file(parts.replace(", ", "."))
    if "RelationTimeTravel" in plan.toJSON():
        raise refused("A version or time in such a query")


def _parsed(session: SparkSession, text: str) -> Any:
    anything: Any = session
    return anything._jsparkSession.sessionState().sqlParser().parsePlan(text)


def check_plan(frame: DataFrame, rdds: frozenset[int]) -> None:
    """Refuse a frame that reads anything but the session's own RDDs.

    Args:
        frame: Analysed, not run.
        rdds: The numbers of those RDDs; nobody can name one in SQL.

    Raises:
        WeirError: It is refused.
    """
    _, jdf = java_of(frame)
    plan = jdf.queryExecution().analyzed()
    for name in CLASS.findall(plan.toJSON()):
        last = name.rsplit(".", 1)[-1]
        if name.startswith(EXPRESSIONS):
            if USERS.search(last) or FUNCTIONS.search(last):
                raise refused(_words(last))
        elif name != RDD and not (name.startswith(LOGICAL) and last in QUERIES):
            raise no_file(last) if re.search("Relation|RDD|Scan|Table", last) else refused(_words(last))
    for leaf in leaves_of(plan):
        if leaf.getClass().getName() == RDD and leaf.rdd().id() not in rdds:
            raise no_file("a frame of another session")


def has_view(session: SparkSession, name: str) -> bool:
    """Is there a temporary view of the session with this name?"""
    anything: Any = session
    catalog = anything._jsparkSession.sessionState().catalog()
    return catalog.getTempView(name).isDefined()


def cut_off(frame: DataFrame) -> tuple[DataFrame, Any]:
    """The frame as an RDD of its rows, with that RDD: nothing that is asked of it reaches below.

    Spark would push a condition of the user below masks and filters, where it could tell hidden rows by its
    errors.
    """
    cut = frame.localCheckpoint(eager=False)
    _, jdf = java_of(cut)
    return cut, jdf.queryExecution().analyzed().rdd()


def refused(what: str) -> WeirError:
    """The refusal of what is no plain query."""
    return unsupported(f"{what} in a group's session", "use a plain query, or CREATE TEMP VIEW name AS query")


def no_file(what: str) -> WeirError:
    """The refusal of a read that goes past the tables' names, as on Databricks."""
    return WeirError(
        Problem(
            "INSUFFICIENT_PERMISSIONS",
            f"A group's session reads tables by their names and has no SELECT on any file: {what}.",
            hint="write SELECT ... FROM schema.table",
        )
    )


def _words(name: str) -> str:
    """`DescribeDeltaHistory` -> Describe Delta History."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Command").removesuffix("Statement"))
