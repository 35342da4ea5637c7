"""Every record as it came, one row each, whatever its state: nothing is lost.

Two flows fill it: the apps' stream of JSON lines and the old system's export, files of one JSON array
each. An export file that is no JSON array becomes one row with its whole text. Where there is no export, the
entry `altrupets.exports`, which names its folder, is empty.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.layers import properties
from pipelines.comun.sources import RAW_SCHEMA, conf, stream
from pipelines.comun.sources.files import of_files

dlt.create_streaming_table(
    name="altrupets_bronze.raw_events",
    comment="Cada registro tal como llegó, por streaming o por lote",
    schema=RAW_SCHEMA,
    table_properties=properties(
        "bronze", "data-engineers", kept_by="ingestion_timestamp", small_writes=True, resettable=False
    ),
    expect_all=rules("raw_events", "warn"),
)


@dlt.append_flow(target="altrupets_bronze.raw_events", name="raw_events_streaming")
def raw_events_streaming() -> DataFrame:
    return stream("events/streaming", "user_id")


if EXPORTS := spark.conf.get("altrupets.exports", "events/batch"):

    @dlt.append_flow(target="altrupets_bronze.raw_events", name="raw_events_batch")
    def raw_events_batch() -> DataFrame:
        options = {"cloudFiles.format": "text", "wholetext": "true"}
        files = (
            spark.readStream.format("cloudFiles")
            .options(**options)
            .load(f"{conf('altrupets.landing')}/{EXPORTS}")
        )
        # Elements of array<string> keep their JSON text; a read with a schema would guess and lose.
        records = F.coalesce(F.from_json("value", "array<string>"), F.array("value"))
        return of_files(files.withColumn("raw_data", F.explode(records)), "user_id", "batch")
