"""What a batch frame is made of, below the public API: its plan as text, its Delta tables and their versions.

In process only: over Spark Connect no plan can be had, and materialized views are always recomputed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from weir.model.lineage import TableRead
from weir.model.texts import fingerprint
from weir.run.frames.below import is_remote, java_of
from weir.run.lake.commits import newest_version, version_of_rows
from weir.run.lake.paths import folder_of, local_file
from weir.run.lake.world import World

LOGICAL = "org.apache.spark.sql.catalyst.plans.logical."
FILES = "org.apache.spark.sql.execution.datasources.HadoopFsRelation"
EXPRESSIONS = "org.apache.spark.sql.catalyst.expressions."
# Operators whose result depends on their input alone. Whatever is not listed is recomputed.
OPERATORS = frozenset(
    [
        "Aggregate", "CTERelationDef", "CollectMetrics", "Deduplicate", "Distinct", "Except", "Expand",
        "Filter", "Generate", "GlobalLimit", "Intersect", "Join", "LateralJoin", "LocalLimit", "Offset",
        "Project", "Repartition", "RepartitionByExpression", "ResolvedHint", "Sort", "Subquery",
        "SubqueryAlias", "Tail", "Union", "Unpivot", "View", "Window", "WithCTE",
    ]
)  # fmt: skip
LEAVES = frozenset(["CTERelationRef", "LocalRelation", "OneRowRelation", "Range"])
USERS = re.compile("UD[ATF]|Pandas|Python|Arrow|Aggregator|ApplyFunction")
# What Spark numbers anew in every session, in the JSON of a plan: a text of the query can't look so there.
_NUMBERS = re.compile(
    r'(?<!\\)ExprId","id":(\d+)|(?<!\\)"(?:id|cteId)":(\d+)'
    r'|(?<!\\)"(?:dataframeId|__dataset_id)":(\d+)|\b__weir_(\d+)\b'
)
_SHOWN = re.compile(
    r"#\d+|(?<=CTERelationDef )\d+|(?<=CTERelationRef )\d+|(?<=]), \d+$|\b__weir_\d+\b", re.MULTILINE
)
DECIDING = ("spark.databricks.", "spark.sql.")
OF_THE_MACHINE = ("spark.databricks.delta.lastCommit", "spark.sql.warehouse.dir")
_OF_A_SESSION = re.compile(r'(?<!\\)"(?:jvmId":"[^"]*"|createTime":\d+)')
CLASS = re.compile(r'(?<!\\)"class":"([\w.$]+)"')


@dataclass(frozen=True, slots=True)
class Lineage:
    """What the result of a query depends on.

    Attributes:
        query: A fingerprint of the plan: equal plans compute the same of equal tables.
        tables: Each Delta table at the version of its rows, in the order of the reads.
        issue: Why the result may differ though both are equal: an issue type of §9.
    """

    query: str
    tables: tuple[TableRead, ...]
    issue: str | None


def lineage_of(world: World, df: DataFrame) -> Lineage | None:
    """What a batch frame is made of; None over Spark Connect."""
    if is_remote(df.sparkSession):
        return None
    jvm, jdf = java_of(df)
    plan = jdf.queryExecution().analyzed()
    json = plan.toJSON()
    leaves = [_leaf(world, jvm, leaf) for leaf in leaves_of(plan)]
    tables = tuple(leaf.table for leaf in leaves if leaf.table)
    issue = "INPUT_NOT_IN_DELTA" if any(leaf.foreign for leaf in leaves) else _issue(jvm, plan, json)
    shown = _SHOWN.sub("#", tree_of(plan))
    return Lineage(fingerprint([_renumbered(json), shown, *(leaf.text for leaf in leaves)]), tables, issue)


def is_repeatable(df: DataFrame) -> bool:
    """Does a batch frame give the rows again that it gave since it was analysed?

    It must depend on its tables alone, and they must be as they were. False where that can't be known.
    """
    if is_remote(df.sparkSession):
        return False
    jvm, jdf = java_of(df)
    plan = jdf.queryExecution().analyzed()
    current = jvm.org.apache.spark.sql.catalyst.trees.TreePattern.CURRENT_LIKE()
    if not _deterministic(plan) or plan.containsPattern(current):
        return False
    return all(_is_unchanged(leaf) for leaf in leaves_of(plan))


def _is_unchanged(leaf: Any) -> bool:
    name = leaf.getClass().getSimpleName()
    if name != "LogicalRelation":
        return name in LEAVES or name == "LogicalRDD"
    if not reads_files(leaf.relation()):
        return False
    index = leaf.relation().location()
    if index.getClass().getSimpleName() != "TahoeLogFileIndex":
        return True  # Spark listed the files when it analysed the read
    folder, version = local_file(index.path().toString()), index.snapshotAtAnalysis().version()
    newest = newest_version(folder)
    return newest is not None and version_of_rows(folder, newest) == version_of_rows(folder, version)


def configuration_of(df: DataFrame) -> str:
    """The session's configuration as far as it decides what a query gives, in few calls.

    The rest of Spark's entries (memory, cores, paths, ports) say how the machine computes it.
    """
    jvm, jdf = java_of(df)
    entries = jvm.java.util.TreeMap(jdf.sparkSession().conf().getAllAsJava())
    for entry in OF_THE_MACHINE:
        _below(entries, entry).clear()
    return "\n".join(_below(entries, prefix).toString() for prefix in DECIDING)


def _below(entries: Any, prefix: str) -> Any:
    """The part of a sorted map whose keys start like this; removed from it, entries are gone from the map."""
    return entries.subMap(prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1))


def _renumbered(text: str) -> str:
    """The same text with its numbers counted from 0 in the order of their first appearance."""
    known: dict[tuple[int | None, str], int] = {}

    def number(match: re.Match[str]) -> str:
        key = (match.lastindex, match[match.lastindex or 0])
        return f"{match.lastindex}:{known.setdefault(key, len(known))}"

    return _NUMBERS.sub(number, _OF_A_SESSION.sub("", text))


def _issue(jvm: Any, plan: Any, json: str) -> str | None:
    """Why the plan may give something else the next time."""
    patterns = jvm.org.apache.spark.sql.catalyst.trees.TreePattern
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("USER_DEFINED_FUNCTION", lambda: any(_users(c) for c in set(CLASS.findall(json)))),
        ("TIME_FUNCTION", lambda: plan.containsPattern(patterns.CURRENT_LIKE())),
        ("NON_DETERMINISTIC_EXPRESSION", lambda: not _deterministic(plan)),
    )
    return next((f"PLAN_NOT_DETERMINISTIC.{name}" for name, holds in checks if holds()), None)


def _users(name: str) -> bool:
    """Does code run there that is not Spark's, or is not known to depend on its input alone?"""
    last = name.rsplit(".", 1)[-1]
    if name.startswith(EXPRESSIONS):
        return USERS.search(last) is not None
    return last not in OPERATORS | LEAVES | {"LogicalRelation"}


