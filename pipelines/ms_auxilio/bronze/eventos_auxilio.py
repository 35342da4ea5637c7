"""The event store of the service auxilio: every event as it was published, by date and service.

Kept for two years, as all raw data is: what was folded from it stays in silver.
"""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.layers import properties
from pipelines.comun.event_store import STORE_SCHEMA, raw


@dlt.table(
    name="ms_auxilio_bronze.eventos_auxilio",
    comment="Cada evento del servicio auxilio tal como se publicó",
    schema=STORE_SCHEMA,
    partition_cols=["fecha", "microservice"],
    table_properties=properties("bronze", "data-engineers", kept_by="ingestion_timestamp", resettable=False),
)
@dlt.expect_all(rules("eventos_auxilio", "warn"))
def eventos_auxilio() -> DataFrame:
    return raw("auxilio")
