"""What a flow depends on besides its code, as far as it can be looked at without Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weir.run.flow.attempt import PreparedFlow
from weir.run.frames.below import is_remote, java_of
from weir.run.frames.fingerprint import LEAVES, leaves_of, reads_files
from weir.run.frames.flow_lineage import path_of
from weir.run.lake.looks import literal_place, place_looks
from weir.run.lake.paths import local_file

ROWS = LEAVES | {"LogicalRDD"}  # that the query itself makes
OWN_STATE = "WithState"  # stands in the names of all operators whose state may have timers
FORMATS = frozenset({"csv", "delta", "json", "orc", "parquet", "text", "xml"})


@dataclass(frozen=True, slots=True)
class Reads:
    """What a flow reads.

    Attributes:
        places: Folders and files, and what they looked like before the flow began.
        unseen: What nobody can tell without Spark whether it has anything new; None if all can be seen.
    """

    places: Mapping[Path, str] = field(default_factory=dict[Path, str])
    unseen: str | None = None


def reads_of(prepared: PreparedFlow) -> Reads:
    """What a flow reads whose function was called on the real tables."""
    call, df = prepared.call, prepared.watched.df
    if is_remote(df.sparkSession):
        return Reads(unseen="a server")
    if call.looked:
        return Reads(unseen="rows while it defines its query")
    if df.isStreaming and OWN_STATE in java_of(df)[1].queryExecution().analyzed().toString():
        return Reads(unseen="the time, which its state may wait for")
    named = (call.world.outside_path(name) for name in call.inputs)
    leaves = list(_leaves(df)) if df.isStreaming else []
    paths = [*call.paths, *named, *(path for path, _ in leaves)]
    places = {literal_place(local_file(path).absolute()) for path in paths if path}
    unseen = next((what for path, what in leaves if path is None), None)
    return Reads({place: place_looks(place) for place in places}, unseen)


def news_of(prepared: PreparedFlow) -> int | None:
    """The new files of a stream that reads only those that it knew before it started; None for other streams.

    Where it reads something else besides, there may be news at any time.
    """
    memory, df = prepared.call.files_memory, prepared.watched.df
    if memory is None or not (memory.news and df.isStreaming):
        return None
    if is_remote(df.sparkSession):
        return max(sum(memory.news), 1)
    leaves = leaves_of(java_of(df)[1].queryExecution().analyzed())
    others = sum(1 for leaf in leaves if leaf.isStreaming()) > len(memory.news)
    return sum(memory.news) + others


def _leaves(df: Any) -> Iterator[tuple[str | None, str]]:
    """The place of each leaf of a stream, also of its batches, or None, and what it is."""
    _, jdf = java_of(df)
    for leaf in leaves_of(jdf.queryExecution().analyzed()):
        name = leaf.getClass().getSimpleName()
        if name == "StreamingRelation":
            source = leaf.dataSource()
            path = path_of(source.options())
            yield path if source.className().lower() in FORMATS else None, source.className()
        elif name == "LogicalRelation":
            yield from _relation(leaf.relation(), name)
        elif name == "StreamingRelationV2":
            yield None, leaf.sourceName()
        elif name not in ROWS:
            yield None, name


def _relation(relation: Any, name: str) -> Iterator[tuple[str | None, str]]:
    if not reads_files(relation):
        yield None, name
        return
    roots = relation.location().rootPaths()
    yield from ((roots.apply(n).toString(), name) for n in range(roots.size()))
