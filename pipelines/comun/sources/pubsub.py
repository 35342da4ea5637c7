"""Pub/Sub subscriptions of GCP."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from pipelines.comun.sources import columns, conf, named


def stream(feed: str, key: str) -> DataFrame:
    """The subscription of the feed; a message has no key, so its JSON says whose it is."""
    records = SparkSession.active().readStream.format("pubsub").options(**options(feed)).load()
    text = F.col("payload").cast("string")
    place = F.to_json(F.struct("messageId", "publishTimestampInMillis"))
    return records.select(*columns(text, F.get_json_object(text, f"$.{key}"), place))


def options(feed: str) -> dict[str, str]:
    """What the reader is told: a credential of Unity Catalog, no secret."""
    topic = named(feed)
    subscription = ".".join(("altrupets.pubsub.subscription", *feed.split("/")))
    return {
        "projectId": conf("altrupets.pubsub.project"),
        "topicId": topic,
        "subscriptionId": conf(subscription, f"{topic}-sub"),
        "serviceCredential": conf("altrupets.credential"),
    }
