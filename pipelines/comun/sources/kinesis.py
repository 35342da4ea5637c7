"""Kinesis streams of AWS."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.comun.sources import columns, conf, named


def stream(feed: str, key: str) -> DataFrame:
    """The stream of the feed; the partition key says whose a record is."""
    del key
    records = SparkSession.active().readStream.format("kinesis").options(**options(feed)).load()
    place = F.to_json(F.struct("stream", "shardId", "sequenceNumber", "approximateArrivalTimestamp"))
    return records.select(*columns(F.col("data").cast("string"), F.col("partitionKey"), place))


def options(feed: str) -> dict[str, str]:
    """What the reader is told: a credential of Unity Catalog, no secret."""
    return {
        "streamName": named(feed),
        "region": conf("altrupets.kinesis.region"),
        "initialPosition": "TRIM_HORIZON",
        "serviceCredential": conf("altrupets.credential"),
    }
