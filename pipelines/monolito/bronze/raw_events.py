"""Every record as it came, one row each, whatever its state: nothing is lost.

Two flows fill it: the apps' stream of JSON lines and, once, the old system's export, files of one
JSON array each. An export file that is no JSON array becomes one row with its whole text.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules

dlt.create_streaming_table(
    name="altrupets_bronze.raw_events",
    comment="Every record as it came, from streams and from exports",
    schema="""
        raw_data STRING COMMENT 'The record as it came',
        partition_key STRING COMMENT 'The user, as far as can be read',
        ingestion_timestamp TIMESTAMP,
        ingestion_method STRING COMMENT 'streaming or batch',
        source_file STRING,
        source_metadata STRING COMMENT 'JSON: size and age of the file, or place in the stream'
    """,
    table_properties={"quality": "bronze"},
    expect_all=rules("raw_events", "warn"),
)


@dlt.append_flow(target="altrupets_bronze.raw_events", name="raw_events_streaming")
def raw_events_streaming() -> DataFrame:
    # Unless told otherwise, Spark passes in silence over files a week older than the newest.
    lines = spark.readStream.option("maxFileAge", "36500d").text(f"{_landing()}/events/streaming")
    return _raw(lines.withColumnRenamed("value", "raw_data"), "streaming")


@dlt.append_flow(target="altrupets_bronze.raw_events", name="raw_events_batch", once=True)
def raw_events_batch() -> DataFrame:
    files = spark.read.text(f"{_landing()}/events/batch", wholetext=True)
    # Elements of array<string> keep their JSON text; a read with a schema would guess and lose.
    records = F.coalesce(F.from_json("value", "array<string>"), F.array("value"))
    return _raw(files.withColumn("raw_data", F.explode(records)), "batch")


def _landing() -> str:
    return str(spark.conf.get("altrupets.landing"))


def _raw(records: DataFrame, method: str) -> DataFrame:
    file = F.col("_metadata")
    facts = F.to_json(F.struct(file["file_size"], file["file_modification_time"]))
    return records.select(
        "raw_data",
        F.get_json_object("raw_data", "$.user_id").alias("partition_key"),
        F.current_timestamp().alias("ingestion_timestamp"),
        F.lit(method).alias("ingestion_method"),
        file["file_path"].alias("source_file"),
        facts.alias("source_metadata"),
    )
