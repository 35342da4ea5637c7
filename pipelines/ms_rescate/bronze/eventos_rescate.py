"""The event store of the service rescate: every event as it was published, by date and service.

Kept for two years, as all raw data is: what was folded from it stays in silver.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.layers import properties
from pipelines.comun.event_store import STORE_SCHEMA, raw


@dlt.table(
    name="ms_rescate_bronze.eventos_rescate",
    comment="Cada evento del servicio rescate tal como se publicó",
    schema=STORE_SCHEMA,
    partition_cols=["fecha", "microservice"],
    table_properties=properties("bronze", "data-engineers", kept_by="ingestion_timestamp", resettable=False),
)
@dlt.expect_all(rules("eventos_rescate", "warn"))
def eventos_rescate() -> DataFrame:
    return raw("rescate")
