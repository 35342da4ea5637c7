"""What the options of a reader of a queue mean, and what stands for its streams here."""

from __future__ import annotations

import pytest

from weir.model.problems import UnsupportedError, WeirError
from weir.run.code.formats import FORMATS, Reading
from weir.run.machine.jars import LOCKS
from weir.run.queues.formats import QUEUES
from weir.run.queues.frame import LARGEST, refuse_large
from weir.run.queues.reads import broker_options, plain, queue_read

KNOWN = {"a": "/a", "b": "kafka://h:1,i:2/other", "clicks-eu": "/c"}
KAFKA = {"kafka.bootstrap.servers": "x:1"}
HUB = "Endpoint=sb://x/;SharedAccessKey=s=;EntityPath=a"
PUBSUB = {"subscriptionId": "a", "topicId": "t", "projectId": "p"}


def read(name, options, **how):
    return queue_read(name, options, KNOWN, None, **{"streams": True, **how})


def problems(name, options, **how):
    with pytest.raises(WeirError) as caught:
        read(name, options, **how)
    return [(p.condition, p.message, p.hint) for p in caught.value.problems]


@pytest.mark.parity("same", "8.4", "kinesis: streamName and streamARN, several with commas between")
@pytest.mark.parity("same", "8.4", "pubsub: subscriptionId, topicId, projectId are needed")
@pytest.mark.parity("same", "8.4", "kafka: subscribe, subscribePattern or assign; options have no case")
@pytest.mark.parity("same", "8.4", "eventhubs: the event hub is EntityPath of the connection string")
@pytest.mark.parity(
    "differs", "8.4", "Options for credentials, endpoints, consumers and speed (roleArn, clientEmail, region, "
    "consumerMode, maxFetchRate, maxOffsetsPerTrigger, ...)",
    "those that a reader has are taken, and nothing follows from them for what --stream feeds",
)  # fmt: skip
@pytest.mark.parametrize(
    ("name", "options", "streams"),
    [
        ("kinesis", {"streamName": " b , a,a"}, ["a", "b"]),
        ("kinesis", {"STREAMNAME": "a", "shardsPerTask": 5, "region": None}, ["a"]),
        ("kinesis", {"streamARN": "arn:aws:kinesis:eu-1:1:stream/clicks-eu,arn:aws:kinesis:eu-1:1:stream/a"},
         ["a", "clicks-eu"]),
        ("kinesis", {"streamName": "a", "initialPosition": '{"at_timestamp": "06/25/2020 10:23:45 PDT"}'}, ["a"]),
        ("pubsub", {**PUBSUB, "deleteSubscriptionOnStreamStop": False}, ["a"]),
        ("kafka", {**KAFKA, "subscribe": "b,a", "startingOffsets": "latest", "unknown": 1}, ["a", "b"]),
        ("kafka", {**KAFKA, "assign": '{"a": [0, 1]}', "startingOffsets": '{"a": {"0": 5}}'}, ["a"]),
        ("kafka", {**KAFKA, "subscribePattern": "clicks-.*"}, ["clicks-eu"]),
        ("eventhubs", {"eventhubs.connectionString": HUB}, ["a"]),
        ("eventhubs", {"eventhubs.connectionString": "Endpoint=sb://x/", "ehName": "a"}, ["a"]),
    ],
)  # fmt: skip
def test_the_streams_that_options_name(name, options, streams):
    found = read(name, options)
    assert [(feed.stream, feed.place) for feed in found.feeds] == [(s, KNOWN[s]) for s in streams]


@pytest.mark.parametrize(
    "options",
    [
        {"subscribe": "elsewhere"},
        {"subscribePattern": "("},
        {"subscribePattern": "x.*"},
        {"assign": "nothing"},
    ],
)
def test_a_topic_of_kafka_that_nothing_stands_for_is_its_brokers(options):
    assert read("kafka", {**KAFKA, **options}) is None


def test_a_broker_that_databricks_alone_can_ask_is_missing_here():
    flag = "pass --stream far=FOLDER, or =kafka://HOST:PORT/TOPIC"
    missing = [("STREAM_NOT_FOUND", "The kafka stream `far` is not on this machine.", flag)]
    by_role = {"kafka.sasl.jaas.config": "shadedmskiam.software.amazon.msk.auth.iam.IAMLoginModule required;"}
    for more in ({"databricks.serviceCredential": "c"}, {"serviceCredential": "c"}, by_role):
        assert problems("kafka", {**KAFKA, "subscribe": "far", **more}) == missing


