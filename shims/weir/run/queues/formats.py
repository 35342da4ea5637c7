"""The readers of queues: which columns they give, and which options they take (specification §8.4)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

Options = Mapping[str, str]
_NAME = re.compile(r"\s*,\s*")
_ENTITY = re.compile(r"EntityPath=([^;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a reader.

    Attributes:
        type: As DDL.
        value: What it is, as SQL over `record`: content, key, stream, partition, offset, time, attributes.
        required: It is never NULL.
    """

    name: str
    type: str
    value: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """A reader.

    Attributes:
        content: The column with what was sent.
        streams: The names of what is read, by its options and the names that are known here.
        needs: Options, of each group exactly one.
        options: All that it has, in lower case -> as they are written; empty if it takes any.
        choices: The values of an option, beside JSON.
        batch: It can be read without a stream.
        added: Columns that an option adds, or `function`: the call of the SQL function.
    """

    fields: tuple[Field, ...]
    content: str
    streams: Callable[[Options, Collection[str]], Collection[str]]
    needs: tuple[tuple[str, ...], ...]
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    batch: bool = False
    added: Mapping[str, Field] = field(default_factory=dict[str, Field])

    @property
    def names(self) -> list[str]:
        """All columns that it can have."""
        return [f.name for f in (*self.fields, *self.added.values())]


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, _NAME.split(text.strip())))


def _kinesis_streams(options: Options, _known: Collection[str]) -> Collection[str]:
    """The name of a stream ends its ARN."""
    given = options.get("streamname") or options.get("streamarn", "")
    return tuple(name.rpartition("/")[2] for name in _names(given))


def _subscription(options: Options, _known: Collection[str]) -> Collection[str]:
    return _names(options.get("subscriptionid", ""))


def _topics(options: Options, known: Collection[str]) -> Collection[str]:
    """A pattern means those topics that there are; what can't be read is left to Kafka's own reader."""
    if "subscribe" in options:
        return _names(options["subscribe"])
    text = options.get("subscribepattern") or options.get("assign", "")
    with suppress(re.error, ValueError):
        if "assign" in options:
            return tuple(json.loads(text))
        return tuple(name for name in known if re.fullmatch(text, name)) or (text,)
    return (text,)


def _event_hub(options: Options, _known: Collection[str]) -> Collection[str]:
    """It is named in the connection string or beside it."""
    entity = _ENTITY.search(options.get("eventhubs.connectionstring", ""))
    names = (options.get(key) for key in ("eventhubs.name", "eventhubs.eventhubname", "ehname"))
    return _names(entity[1] if entity else next(filter(None, names), ""))


def _spelled(text: str) -> dict[str, str]:
    return {name.lower(): name for name in text.split()}


_KINESIS = _spelled("""
    streamName streamARN region endpoint initialPosition consumerMode consumerName consumerNamePrefix
    consumerRefreshInterval registeredConsumerId registeredConsumerIdType requireConsumerDeregistration
    registerConsumerTimeoutInterval deregisterConsumerTimeoutInterval fetchBufferSize maxFetchDuration
    maxFetchRate minFetchPeriod maxRecordsPerFetch shardsPerTask maxPartitions shardFetchInterval
    maxShardsPerDescribe coalesceThresholdBlockSize coalesceBinSize serviceCredential roleArn roleExternalId
    roleSessionName stsEndpoint awsAccessKey awsSecretKey
""")
_PUBSUB = _spelled("""
    subscriptionId topicId projectId numFetchPartitions maxBytesPerTrigger maxRecordsPerFetch maxFetchPeriod
    deleteSubscriptionOnStreamStop serviceCredential clientEmail clientId privateKey privateKeyId
""")
_OFFSETS = ("earliest", "latest")
QUEUES: Mapping[str, Queue] = {
    "kafka": Queue(
        (
            Field("key", "BINARY", "record.key"),
            Field("value", "BINARY", "record.content"),
            Field("topic", "STRING", "record.stream"),
            Field("partition", "INT", "record.partition"),
            Field("offset", "BIGINT", "record.offset"),
            Field("timestamp", "TIMESTAMP", "record.time"),
            Field("timestampType", "INT", "0"),
        ),
        "value",
        _topics,
        (("kafka.bootstrap.servers",), ("subscribe", "subscribePattern", "assign")),
        choices={"startingOffsets": _OFFSETS, "endingOffsets": _OFFSETS},
        batch=True,
        added={"includeHeaders": Field("headers", "ARRAY<STRUCT<key: STRING, value: BINARY>>", "NULL")},
    ),
    "kinesis": Queue(
        (
            Field("partitionKey", "STRING", "CAST(record.key AS STRING)", required=True),
            Field("data", "BINARY", "record.content", required=True),
            Field("stream", "STRING", "record.stream", required=True),
            Field("shardId", "STRING", "format_string('shardId-%012d', record.partition)", required=True),
            Field(
                "sequenceNumber", "STRING", "format_string('49%019d%010d', record.offset, record.partition)",
                required=True,
            ),
            Field("approximateArrivalTimestamp", "TIMESTAMP", "record.time", required=True),
        ),
        "data",
        _kinesis_streams,
        (("streamName", "streamARN"),),
        _KINESIS,
        choices={
            "initialPosition": ("latest", "trim_horizon", "earliest", "at_timestamp"),
            "consumerMode": ("polling", "efo"),
        },
    ),
    "pubsub": Queue(
        (
            Field("messageId", "STRING", "format_string('%d%010d', record.offset, record.partition)",
                  required=True),
            Field("payload", "BINARY", "record.content", required=True),
            Field("attributes", "STRING", "to_json(record.attributes)"),
            Field("publishTimestampInMillis", "BIGINT", "unix_millis(record.time)", required=True),
        ),
        "payload",
        _subscription,
        (("subscriptionId",), ("topicId",), ("projectId",)),
        _PUBSUB,
        added={"function": Field("sequenceNumber", "BIGINT", "record.offset", required=True)},
    ),
    "eventhubs": Queue(
        (
            Field("body", "BINARY", "record.content"),
            Field("partition", "STRING", "CAST(record.partition AS STRING)"),
            Field("offset", "STRING", "CAST(record.offset AS STRING)"),
            Field("sequenceNumber", "BIGINT", "record.offset"),
            Field("enqueuedTime", "TIMESTAMP", "record.time"),
            Field("publisher", "STRING", "NULL"),
            Field("partitionKey", "STRING", "CAST(record.key AS STRING)"),
            Field("properties", "MAP<STRING, STRING>", "record.attributes"),
            Field("systemProperties", "MAP<STRING, STRING>", "NULL"),
        ),
        "body",
        _event_hub,
        (("eventhubs.connectionString",),),
        batch=True,
    ),
}  # fmt: skip
