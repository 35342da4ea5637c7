"""Event hubs of an Azure namespace, over the Kafka protocol."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.comun.sources import columns, conf, named


def stream(feed: str, key: str) -> DataFrame:
    """The event hub of the feed; the partition key says whose a record is."""
    del key
    records = SparkSession.active().readStream.format("kafka").options(**options(feed)).load()
    place = F.to_json(F.struct("topic", "partition", "offset", "timestamp"))
    return records.select(*columns(F.col("value").cast("string"), F.col("key").cast("string"), place))


def options(feed: str) -> dict[str, str]:
    """What the reader is told: a credential of Unity Catalog, no secret."""
    server = f"{conf('altrupets.eventhubs.namespace')}.servicebus.windows.net"
    return {
        "kafka.bootstrap.servers": f"{server}:9093",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.group.id": conf("altrupets.eventhubs.group", "$Default"),
        "subscribe": named(feed),
        "startingOffsets": "earliest",
        "databricks.serviceCredential": conf("altrupets.credential"),
        "databricks.serviceCredential.scope": f"https://{server}/.default",
    }
