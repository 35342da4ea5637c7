"""Real processes that are asked to end: Ctrl-C, SIGTERM, and a run after that."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tests.killing import ends, mortal, until
from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SOURCE = """
import dlt, time
from pyspark.sql import functions as F

@dlt.table
def bronze():
    return spark.readStream.table("events")

@dlt.table
def silver():
    return dlt.read_stream("bronze")

@dlt.table
def gold():
    wait = F.udf(lambda x: (time.sleep(SECONDS), x)[1], "bigint")
    return dlt.read("silver").agg(F.count("id").alias("n")).select(wait("n").alias("n"))
"""


@pytest.fixture
def start(tmp_path):
    """Start `weir run` on a pipeline whose last table takes a while."""
    feed(tmp_path, 0)
    begun = []

    def run(*options, seconds=0):
        (tmp_path / "p.py").write_text(SOURCE.replace("SECONDS", str(seconds)))
        command = [WEIR, "run", "p.py", "--table", "events=events", *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
        )
        begun.append(process)
        return mortal(process)

    yield run
    for process in begun:
        with process:
            process.kill()


def feed(folder, number):
    write_deltalake(folder / "events", pa.table({"id": [number]}), mode="append")


def told(process):
    """Its events as they come."""
    for line in process.stdout:
        yield json.loads(line)


def table(folder, name):
    return rows_of(folder / ".weir/tables/main/default" / name)


@pytest.mark.parity(
    "differs",
    "5.2",
    "Stopping an update",
    "by Ctrl-C or SIGTERM; exit code 130 or 143, 0 if it was continuous",
)
def test_ctrl_c_ends_an_update_where_it_stands_and_the_next_one_goes_on(start, warm, tmp_path):
    process = start("--json-events", seconds=600)
    events = []
    for event in told(process):
        events.append(event)
        if event["message"] == "Flow 'main.default.gold' is RUNNING.":
            process.send_signal(signal.SIGINT)
    assert ends(process) == 130
    messages = [e["message"] for e in events]
    assert "Flow 'main.default.gold' has STOPPED." in messages
    assert [e["details"]["update_progress"] for e in events if e["event_type"] == "update_progress"][-2:] == [
        {"state": "STOPPING"}, {"state": "CANCELED", "cancellation_cause": "USER_ACTION"},
    ]  # fmt: skip
    assert ends(start()) == 0
    assert (table(tmp_path, "bronze"), table(tmp_path, "gold")) == ([{"id": 0}], [{"n": 1}])


@pytest.mark.long("spark/test_updates.py::test_rows_flow_through_until_the_update_is_stopped")
def test_a_continuous_update_ends_cleanly_and_loses_and_doubles_nothing(start, tmp_path):
    process = start("--continuous", "--json-events", "--conf", "pipelines.trigger.interval=1 second")
    fed = 0
    for event in told(process):
        if event["level"] == "METRICS" and event["origin"].get("flow_name") == "main.default.silver":
            fed += 1
            feed(tmp_path, fed)
            if fed == 4:
                os.killpg(process.pid, signal.SIGTERM)  # as who ends a service does: the JVM hears it too
                break
    assert list(told(process))[-1]["details"]["update_progress"]["state"] == "CANCELED"
    assert ends(process) == 0
    assert ends(start()) == 0
    assert sorted(r["id"] for r in table(tmp_path, "silver")) == list(range(5))
    assert table(tmp_path, "gold") == [{"n": 5}]


@pytest.mark.long("cli/test_commands.py::test_a_reader_that_leaves_does_not_end_the_update")
def test_a_reader_that_leaves_ends_nothing(start, warm, tmp_path):
    process = start("--continuous", "--conf", "pipelines.trigger.interval=1 second")
    process.stdout.readline()
    process.stdout.close()
    for number in (1, 2):
        feed(tmp_path, number)
        until(lambda least=number: process.poll() is not None or len(table(tmp_path, "silver")) > least)
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGTERM)
    assert ends(process) == 0


def test_ctrl_c_before_there_is_an_update(start):
    process = start()
    maps = psutil.Process(process.pid)
    until(lambda: any("pyarrow" in part.path for part in maps.memory_maps()))  # Python is up, Spark is not
    process.send_signal(signal.SIGINT)
    assert ends(process) in {130, -signal.SIGINT}


@pytest.mark.parity("refused", "5.7", "A continuous update over Spark Connect", "run it in process")
def test_a_continuous_update_over_spark_connect_is_refused(tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    command = [WEIR, "run", "p.py", "--continuous", "--remote", "sc://127.0.0.1:1"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        "[Unsupported] A continuous update over Spark Connect is not supported here.",
        "  hint: run it in process: leave out --remote",
        "1 problem",
    ]
