"""Event hubs of an Azure namespace, over the Kafka protocol."""

from pyspark.sql import DataFrame

from pipelines.comun.sources import conf, named
from pipelines.comun.sources.kafka import of_kafka


def stream(feed: str, key: str) -> DataFrame:
    """The event hub of the feed; the partition key says whose a record is."""
    del key
    return of_kafka(options(feed))


def options(feed: str) -> dict[str, str]:
    """What the reader is told: a credential of Unity Catalog, no secret."""
    server = f"{conf('altrupets.eventhubs.namespace')}.servicebus.windows.net"
    return {
        "kafka.bootstrap.servers": f"{server}:9093",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.group.id": conf("altrupets.eventhubs.group", "$Default"),
        "subscribe": named(feed, "-"),
        "startingOffsets": "earliest",
        "databricks.serviceCredential": conf("altrupets.credential"),
        "databricks.serviceCredential.scope": f"https://{server}/.default",
    }
