"""A real broker: records in, a pipeline, records out."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from simulator.__main__ import arrive
from simulator.broker import running
from simulator.kafka import deliver
from simulator.kafka import update as altrupets
from tests.killing import kill_when
from weir.run.lake.storage import Storage
from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt

SERVERS = spark.conf.get("servers")
SHADED = "kafkashaded.org.apache.kafka.clients"
OPTIONS = {"topic": "alerts", "kafka.partitioner.class": f"{SHADED}.producer.RoundRobinPartitioner"}
dlt.create_sink("alerts", "kafka", {"kafka.bootstrap.servers": SERVERS, **OPTIONS})

@dlt.table
@dlt.expect_or_drop("readable", "amount IS NOT NULL")
def orders():
    stream = spark.readStream.format("kafka").option("kafka.bootstrap.servers", SERVERS)
    stream = stream.option("kafka.partition.assignment.strategy", f"{SHADED}.consumer.RoundRobinAssignor")
    stream = stream.option("subscribe", "orders").option("startingOffsets", "earliest").load()
    return stream.selectExpr("offset", "try_cast(CAST(value AS STRING) AS INT) AS amount")

@dlt.table
def hub():
    options = {
        "kafka.bootstrap.servers": "altrupets.servicebus.windows.net:9093",
        "kafka.security.protocol": "SASL_SSL",
        "kafka.sasl.jaas.config": "kafkashaded.org.apache.kafka.common.security.plain.PlainLoginModule required;",
        "subscribe": "hub",
        "databricks.serviceCredential": "c",
    }
    hub = spark.readStream.format("kafka").options(**options).load()
    return hub.selectExpr("offset", "topic", "CAST(value AS STRING) AS text")

@dlt.table
def shards():
    shards = spark.readStream.format("kinesis").option("streamName", "shards").load()
    columns = ("sequenceNumber", "shardId", "stream", "CAST(data AS STRING) AS text", "partitionKey")
    return shards.selectExpr(*columns)

@dlt.append_flow(target="alerts")
def large():
    large = dlt.read_stream("orders").where("amount > 10")
    return large.selectExpr("CAST(offset AS STRING) AS key", "to_json(struct(amount)) AS value")
"""


def update(folder, broker):
    command = [
        WEIR,
        "run",
        folder / "p.py",
        "--name=local",
        f"--storage={folder / 'storage'}",
        f"--conf=servers={broker.servers}",
        f"--stream=hub=kafka://{broker.servers}/orders",
        f"--stream=shards=kafka://{broker.servers}/orders",
    ]
    done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, cwd=folder, check=False)
    return {
        d["name"]: (d["kind"], d["state"], d["rows_written"]) for d in json.loads(done.stdout)["datasets"]
    }


def check_other_readers(place):
    """A reader of Event Hubs and one of Kinesis had the records of a topic."""
    texts = ["5", "50", "broken", "11", "70"]
    hub = rows_of(place.table("main.default.hub"), "1")
    assert [(r["offset"], r["topic"], r["text"]) for r in hub] == [(n, "hub", t) for n, t in enumerate(texts)]
    shards = rows_of(place.table("main.default.shards"), "1")
    assert [r["text"] for r in shards] == texts
    assert {(r["shardId"], r["stream"], r["partitionKey"]) for r in shards} == {
        ("shardId-000000000000", "shards", "")
    }


@pytest.mark.parity(
    "same", "8.4", "kafkashaded.org.apache.kafka...: the classes of Kafka's client, in readers and sinks"
)
@pytest.mark.parity("same", "8.4", "Readers of Event Hubs and Kinesis, fed from a topic of a plain broker")
@pytest.mark.parity("same", "1.7", "Kafka: read as a stream, written by a sink with value, key and topic")
@pytest.mark.parity(
    "same", "4.2", "A Kafka sink is at least once: a batch that was not committed is sent again"
)
def test_records_go_from_topic_to_topic(warm, tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    place = Storage(tmp_path / "storage")
    with running(tmp_path) as broker:
        broker.produce("orders", ["5", "50", "broken", "11"])
        assert update(tmp_path, broker) == {
            "main.default.orders": ("streaming_table", "COMPLETED", 3), "alerts": ("sink", "COMPLETED", 2),
            "main.default.hub": ("streaming_table", "COMPLETED", 4),
            "main.default.shards": ("streaming_table", "COMPLETED", 4),
        }  # fmt: skip
        assert [r["offset"] for r in rows_of(place.table("main.default.orders"), "1")] == [0, 1, 3]
        # What a kill leaves behind between the sending of a batch and its entry in the checkpoint.
        commits = place.checkpoint("local", "main.default.large", 0) / "commits"
        for file in ("0", ".0.crc"):
            (commits / file).unlink()
        broker.produce("orders", ["70"])
        assert update(tmp_path, broker)["alerts"] == ("sink", "COMPLETED", 3)
        first = ['1\t{"amount":50}', '3\t{"amount":11}']
        assert broker.records("alerts") == [*first, *first, '4\t{"amount":70}']
    check_other_readers(place)


SMALL = {"seed": 5, "days": 20, "events": 4000, "users": 100}
ROOT = Path(__file__).parents[2]


@pytest.mark.long("kafka/test_kafka.py::test_records_go_from_topic_to_topic")
def test_nothing_is_lost_or_doubled_though_the_update_and_the_broker_are_killed(tmp_path):
    place = Storage(tmp_path / "storage")
    with running(tmp_path / "broker") as broker:
        arrive(tmp_path / "landing", SMALL, partial(deliver, broker))
        begun = subprocess.Popen(
            altrupets(broker, tmp_path, "ms_auxilio", "--json"), cwd=ROOT, stdout=subprocess.DEVNULL
        )
        flow = "altrupets_catalog.ms_auxilio_bronze.eventos_auxilio"
        kill_when(place.checkpoint("altrupets-ms-auxilio", flow, 0) / "offsets/0", begun)
        broker.process.kill()
    with running(tmp_path / "broker") as broker:
        arrive(tmp_path / "landing", {}, partial(deliver, broker))
        again = subprocess.run(
            altrupets(broker, tmp_path, "ms_auxilio", "--json"), cwd=ROOT, stdout=subprocess.PIPE, check=False
        )
    assert json.loads(again.stdout)["state"] == "COMPLETED"
    arrivals = json.loads((tmp_path / "landing/manifest.json").read_text())["arrivals"]
    planted = [a["pipelines"]["ms_auxilio"] for a in arrivals]
    bronze = rows_of(place.table(flow))
    assert len(bronze) == sum(p["rows_written"]["ms_auxilio_bronze.eventos_auxilio"] for p in planted)
    assert {r["partition_key"] == r["aggregate_id"] for r in bronze if r["aggregate_id"]} == {True}
    assert {r["source_file"] for r in bronze} == {None}
    odd = rows_of(place.table("altrupets_catalog.ms_auxilio_silver.versiones_anomalas"))
    assert {r.pop("aggregate_id"): r for r in odd} == planted[-1]["anomalies"]
