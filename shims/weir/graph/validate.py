"""Rules that a resolved dataset must keep; each yields problems (specification §4.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from weir.define.read import is_query
from weir.graph.analysis import AnalyzedQuery, ResolvedFlow
from weir.model.definitions import (
    AutoCdcFlow,
    ChangesFlow,
    Dataset,
    Flow,
    MaterializedView,
    OnceFlow,
    Pipeline,
    PublishedView,
    Sink,
    SnapshotFlow,
    StreamingTable,
    View,
    runs_once,
)
from weir.model.names import split
from weir.model.origin import Origin
from weir.model.problems import Problem

Flows = tuple[ResolvedFlow, ...]
Rule = Callable[[Dataset, Flows], Iterator[Problem]]


def check_dataset(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """All problems of one dataset, in the order of the rules below."""
    for rule in RULES:
        yield from rule(dataset, flows)


def nothing_to_do(pipeline: Pipeline, files: Sequence[Path] = ()) -> Iterator[Problem]:
    """A pipeline of views alone computes nothing (§4.9).

    Args:
        files: Its sources, the first of which stands for a pipeline without datasets.
    """
    if all(isinstance(dataset, View) for dataset in pipeline.datasets.values()):
        first = [Origin(str(file), 1) for file in files[:1]]
        what = "views alone" if pipeline.datasets else "no dataset"
        yield Problem(
            "RUN_EMPTY_PIPELINE",
            f"The sources define {what}: there is no table to bring up to date.",
            next(iter((*(d.origin for d in pipeline.datasets.values()), *first)), None),
            "decorate a function that returns a DataFrame with @dlt.table",
        )


def _declaration(written: Dataset | Flow) -> str:
    """How the author of a dataset or flow declares a streaming table."""
    return written.origin.wording("dlt.create_streaming_table", "CREATE STREAMING TABLE, without a query")


def has_a_flow(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """A streaming table that nothing writes into."""
    if not flows:
        yield Problem(
            "PIPELINE_DATASET_WITHOUT_FLOW",
            f"Nothing writes into `{dataset.name}`.",
            dataset.origin,
            dataset.origin.wording(
                "add a function under @dlt.append_flow(target=...)",
                "give it a query, AS SELECT ..., or write CREATE FLOW ... AS INSERT INTO it BY NAME query",
            ),
        )


def one_flow_unless_streaming(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """A materialized view or a view has exactly one query."""
    appending = [f for f in flows if not isinstance(f.flow, AutoCdcFlow)]
    if not isinstance(dataset, (StreamingTable, Sink)) and len(appending) > 1:
        yield Problem(
            "MATERIALIZED_VIEW_WITH_MULTIPLE_QUERIES",
            f"`{dataset.name}` is not a streaming table, but {len(appending)} flows write into it.",
            appending[1].flow.origin,
            f"only streaming tables take append flows: let its query stream, or use {_declaration(dataset)}",
        )


def published_views_over_batches(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """A published view reads batches, and nothing that others can't see (§4.9)."""
    for resolved in flows if isinstance(dataset, PublishedView) else ():
        hidden = sorted(name for name in resolved.analysis.inputs if len(split(name)) == 1)
        if resolved.streaming:
            yield Problem(
                "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_PERSISTED_VIEW",
                f"The view `{dataset.name}` has a query that streams.",
                resolved.flow.origin,
                "leave STREAM out, or write CREATE TEMPORARY VIEW",
            )
        if hidden:
            yield Problem(
                "INVALID_TEMP_OBJ_REFERENCE",
                f"The view `{dataset.name}` is published, yet reads the temporary view `{hidden[0]}`.",
                resolved.flow.origin,
                "write CREATE TEMPORARY VIEW, or let it read tables",
            )


