"""What silver does not accept, with the names of the drop rules that it broke."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.layers import properties
from pipelines.comun.quarantine import QUARANTINE, refused


@dlt.table(
    name="altrupets_silver.events_quarantine",
    comment="Registros que plata no acepta, y por qué",
    schema=QUARANTINE,
    table_properties=properties("silver", "data-engineers", kept_by="ingestion_timestamp"),
)
@dlt.expect_all_or_fail(rules("events_quarantine", "fail"))
def events_quarantine() -> DataFrame:
    return refused(spark.readStream.table("events_read"), rules("events_parsed", "drop"))
