"""A real broker: records in, a pipeline, records out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kafka.broker import running
from weir.run.storage import Storage
from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt

SERVERS = spark.conf.get("servers")
dlt.create_sink("alerts", "kafka", {"kafka.bootstrap.servers": SERVERS, "topic": "alerts"})

@dlt.table
@dlt.expect_or_drop("readable", "amount IS NOT NULL")
def orders():
    stream = spark.readStream.format("kafka").option("kafka.bootstrap.servers", SERVERS)
    stream = stream.option("subscribe", "orders").option("startingOffsets", "earliest").load()
    return stream.selectExpr("offset", "try_cast(CAST(value AS STRING) AS INT) AS amount")

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
        f"--storage={folder / 'storage'}",
        f"--conf=servers={broker.servers}",
    ]
    done = subprocess.run([*command, "--json"], stdout=subprocess.PIPE, cwd=folder, check=False)
    return {
        d["name"]: (d["kind"], d["state"], d["rows_written"]) for d in json.loads(done.stdout)["datasets"]
    }


@pytest.mark.parity("same", "1.7", "Kafka: read as a stream, written by a sink with value, key and topic")
@pytest.mark.parity(
    "same", "4.2", "A Kafka sink is at least once: a batch that was not committed is sent again"
)
def test_records_go_from_topic_to_topic(tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    place = Storage(tmp_path / "storage")
    with running(tmp_path) as broker:
        broker.produce("orders", ["5", "50", "broken", "11"])
        assert update(tmp_path, broker) == {
            "main.default.orders": ("streaming_table", "COMPLETED", 3), "alerts": ("sink", "COMPLETED", 2),
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
