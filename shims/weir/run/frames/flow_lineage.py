"""What a flow reads, seen in its resolved plan: the leaves are tables by where they lie (in process only)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pyspark.sql import DataFrame

from weir.model.lineage import Derivation, FlowLineage, Origins, TableColumn, TableVersion
from weir.run.frames.below import is_remote, java_of
from weir.run.frames.column_lineage import columns_of
from weir.run.frames.fingerprint import leaves_of, reads_files
from weir.run.lake.world import World

SOURCE = "weir.path"  # the option in which a reader keeps the path as the user gave it
_SEPARATOR = "\x01"
_ATTRIBUTE = re.compile(r"(.*)#(\d+)", re.DOTALL)
_DELTA_SOURCE = re.compile(r"DeltaSource\[(.*)\]")


def from_plan(world: World, declared: FlowLineage, df: DataFrame) -> FlowLineage:
    """What a flow reads and, column by column, makes of it.

    Args:
        declared: What the graph says of it: all that is known over Spark Connect.
        df: What its function returned.
    """
    if is_remote(df.sparkSession):
        return declared
    _, jdf = java_of(df)
    plan = jdf.queryExecution().analyzed()
    leaves: dict[int, Origins] = {}
    tables: set[TableVersion] = set()
    for leaf in leaves_of(plan):
        table = _table(world, leaf)
        if table is not None:
            tables.add(table)
            for name, number in _attributes(leaf.output()):
                leaves[number] = {TableColumn(table.table, name): Derivation.IDENTITY}
    output = list(_attributes(plan.output()))
    origins_of_columns = columns_of(plan.toJSON(), leaves, [number for _, number in output])
    columns = {name: origins for (name, _), origins in zip(output, origins_of_columns, strict=True)}
    return replace(declared, sources=tuple(sorted(tables, key=str)), columns=columns)


def versions_streamed(world: World, progress: str) -> Mapping[str, int]:
    """The last version that a micro-batch took rows from, of each Delta table among its sources.

    Args:
        progress: Spark's JSON of a StreamingQueryProgress.
    """
    sources = json.loads(progress)["sources"]
    ends = ((_DELTA_SOURCE.fullmatch(s["description"]), s.get("endOffset")) for s in sources)
    return {
        world.name_at(match[1]): _version(offset)
        for match, offset in ends
        if match and isinstance(offset, dict)
    }


def _version(offset: Mapping[str, Any]) -> int:
    """An offset before the first file of a version has the version before as its last."""
    return int(offset["reservoirVersion"]) - (int(offset["index"]) < 0)


def _attributes(output: Any) -> Iterator[tuple[str, int]]:
    """Names and expression ids, in one call."""
    text = output.mkString(_SEPARATOR)
    for part in text.split(_SEPARATOR) if text else ():
        match = _ATTRIBUTE.match(part)
        if match:
            yield match[1], int(match[2])


def _table(world: World, leaf: Any) -> TableVersion | None:
    """The table that a leaf reads; None for rows that the query itself makes."""
    match leaf.getClass().getSimpleName():
        case "LogicalRelation":
            return _relation(world, leaf.relation())
        case "StreamingRelation":
            path = path_of(leaf.dataSource().options())
            return TableVersion(leaf.sourceName() if path is None else world.name_at(path))
        case "StreamingRelationV2":
            topics = leaf.extraOptions().get("subscribe")
            return TableVersion(":".join(filter(None, [leaf.sourceName(), topics])))
        case _:
            return None


def path_of(options: Any) -> str | None:
    """The path in the options of a stream's source, as the user gave it."""
    path = options.get(SOURCE) if options.contains(SOURCE) else options.get("path")
    return path.get() if path.isDefined() else None


def _relation(world: World, relation: Any) -> TableVersion | None:
    if not reads_files(relation):
        return None
    index = relation.location()
    if index.getClass().getSimpleName() == "TahoeLogFileIndex":
        return TableVersion(world.name_at(index.path().toString()), index.snapshotAtAnalysis().version())
    roots = index.rootPaths()
    return TableVersion(world.name_at(roots.head().toString())) if roots.nonEmpty() else None