def _deterministic(plan: Any) -> bool:
    return all(root.deterministic() for root in _roots(plan))


def _roots(plan: Any) -> Iterator[Any]:
    yield plan
    yield from _items(plan.subqueriesAll())


def tree_of(plan: Any) -> str:
    """A plan as text, nothing cut off."""
    return plan.treeString(True, False, 2**31 - 1, False, False)


def leaves_of(plan: Any) -> Iterator[Any]:
    """The leaves of a plan, also those below its subqueries."""
    for root in _roots(plan):
        yield from _items(root.collectLeaves())


def _items(sequence: Any) -> Iterator[Any]:
    return (sequence.apply(i) for i in range(sequence.size()))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What a query reads in one place.

    Attributes:
        text: What else decides the rows that it gives: rows of the query itself, a filter of partitions.
        foreign: It can give other rows the next time, and nothing tells.
    """

    table: TableRead | None = None
    text: str = ""
    foreign: bool = False


_FOREIGN = _Leaf(foreign=True)


def _leaf(world: World, jvm: Any, leaf: Any) -> _Leaf:
    name = leaf.getClass().getSimpleName()
    if name == "LogicalRelation" and not leaf.isStreaming():
        return _delta(world, leaf.relation())
    if name == "LocalRelation":
        return _Leaf(text=jvm.org.apache.spark.util.Utils.serialize(leaf.data()).hex())
    return _Leaf() if name in LEAVES else _FOREIGN


def reads_files(relation: Any) -> bool:
    """Has a relation a location? Delta's is of a class without a name, below that of all files."""
    classes = relation.getClass()
    while classes is not None and classes.getName() != FILES:
        classes = classes.getSuperclass()
    return classes is not None


def _delta(world: World, relation: Any) -> _Leaf:
    """Delta pins the version when it analyses a read, and reads that or, between two commits, a newer one."""
    if not reads_files(relation):
        return _FOREIGN
    index = relation.location()
    if index.getClass().getSimpleName() != "TahoeLogFileIndex":
        return _FOREIGN
    snapshot, path = index.snapshotAtAnalysis(), index.path().toString()
    version = version_of_rows(local_file(path), snapshot.version())
    fixed = index.isTimeTravelQuery()
    table = TableRead(world.name_at(path), version, snapshot.metadata().id(), folder_of(path), fixed)
    return _Leaf(table, index.partitionFilters().mkString(" "))
