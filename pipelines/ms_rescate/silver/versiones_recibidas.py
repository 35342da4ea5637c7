"""Which event was which version of a rescue: known for longer than the event store keeps the events.

Without it, a rescue whose first events are past their time would look as if they had never come.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties


@dlt.table(
    name="ms_rescate_silver.versiones_recibidas",
    comment="Qué versiones llegaron, también las que el almacén de eventos ya no guarda",
    schema=described("aggregate_id STRING, version BIGINT COMMENT 'El número del evento', event_id STRING"),
    table_properties=properties("silver", "data-engineers", resettable=False),
)
@dlt.expect_all_or_fail(rules("versiones_recibidas", "fail"))
def versiones_recibidas() -> DataFrame:
    return spark.readStream.table("eventos_validos").select("aggregate_id", "version", "event_id")
