"""What the event stores of the microservices share: taking events in, and finding what is missing.

The events of an aggregate are numbered by `version`, from 1. Its state is folded from them by
`apply_changes`: each event is a change of some columns, in the order of versions whenever it comes.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from expectations.schemas import whole
from pipelines.comun.sources import RAW_SCHEMA, stream

STORE_SCHEMA = f"""
    event_id STRING, aggregate_id STRING, event_type STRING, event_data STRING, version BIGINT,
    timestamp TIMESTAMP, microservice STRING, {RAW_SCHEMA},
    fecha DATE GENERATED ALWAYS AS (CAST(timestamp AS DATE))
"""
SENT = """
    event_id STRING, aggregate_id STRING, event_type STRING, event_data STRING, version BIGINT,
    timestamp STRING
"""


def raw(service: str) -> DataFrame:
    """The events of a service as they came."""
    records = stream(f"eventos/{service}", "aggregate_id")
    return records.withColumn("sent", F.expr(whole(SENT))).select(
        "sent.event_id",
        "sent.aggregate_id",
        "sent.event_type",
        "sent.event_data",
        "sent.version",
        F.expr("try_cast(sent.timestamp AS TIMESTAMP)").alias("timestamp"),
        F.lit(f"{service}-service").alias("microservice"),
        *records.columns,
    )


def told(name: str) -> Column:
    """A field of what an event tells."""
    return F.get_json_object("event_data", f"$.{name}")


def when(event_type: str) -> Column:
    """The time of an event of a type; NULL, which changes nothing, for others."""
    return F.when(F.col("event_type") == event_type, F.col("timestamp"))


def state(names: dict[str, str]) -> Column:
    """The state that an event leads to, by its type."""
    pairs = [F.lit(part) for pair in names.items() for part in pair]
    return F.create_map(*pairs)[F.col("event_type")]


def anomalies(valid: DataFrame) -> DataFrame:
    """Aggregates whose events miss a version below the newest, or hold one under several ids."""
    versions = valid.groupBy("aggregate_id", "version").agg(F.count_distinct("event_id").alias("ids"))
    known = F.collect_set("version")
    found = versions.groupBy("aggregate_id").agg(
        F.sort_array(F.array_except(F.sequence(F.lit(1), F.max("version")), known)).alias("faltantes"),
        F.sort_array(F.collect_set(F.when(F.col("ids") > 1, F.col("version")))).alias("repetidas"),
    )
    return found.where("size(faltantes) + size(repetidas) > 0")
