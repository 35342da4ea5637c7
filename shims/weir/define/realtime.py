"""Real-time mode: what asks for it, though a flow runs as its update does (specification §5.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weir.model.definitions import Pipeline, Table

_TRIGGER, _MODE = "pipelines.trigger", "spark.databricks.streaming.realtimemode.enabled"
_IGNORED = "has no effect here: its rows come as the update brings them, triggered or continuous"


def real_time(pipeline: Pipeline) -> Iterator[str]:
    """A sentence for each place that asks for it."""
    if asks_for_it(pipeline.configuration):
        yield f"real-time mode in the configuration of {pipeline.name} {_IGNORED}"
    for dataset in pipeline.datasets.values():
        if isinstance(dataset, Table) and asks_for_it(dataset.table_properties):
            yield f"{dataset.origin}: real-time mode of `{dataset.name}` {_IGNORED}"
    for flow in pipeline.flows:
        if asks_for_it(flow.spark_conf):
            yield f"{flow.origin}: real-time mode of the flow `{flow.name}` {_IGNORED}"


def asks_for_it(entries: Mapping[str, str]) -> bool:
    """Does a configuration, or do properties, ask for real-time mode?

    >>> asks_for_it({"pipelines.trigger": "RealTime"}), asks_for_it({"pipelines.trigger": "AvailableNow"})
    (True, False)
    """
    values = {key.lower(): value.lower() for key, value in entries.items()}
    return values.get(_TRIGGER) == "realtime" or values.get(_MODE) == "true"
