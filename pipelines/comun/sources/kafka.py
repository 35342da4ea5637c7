"""Topics of a Kafka cluster."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.comun.sources import columns, conf, named


def stream(feed: str, key: str) -> DataFrame:
    """The topic of the feed; the record's key says whose it is."""
    del key
    return of_kafka(options(feed))


def options(feed: str) -> dict[str, str]:
    """What the reader is told."""
    return {
        "kafka.bootstrap.servers": conf("altrupets.kafka.servers"),
        "subscribe": named(feed, "."),
        "startingOffsets": "earliest",
    }


def of_kafka(told: dict[str, str]) -> DataFrame:
    """The records of a topic with the columns of every source."""
    records = SparkSession.active().readStream.format("kafka").options(**told).load()
    place = F.to_json(F.struct("topic", "partition", "offset", "timestamp"))
    return records.select(*columns(F.col("value").cast("string"), F.col("key").cast("string"), place))