def test_all_streams_that_are_missing_are_told_with_what_is_near():
    found = problems("kinesis", {"streamName": "click-eu,a,it's"})
    assert [hint for _, _, hint in found] == [
        "did you mean `clicks-eu`? (pass --stream click-eu=FOLDER, or =kafka://HOST:PORT/TOPIC)",
        "pass --stream 'it'\"'\"'s'=FOLDER, or =kafka://HOST:PORT/TOPIC",
    ]


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("kinesis", {}, "has no `streamName` or `streamARN`"),
        ("kinesis", {"streamName": "a", "streamARN": "b"}, "has both `streamName` and `streamARN`"),
        ("kinesis", {"streamName": "a", "shardPerTask": 5}, "has no option `shardpertask`"),
        ("kinesis", {"streamName": "a", "consumerMode": "fast"}, "has consumerMode = 'fast', which is none of polling, efo"),
        ("pubsub", {"subscriptionId": "a", "topicId": "t"}, "has no `projectId`"),
        ("kafka", {"subscribe": "a"}, "has no `kafka.bootstrap.servers`"),
        ("kafka", {**KAFKA, "subscribe": "a", "subscribePattern": "b"}, "has both `subscribe` and `subscribePattern`"),
        ("kafka", {**KAFKA, "subscribe": "a", "startingOffsets": "first"}, "has startingOffsets = 'first', which is none of earliest, latest"),
        ("eventhubs", {"eventhubs.connectionString": "Endpoint=x"}, "names no event hub"),
    ],
)  # fmt: skip
def test_options_that_are_wrong(name, options, told):
    assert [message for _, message, _ in problems(name, options)] == [f"The reader of {name} {told}."]


def test_brokers_of_topics_that_stand_for_streams():
    found = read("kinesis", {"streamName": "a,b"})
    assert found.brokers == [{"kafka.bootstrap.servers": "h:1,i:2", "subscribe": "b"}]
    assert [feed.topic for feed in found.feeds] == [None, ("h:1,i:2", "other")]


def test_streams_alone():
    found = problems("pubsub", PUBSUB, streams=False, function=True)
    assert found == [
        ("PUBSUB_IS_A_STREAM", "The format pubsub is read as a stream only.", "STREAM read_pubsub(...)")
    ]
    assert read("kafka", {**KAFKA, "subscribe": "a"}, streams=False).feeds[0].place == "/a"


@pytest.mark.parity("same", "8.4", "kafka: includeHeaders adds headers; read_pubsub adds sequenceNumber")
def test_columns_that_an_option_or_the_function_adds():
    assert [f.name for f in read("kafka", {**KAFKA, "subscribe": "a", "includeHeaders": "true"}).fields][
        -1
    ] == "headers"
    assert [f.name for f in read("pubsub", PUBSUB, function=True).fields][-1] == "sequenceNumber"
    assert read("pubsub", PUBSUB).fields == QUEUES["pubsub"].fields


@pytest.mark.parity("same", "8.4", "read_kafka: bootstrapServers")
def test_the_function_of_kafka_names_the_servers_in_its_way():
    module = "kafkashaded.org.apache.kafka.common.security.plain.PlainLoginModule required;"
    given = {"bootstrapServers": "x:1", "subscribe": "t", "kafka.sasl.jaas.config": module, "nothing": None}
    assert broker_options(given) == {
        "kafka.bootstrap.servers": "x:1",
        "subscribe": "t",
        "kafka.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required;",
    }
    assert plain(5) == 5


def test_each_format_says_who_reads_it_and_its_jars_have_a_lock():
    assert {name for name, f in FORMATS.items() if f.reading is Reading.QUEUE} == set(QUEUES)
    assert {f.jars for f in FORMATS.values() if f.jars} <= set(LOCKS)
    assert all(f.instead for f in FORMATS.values() if f.reading is Reading.REFUSED)


@pytest.mark.parity(
    "refused", "8.4", "A file of records of more than 256 MB for --stream", "split it into several files"
)
def test_a_file_that_memory_may_not_hold_is_refused_by_its_name(tmp_path):
    with (tmp_path / "small.jsonl").open("wb") as small, (tmp_path / "large.jsonl").open("wb") as large:
        small.truncate(LARGEST)
        large.truncate(LARGEST + 1)
    found = queue_read("kinesis", {"streamName": "a"}, {"a": str(tmp_path)}, None, streams=True)
    with pytest.raises(UnsupportedError) as refused:
        refuse_large(found, found.feeds[0])
    assert f"A file of records of more than 256 MB, {tmp_path}/large.jsonl, is not supported" in str(
        refused.value
    )
    (tmp_path / "large.jsonl").unlink()
    refuse_large(found, found.feeds[0])