def streams_into_streaming_tables(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """Batch into a streaming table, unless once; a stream into `once`."""
    if not isinstance(dataset, StreamingTable):
        return
    for resolved in flows:
        flow, once = resolved.flow, isinstance(resolved.flow, OnceFlow)
        if isinstance(flow, AutoCdcFlow) or not isinstance(resolved.analysis, AnalyzedQuery):
            continue
        if once and resolved.streaming:
            yield Problem(
                "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_ONCE_FLOW",
                f"The flow `{flow.name}` runs once, yet its query streams.",
                flow.origin,
                flow.origin.wording(
                    "read with spark.read, or leave out once=True", "leave out STREAM, or ONCE"
                ),
            )
        if not (once or resolved.streaming) and is_query(flow.function):
            yield Problem(
                "APPEND_ONCE_FROM_BATCH_QUERY",
                f"The query of `{flow.name}` reads a batch, but `{dataset.name}` is a streaming table.",
                flow.origin,
                "read with STREAM(table), create a materialized view, or write INSERT INTO ONCE",
            )
        elif not (once or resolved.streaming):
            yield Problem(
                "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE",
                f"The flow `{flow.name}` reads a batch, but `{dataset.name}` is a streaming table.",
                flow.origin,
                "read with spark.readStream or dlt.read_stream, or say once=True",
            )


def rewrites_alone(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """A flow that rewrites its table at each batch is the only one into it."""
    for resolved in flows if len(flows) > 1 else ():
        flow, analysis = resolved.flow, resolved.analysis
        if isinstance(analysis, AnalyzedQuery) and analysis.complete:
            yield Problem(
                "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
                f"The flow `{flow.name}` aggregates without a watermark and would rewrite `{dataset.name}`, "
                "which other flows write into, too.",
                flow.origin,
                "give the aggregate a watermark, or a table that no other flow writes into",
            )


def batch_into_materialized_views(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """A stream into a materialized view."""
    for resolved in flows:
        if isinstance(dataset, MaterializedView) and resolved.streaming:
            yield Problem(
                "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW",
                f"The materialized view `{dataset.name}` has a query that streams.",
                resolved.flow.origin,
                "leave STREAM out, or create a streaming table"
                if is_query(resolved.flow.function)
                else "read with spark.read or dlt.read, or define it with @dlt.table",
            )


NO_TARGETS: Mapping[type[Dataset], tuple[str, str, str]] = {
    View: ("TEMPORARY_VIEW", "view", "declare the target with {declaration}"),
    PublishedView: ("PERSISTED_VIEW", "view", "declare the target with {declaration}"),
    Sink: ("SINK", "sink", "apply them to a table, and let an append flow bring its change feed here"),
}


def changes_into_declared_tables(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """Changes go into a streaming table that was declared without a query (§3.1)."""
    changing = [f.flow for f in flows if isinstance(f.flow, AutoCdcFlow)]
    if changing and type(dataset) in NO_TARGETS:
        condition, what, hint = NO_TARGETS[type(dataset)]
        yield Problem(
            f"INVALID_FLOW_QUERY_TYPE.AUTOCDC_RELATION_FOR_{condition}",
            f"The flow `{changing[0].name}` applies changes to `{dataset.name}`, which is a {what}.",
            changing[0].origin,
            hint.format(declaration=_declaration(changing[0])),
        )
    elif changing and len(changing) < len(flows):
        other = next(f.flow for f in flows if not isinstance(f.flow, AutoCdcFlow))
        yield Problem(
            "AUTOCDC_TARGET_WITH_OTHER_FLOWS",
            f"`{dataset.name}` takes changes, yet the flow `{other.name}` appends to it.",
            other.origin,
            "let all flows into a table apply changes, or none; declare the target of changes with "
            f"{_declaration(other)}",
        )


def changes_from_streams(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """Changes are read as a stream, but for those that are applied once (§3.1, §4.7)."""
    for resolved in flows:
        batch = isinstance(resolved.analysis, AnalyzedQuery) and not resolved.streaming
        if isinstance(resolved.flow, ChangesFlow) and batch and not resolved.flow.once:
            yield Problem(
                "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE",
                f"The flow `{resolved.flow.name}` reads a batch of changes for `{dataset.name}`.",
                resolved.flow.origin,
                resolved.flow.origin.wording(
                    "read the source as a stream, or say once=True",
                    "read the source as a stream, FROM STREAM(table), or write AUTO CDC ONCE INTO",
                ),
            )


def changes_agree(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """All flows of changes into a table have one idea of its keys and its history (§3.2)."""
    changing = [(f.flow, f.flow.changes) for f in flows if isinstance(f.flow, AutoCdcFlow)]
    for flow, changes in changing[1:]:
        if changes.shape != changing[0][1].shape:
            yield Problem(
                "AUTOCDC_FLOWS_DO_NOT_AGREE",
                f"The flows `{changing[0][0].name}` and `{flow.name}` into `{dataset.name}` differ in keys, "
                "SCD type or tracked columns.",
                flow.origin,
                "a table has one key and one history",
            )


def snapshots_alone(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """One flow of snapshots fills a table alone: a key that it does not have is deleted (§3.8)."""
    snapshots = next((f.flow for f in flows if isinstance(f.flow, SnapshotFlow)), None)
    for resolved in flows:
        if snapshots and resolved.flow is not snapshots and isinstance(resolved.flow, AutoCdcFlow):
            yield Problem(
                "APPLY_CHANGES_FROM_SNAPSHOT_ERROR.MULTIPLE_QUERIES_FOR_TABLE",
                f"`{dataset.name}` takes the snapshots of `{snapshots.name}`, yet the flow "
                f"`{resolved.flow.name}` applies changes to it.",
                resolved.flow.origin,
                "only one flow of snapshots can fill a table: give each its own table, and combine them in a "
                "materialized view",
            )


def no_rules_on_snapshots(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """Targets of snapshots take no expectations (§2.5)."""
    if dataset.expectations and any(isinstance(f.flow, SnapshotFlow) for f in flows):
        yield Problem(
            "APPLY_CHANGES_FROM_SNAPSHOT_EXPECTATIONS_NOT_SUPPORTED",
            f"`{dataset.name}` is compared with snapshots: it can have no expectations.",
            dataset.expectations[0].origin,
            "put them on a view that the snapshots are read through",
        )


def streams_into_sinks(dataset: Dataset, flows: Flows) -> Iterator[Problem]:
    """A batch into a sink, `once` or not (§1.7)."""
    for resolved in flows:
        batch = isinstance(resolved.analysis, AnalyzedQuery) and not resolved.streaming
        if isinstance(dataset, Sink) and (batch or runs_once(resolved.flow)):
            yield batch_into_sink(dataset, resolved.flow)


def batch_into_sink(dataset: Dataset, flow: Flow) -> Problem:
    """A sink takes streams only."""
    return Problem(
        "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_SINK",
        f"The flow `{flow.name}` {'runs once' if runs_once(flow) else 'reads a batch'}, "
        f"but `{dataset.name}` is a sink: it takes streams only.",
        flow.origin,
        flow.origin.wording(
            "read with spark.readStream or dlt.read_stream, without once=True",
            "read with STREAM(table), without ONCE",
        ),
    )


RULES: tuple[Rule, ...] = (
    has_a_flow,
    one_flow_unless_streaming,
    published_views_over_batches,
    streams_into_streaming_tables,
    rewrites_alone,
    batch_into_materialized_views,
    changes_into_declared_tables,
    changes_from_streams,
    changes_agree,
    snapshots_alone,
    no_rules_on_snapshots,
    streams_into_sinks,
)
