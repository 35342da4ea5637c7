"""Kinesis, Pub/Sub, Event Hubs and Kafka from folders: their columns, what is read, and read once."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os

import pytest

from weir.model.settings import Selection

SOURCE = """
import dlt

@dlt.table
def clicks():
    kinesis = spark.readStream.format("kinesis").option("streamName", "clicks,views").option("region", "us-east-1")
    return kinesis.option("initialPosition", "TRIM_HORIZON").option("serviceCredential", "c").load()

@dlt.table
def messages():
    options = {"subscriptionId": "orders-sub", "topicId": "orders", "projectId": "p"}
    return spark.readStream.format("pubsub").options(**options).load()

@dlt.table
def hub():
    text = "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=k;SharedAccessKey=s;EntityPath=orders"
    secret = sc._jvm.org.apache.spark.eventhubs.EventHubsUtils.encrypt(text)
    return spark.readStream.format("eventhubs").option("eventhubs.connectionString", secret).load()

@dlt.table
def records():
    kafka = spark.readStream.format("kafka").option("kafka.bootstrap.servers", "nobody:9093")
    kafka = kafka.option("databricks.serviceCredential", "c").option("subscribe", "orders")
    return kafka.option("includeHeaders", "true").load()

@dlt.table
def at_once():
    kafka = spark.read.format("kafka").option("kafka.bootstrap.servers", "nobody:9093").option("subscribe", "orders")
    return kafka.load().selectExpr("CAST(value AS STRING) AS text")

@dlt.table
def lines():
    return spark.sql("SELECT data::string AS text FROM STREAM read_kinesis(streamName => 'lines')")

@dlt.table
def columns():
    formats = {
        "kinesis": {"streamName": "clicks"},
        "pubsub": {"subscriptionId": "orders-sub", "topicId": "orders", "projectId": "p"},
        "eventhubs": {"eventhubs.connectionString": "EntityPath=orders"},
        "kafka": {"kafka.bootstrap.servers": "x:1", "subscribe": "orders"},
    }
    frames = {f: spark.readStream.format(f).options(**o).load() for f, o in formats.items()}
    rows = [
        (f, n, field.name, field.dataType.simpleString(), field.nullable)
        for f, frame in frames.items()
        for n, field in enumerate(frame.schema)
    ]
    return spark.createDataFrame(rows, "format STRING, n INT, name STRING, type STRING, nullable BOOLEAN")
"""
SQL = """
CREATE STREAMING TABLE sql_clicks AS
SELECT data::string AS text, stream FROM STREAM read_kinesis(streamName => 'clicks', region => 'us-east-1');

CREATE STREAMING TABLE sql_messages AS SELECT payload::string AS text, sequenceNumber > 0 AS numbered
FROM STREAM(read_pubsub(subscriptionId => 'orders-sub', topicId => 'orders', projectId => 'p',
  privateKey => secret('pubsub', 'key')));

CREATE STREAMING TABLE sql_records AS SELECT value::string:orders FROM STREAM read_kafka(
  bootstrapServers => 'nobody:9093', subscribe => 'orders', `kafka.security.protocol` => 'SASL_SSL',
  `databricks.serviceCredential` => 'c', startingOffsets => 'latest'
) r;

CREATE MATERIALIZED VIEW sql_at_once AS SELECT count(*) AS n
FROM read_kafka(bootstrapServers => 'nobody:9093', subscribe => 'orders');
"""
START = 1_700_000_000  # seconds since 1970
AT = dt.datetime.fromtimestamp(START, dt.UTC)
FILES = ("f", "", "ñ")
COLUMNS = {
    "kinesis": [
        "partitionKey string NOT NULL", "data binary NOT NULL", "stream string NOT NULL",
        "shardId string NOT NULL", "sequenceNumber string NOT NULL",
        "approximateArrivalTimestamp timestamp NOT NULL",
    ],
    "pubsub": [
        "messageId string NOT NULL", "payload binary NOT NULL", "attributes string",
        "publishTimestampInMillis bigint NOT NULL",
    ],
    "eventhubs": [
        "body binary", "partition string NOT NULL", "offset string NOT NULL",
        "sequenceNumber bigint NOT NULL", "enqueuedTime timestamp NOT NULL", "publisher string",
        "partitionKey string", "properties map<string,string>", "systemProperties map<string,string>",
    ],
    "kafka": [
        "key binary", "value binary", "topic string NOT NULL", "partition int NOT NULL",
        "offset bigint NOT NULL", "timestamp timestamp NOT NULL", "timestampType int NOT NULL",
    ],
}  # fmt: skip


def lay(folder, name, *lines, at=0):
    """A file that came so many seconds after the first."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / name).write_text("\n".join(texts) + "\n", encoding="utf-8")
    os.utime(folder / name, (START + at, START + at))


