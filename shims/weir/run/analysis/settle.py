"""A table whose schema was not known before its function was called: it becomes one like any other (§4.6)."""

from __future__ import annotations

from dataclasses import replace

from pyspark.sql import DataFrame

from weir.graph.analysis import ResolvedFlow, ResolvedTable
from weir.graph.resolve import decided
from weir.graph.validate import check_dataset
from weir.model.definitions import StreamingTable
from weir.model.problems import WeirError
from weir.plan.steps import Step
from weir.run.analysis.analyze import SparkAnalyzer
from weir.run.code.call import FlowCall
from weir.run.flow.tables import Tables


def settle(call: FlowCall, df: DataFrame, step: Step, table: ResolvedTable) -> ResolvedTable:
    """Create or alter the table right before its first write.

    Args:
        call: The call on the real tables.
        df: What it returned.
        step: Of the flow.
        table: As it was resolved, without a schema.

    Raises:
        WeirError: What would have been told before, had the schema been known.
    """
    world = call.world
    fresh = step.anew and world.storage.has_no_files(table.name)
    analyzer = SparkAnalyzer(world, frozenset({table.name} if fresh else ()))
    analysis = analyzer.analyzed(call, df, table.dataset)
    flow = ResolvedFlow(call.flow, analysis)
    flows = tuple(flow if f.flow.name == flow.flow.name else f for f in table.flows)
    dataset = decided(world.pipeline.datasets[table.name], flows)
    problems = [*check_dataset(dataset, flows), *analysis.problems]
    schema = None
    if not problems:
        schema, conflicts = analyzer.schema_of(dataset, (flow,))
        problems.extend(conflicts)
    if problems:
        raise WeirError(*problems)
    settled = replace(table, dataset=dataset, flows=flows, schema=schema)
    tables = Tables(world)
    if tables.state(table.name) is None:
        tables.create(settled)
    elif fresh and isinstance(dataset, StreamingTable):
        tables.redefine(settled)
    else:
        tables.alter(settled)
    return settled
