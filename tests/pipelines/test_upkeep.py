"""What the tables of the pipelines ask for can be done, here and by the job on Databricks.

The job does not know which streams and views need the rows of a table. This test does.
"""

import datetime as dt
from pathlib import Path

import pytest

from weir.graph.analysis import ResolvedTable
from weir.model.definitions import AutoCdcFlow, MaterializedView
from weir.plan.keepers import promises, streams_from
from weir.plan.maintenance import MaintainedTable, MaintenanceRequest, StreamReader, Task, plan_upkeep
from weir.testing import PipelineUnderTest

PIPELINES = Path(__file__).parents[2] / "pipelines"
LEFT_TO_THEIR_REFRESH = {"a materialized view: its rows go when its sources lose theirs"}
FEEDS = (
    "events/streaming",
    "events/batch",
    "users",
    "solicitudes/rescate",
    "solicitudes/adopcion",
    "eventos/auxilio",
    "eventos/rescate",
)
READ_FROM_OTHERS = {
    "core.regiones": {"provincia": "Limón", "canton": "Limón", "latitud": 9.99, "longitud": -83.03},
    "ms_auxilio_silver.llamadas": {
        "llamada_id": "1",
        **dict.fromkeys(("estado", "provincia", "especie", "rescatista_id", "resultado"), ""),
        **dict.fromkeys(("recibida", "asignada", "cerrada"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        "version": 1,
    },
    "rescate_silver.solicitudes": {"solicitud_id": "1", "timestamp": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
}
DELETED_BEFORE = {
    "monolito": {
        "altrupets_bronze.raw_events": "`ingestion_timestamp` < DATE '2024-06-01'",
        "altrupets_bronze.app_events": "`timestamp` < DATE '2024-06-01'",
        "altrupets_silver.events": "`event_timestamp` < DATE '2025-06-01'",
        "altrupets_gold.event_facts": "`event_timestamp` < DATE '2021-06-01'",
        "altrupets_silver.events_quarantine": "`ingestion_timestamp` < DATE '2025-06-01'",
    },
    "rescate": {
        "rescate_bronze.solicitudes_raw": "`ingestion_timestamp` < DATE '2024-06-01'",
        "rescate_silver.solicitudes": "`timestamp` < DATE '2025-06-01'",
        "rescate_gold.hechos_de_rescate": "`timestamp` < DATE '2021-06-01'",
        "rescate_silver.solicitudes_cuarentena": "`ingestion_timestamp` < DATE '2025-06-01'",
    },
    "adopcion": {
        "adopcion_bronze.solicitudes_raw": "`ingestion_timestamp` < DATE '2024-06-01'",
        "adopcion_silver.solicitudes": "`timestamp` < DATE '2025-06-01'",
        "adopcion_gold.hechos_de_adopcion": "`timestamp` < DATE '2021-06-01'",
        "adopcion_gold.rescates_pedidos": "`rescatado` < DATE '2021-06-01'",
        "adopcion_silver.solicitudes_cuarentena": "`ingestion_timestamp` < DATE '2025-06-01'",
    },
    "ms_auxilio": {
        "ms_auxilio_bronze.eventos_auxilio": "`ingestion_timestamp` < DATE '2024-06-01'",
        "ms_auxilio_silver.eventos_cuarentena": "`ingestion_timestamp` < DATE '2025-06-01'",
    },
    "ms_rescate": {
        "ms_rescate_bronze.eventos_rescate": "`ingestion_timestamp` < DATE '2024-06-01'",
        "ms_rescate_silver.eventos_cuarentena": "`ingestion_timestamp` < DATE '2025-06-01'",
    },
}


@pytest.mark.parametrize("pipeline", DELETED_BEFORE)
def test_nothing_that_tables_ask_for_has_to_be_held_back(spark, tmp_path, pipeline):
    for folder in FEEDS:
        (tmp_path / folder).mkdir(parents=True)
    configuration = {"altrupets.landing": str(tmp_path)}
    chosen = PipelineUnderTest(spark, tmp_path, [PIPELINES / pipeline], configuration)
    for name, row in READ_FROM_OTHERS.items():
        if not name.startswith(pipeline):
            chosen.feed(name, [row])
    graph = chosen.graph()
    assert graph.problems == ()
    tables = [table(graph, d) for d in graph.datasets.values() if isinstance(d, ResolvedTable)]
    plan = plan_upkeep(tables, MaintenanceRequest(dt.date(2026, 6, 1)))
    deletes = {
        upkeep.table.removeprefix("main."): step.statement.partition(" WHERE ")[2]
        for upkeep in plan
        for step in upkeep.steps
        if step.task is Task.DELETE
    }
    assert {held.why for upkeep in plan for held in upkeep.hindrances} == LEFT_TO_THEIR_REFRESH
    assert deletes == DELETED_BEFORE[pipeline]


def table(graph, dataset):
    definition, fields = dataset.dataset, dataset.schema.fields
    return MaintainedTable(
        dataset.name,
        dataset.name,
        definition.table_properties,
        {f.name: f.dataType.typeName() for f in fields},
        definition.partition_cols,
        bool(definition.cluster_by),
        isinstance(definition, MaterializedView),
        any(isinstance(f.flow, AutoCdcFlow) for f in dataset.flows),
        promised=promises(graph, dataset.name),
        readers=tuple(StreamReader(f, outlives=o) for f, o in streams_from(graph, dataset.name).items()),
    )