@pytest.fixture
def queues(pipeline, tmp_path, monkeypatch):
    """Streams from folders with a file each: a line is a record."""
    monkeypatch.setenv("PUBSUB_KEY", "secret")
    for name in ("clicks", "views", "orders"):
        lay(tmp_path / name, "1.jsonl", *(f'{{"{name}": "{n}"}}' for n in FILES))
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines/1.txt").write_bytes("\ufeffone\r\n\r\nthree\rfour\n\n".encode())
    (tmp_path / "lines/2.txt").write_bytes(b"five")
    (tmp_path / "lines/3.txt").touch()
    streams = {
        "clicks": "clicks",
        "views": "views",
        "orders": "orders",
        "orders-sub": "orders",
        "lines": "lines",
    }
    sources = {"p.py": SOURCE, "q.sql": SQL}
    return pipeline(sources, streams={k: str(tmp_path / v) for k, v in streams.items()})


def contents(p, table, column):
    rows = p.rows(table, "1")
    return sorted(row[column].decode() if isinstance(row[column], bytes) else row[column] for row in rows)


def sent(name, values=FILES):
    return sorted(f'{{"{name}": "{n}"}}' for n in values)


def check_first(p):
    """What the first update has read."""
    columns = {}
    for row in p.rows("columns", "format, n"):
        null = "" if row["nullable"] else " NOT NULL"
        columns.setdefault(row["format"], []).append(f"{row['name']} {row['type']}{null}")
    assert columns == COLUMNS
    assert contents(p, "clicks", "data") == [*sent("clicks"), *sent("views")]
    assert contents(p, "sql_clicks", "text") == sent("clicks")
    assert contents(p, "lines", "text") == ["", "", "five", "four", "one", "three"]
    assert [r["n"] for r in p.rows("sql_at_once")] == [3]
    assert sorted(r["orders"] for r in p.rows("sql_records")) == sorted(FILES)
    for table, column in {
        "messages": "payload",
        "hub": "body",
        "records": "value",
        "sql_messages": "text",
        "at_once": "text",
    }.items():
        assert contents(p, table, column) == sent("orders")
    message = p.rows("messages")[0]
    assert (message["attributes"], message["publishTimestampInMillis"]) == (None, START * 1000)


def check_columns_of_lines(p):
    """Lines have said some columns of their records; the others follow from the place of the line."""
    rows = p.rows("clicks", 'stream, "sequenceNumber"')
    assert len({r["sequenceNumber"] for r in rows}) == len(rows) == 8
    assert [r["data"].decode() for r in rows if r["stream"] == "clicks"] == [
        f'{{"clicks": "{n}"}}' for n in FILES
    ]
    ours = [r for r in rows if r["data"] in (b'{"n":1}', b"\xff\x00")]
    assert sorted((r["data"], r["partitionKey"], r["approximateArrivalTimestamp"].year) for r in ours) == [
        (b'{"n":1}', "u", 2023), (b"\xff\x00", "", 2024)
    ]  # fmt: skip
    kafka = [r for r in p.rows("records", "offset") if r["timestamp"] > AT or r["offset"] == 9]
    assert [(r["key"], r["value"], r["offset"] == 9, r["headers"]) for r in kafka] == [
        (None, None, True, None), (b"k", b"x", False, [{"key": "h", "value": b"1"}]),
    ]  # fmt: skip


def lose_commit(p):
    """What a kill leaves behind between the write of a batch and its entry in the checkpoint."""
    commits = p.storage.checkpoint("local", "main.default.clicks", 0) / "commits"
    for file in ("0", ".0.crc"):
        (commits / file).unlink()


def more(folder):
    """A second file, whose lines say the columns; the one of text has an old date."""
    coded = base64.b64encode(b"\xff\x00").decode()
    lines = [
        {"data": {"n": 1}, "partitionKey": "u", "sequenceNumber": "7"},
        "",
        {"data_base64": coded, "approximateArrivalTimestamp": "2024-01-01T00:00:00Z"},
    ]
    lay(folder / "views", "2.records.jsonl", *lines, at=60)
    pairs = {"value": "x", "key": "k", "headers": {"h": "1"}, "timestamp": "2024-01-01T00:00:00Z"}
    lay(folder / "orders", "0.records.ndjson", pairs, {"value": None, "offset": 9}, at=-(10**8))


