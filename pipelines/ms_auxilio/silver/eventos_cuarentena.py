"""Events that nothing can be folded from, with the names of the rules that they broke."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.layers import properties
from pipelines.comun.quarantine import QUARANTINE, refused


@dlt.table(
    name="ms_auxilio_silver.eventos_cuarentena",
    comment="Eventos que plata no acepta, y por qué",
    schema=QUARANTINE,
    table_properties=properties("silver", "data-engineers", kept_by="ingestion_timestamp"),
)
@dlt.expect_all_or_fail(rules("eventos_cuarentena", "fail"))
def eventos_cuarentena() -> DataFrame:
    # Retention deletes from the event store: such commits hold nothing to read.
    store = spark.readStream.option("skipChangeCommits", "true")
    return refused(store.table("ms_auxilio_bronze.eventos_auxilio"), rules("eventos_auxilio", "drop"))