@pytest.mark.parity("same", "8.4", "format('kinesis'): columns, types, which are never NULL, several streams")
@pytest.mark.parity("same", "8.4", "format('pubsub'): columns, types, which are never NULL")
@pytest.mark.parity(
    "same", "8.4", "read_kafka, read_kinesis, read_pubsub with named arguments, STREAM or a batch"
)
@pytest.mark.parity(
    "same", "8.4", "databricks.serviceCredential and other credentials of readers, where --stream feeds them"
)
@pytest.mark.parity(
    "differs", "8.4", "offset, partition, sequenceNumber, shardId, messageId of records in files",
    "they follow from the time and name of the file and from the line: they grow, with gaps between files",
)  # fmt: skip
@pytest.mark.parity(
    "differs", "8.4", "key, partitionKey, headers, attributes, properties of records in files",
    "a line of `*.records.jsonl` says them, else they are NULL, and partitionKey of kinesis an empty text",
)  # fmt: skip
@pytest.mark.parity(
    "differs", "8.4", "initialPosition, startingOffsets and the like",
    "an update reads all that no update has read yet, from the beginning on, whatever they say",
)  # fmt: skip
@pytest.mark.long("spark/test_continuous_queues.py::test_records_that_come_later_are_read_once")
def test_each_record_is_read_once(queues, tmp_path):
    result = queues.update()
    assert {d.name: d.error for d in result.datasets if d.error} == {}
    check_first(queues)
    lose_commit(queues)
    more(tmp_path)
    second = {d.name.rpartition(".")[2]: d for d in queues.update().datasets}
    assert {name: second[name].rows_written for name in ("records", "sql_records", "sql_clicks")} == {
        "records": 2, "sql_records": 2, "sql_clicks": 0,
    }  # fmt: skip
    check_columns_of_lines(queues)
    line = "0.records.ndjson is no record of pubsub: it has no column value"
    assert f"[STREAM_RECORD_INVALID] line 1 of file:{tmp_path}/orders/{line}" in second["messages"].error
    assert contents(queues, "messages", "payload") == sent("orders")
    queues.update(Selection(full_refresh_all=True))
    assert (len(queues.rows("clicks")), len(queues.rows("records"))) == (8, 5)


WRONG = """
import dlt

@dlt.table
def nowhere():
    a = spark.readStream.format("kinesis").option("streamName", "clicks,gone").load()
    b = spark.readStream.format("pubsub").options(subscriptionId="lost-sub", topicId="t", projectId="p").load()
    return a.select("data").union(b.select("payload"))

@dlt.table
def options():
    reader = spark.readStream.format("kinesis").option("initialPosition", "newest").option("shardPerTask", 5)
    return reader.load()

@dlt.table
def batch():
    return spark.read.format("pubsub").options(subscriptionId="s", topicId="t", projectId="p").load()

@dlt.table
def credential():
    kafka = spark.readStream.format("kafka").option("kafka.bootstrap.servers", "x:1").option("subscribe", "far")
    return kafka.option("databricks.serviceCredential", "c").load()

@dlt.table
def pulsar():
    return spark.readStream.format("pulsar").load()
"""
FLAG = "=FOLDER, or =kafka://HOST:PORT/TOPIC"


@pytest.mark.parity(
    "same", "8.4", "Options of kinesis and pubsub that are missing, unknown or wrong are problems"
)
@pytest.mark.parity(
    "refused", "8.4", "format('pulsar') and read_pulsar", "let the records come through Kafka"
)
@pytest.mark.parity(
    "refused", "8.4", "databricks.serviceCredential for a broker", "read the topic from --stream NAME=PLACE"
)
def test_what_is_missing_is_told_at_once_with_its_flag(pipeline, tmp_path):
    (tmp_path / "clicks").mkdir()
    p = pipeline(WRONG, streams={"clicks": str(tmp_path / "clicks")})
    assert sorted((q.condition, q.origin.line, q.hint) for q in p.problems()) == [
        ("INVALID_PARAMETER_VALUE", 13, None),
        ("PUBSUB_IS_A_STREAM", 17, 'spark.readStream.format("pubsub")'),
        ("REQUIRED_PARAMETER_NOT_FOUND", 13, "add the option"),
        ("STREAM_NOT_FOUND", 6, f"pass --stream gone{FLAG}"),
        ("STREAM_NOT_FOUND", 7, f"pass --stream lost-sub{FLAG}"),
        ("STREAM_NOT_FOUND", 22, f"pass --stream far{FLAG}"),
        ("UNRECOGNIZED_PARAMETER_NAME", 13, "did you mean `shardsPerTask`?"),
        ("Unsupported", 26, "let the records come through Kafka: format('kafka')"),
    ]
