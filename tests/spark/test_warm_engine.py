"""A JVM that is kept for others: who gets it, what they have of each other, and what is left of them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from tests.warm import lent, needs_here
from weir.model.problems import WeirError
from weir.run.lake.lock import jvm_of
from weir.run.machine.warm.door import ask
from weir.run.machine.warm.engine import Limits, WarmEngine

BEGIN = """
import json, os, sys, threading, time
from pathlib import Path
from weir.run.machine.session import launch_of
from weir.run.machine.warm.client import warm_session
from pyspark.sql import functions as F
said = []
def session(**settings):
    launch = launch_of(Path("logs/spark.log").absolute(), settings, print)
    return warm_session(launch.needs, launch.properties, said.append)
"""


@pytest.fixture
def path(tmp_path):
    folder = tmp_path / "engine"
    folder.mkdir(mode=0o700)
    return folder / "e.sock"


@pytest.fixture
def client(spark, path, tmp_path):
    """Code in a process of its own that may have a session in this test run's JVM."""
    begun = []

    def run(code, folder="client", **environment):
        (tmp_path / folder).mkdir(exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + code],
            env=os.environ | {"WEIR_ENGINE": str(path)} | environment,
            cwd=tmp_path / folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    with lent(spark, path):
        yield run
        for process in begun:
            process.kill()
            process.communicate(timeout=60)


def told(process):
    """The last line of what it prints."""
    out, _ = process.communicate(timeout=120)
    return json.loads(out.splitlines()[-1])


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


LEAVES_MUCH = """
spark = session(**{"spark.sql.shuffle.partitions": "7"})
partitions = spark.conf.get("spark.sql.shuffle.partitions")
spark.conf.set("spark.sql.ansi.enabled", "false")
spark.range(3).createTempView("mine")
spark.range(3).createGlobalTempView("everybodys")
spark.udf.register("triple", lambda x: 3 * x, "bigint")
spark.sql("CREATE DATABASE mine")
spark.range(1).write.saveAsTable("mine.t")
spark.range(1).write.saveAsTable("t")
spark.sql("CREATE FUNCTION plus_one(x INT) RETURNS INT RETURN x + 1")
spark.range(5).cache().count()
tripled = spark.sql("SELECT triple(id) AS x FROM mine ORDER BY x").toPandas()["x"].tolist()
print(json.dumps([said, partitions, tripled]))
"""
LOOKS = """
spark = session()
seen = F.udf(lambda x: [os.getcwd(), os.environ.get("SAID_TO"), str("left_behind" in sys.modules)], "array<string>")
Path("one.csv").write_text("1")
print(json.dumps({
    "said": said,
    "conf": [spark.conf.get(f"spark.sql.{k}") for k in ("shuffle.partitions", "ansi.enabled", "codegen.wholeStage")],
    "views": [t.name for t in spark.catalog.listTables()] + [t.name for t in spark.catalog.listTables("global_temp")],
    "functions": sorted({"triple", "plus_one"} & {f.name for f in spark.catalog.listFunctions()}),
    "databases": [d.name for d in spark.catalog.listDatabases()],
    "cached": [n for n in spark.sparkContext._jsc.getPersistentRDDs() if n not in %s],
    "worker": spark.range(1).select(seen("id")).first()[0],
    "relative path": spark.read.csv("one.csv").count(),
    "variables": sorted(k for k in os.environ if "GATEWAY" in k),
}))
"""


def test_two_clients_have_nothing_of_each_other(client, spark, tmp_path):
    spark.range(1).createOrReplaceTempView("ours")
    databases = [d.name for d in spark.catalog.listDatabases()]
    cached = list(spark.sparkContext._jsc.getPersistentRDDs())  # noqa: SLF001
    assert told(client(LEAVES_MUCH)) == [["the warm engine is used"], "7", [0, 3, 6]]
    assert told(client(LOOKS % cached, "other", SAID_TO="workers too")) == {
        "said": ["the warm engine is used"],
        "conf": ["2", "true", "true"],
        "views": [],
        "functions": [],
        "databases": databases,
        "cached": [],
        "worker": [str(tmp_path / "other"), "workers too", "False"],
        "relative path": 1,
        "variables": [],
    }
    assert (spark.table("ours").count(), spark.conf.get("spark.sql.codegen.wholeStage")) == (1, "false")
    spark.catalog.dropTempView("ours")
    assert (tmp_path / "client/logs/spark.log").exists()


WORKS_FOR_EVER = """
spark = session()
slow = F.udf(lambda x: (time.sleep(600), x)[1], "bigint")
rate = spark.readStream.format("rate").load()
rate.writeStream.format("noop").start()
rate.writeStream.foreachBatch(lambda frame, number: time.sleep(600)).start()
threading.Thread(target=lambda: spark.range(1).select(slow("id")).collect(), daemon=True).start()
jobs = spark.sparkContext.statusTracker()
while len(jobs.getActiveJobsIds()) < 2:
    time.sleep(0.1)
print("works", flush=True)
spark.range(1).select(slow("id")).collect()
"""


def test_a_client_that_is_killed_leaves_nothing_running(client, spark, path):
    process = client(WORKS_FOR_EVER)
    assert process.stdout.readline() == "works\n"
    (record,) = path.parent.glob("*.lease")
    process.kill()
    until(lambda: not record.exists())
    assert spark.sparkContext.statusTracker().getActiveJobsIds() == []
    assert spark._jsparkSession.sharedState().activeStreamingQueries().size() == 0  # noqa: SLF001
    jvm = psutil.Process(jvm_of(spark))
    assert [p for p in jvm.children(True) if works_for_clients(p, jvm)] == []
    assert told(client("session()\nprint(json.dumps(said))")) == ["the warm engine is used"]


def works_for_clients(process, jvm):
    """One of PySpark's workers that lives; the daemon that makes them, whose parent is the JVM, waits."""
    with suppress(psutil.NoSuchProcess):
        return "WEIR_WORKER" in process.environ() and process.ppid() != jvm.pid
    return False


TRIES = """
for settings in ({"spark.driver.memory": "3g"}, {"spark.sql.warehouse.dir": "/tmp/other"}):
    assert session(**settings) is None
os.umask(0o077)
assert session() is None
os.umask(0o022)
os.environ["AWS_PROFILE"] = "other"
assert session() is None
del os.environ["AWS_PROFILE"]
assert session(**{"spark.sql.shuffle.partitions": "many"}) is None
session()
print(json.dumps(said), flush=True)
sys.stdin.read()
"""


def test_only_a_client_that_fits_gets_it_and_one_at_a_time(client):
    os.umask(0o022)
    holder = client(TRIES)
    begin = "the warm engine is not used: it "
    assert json.loads(holder.stdout.readline()) == [
        begin + "was started with another spark.driver.memory",
        begin + "was started with another spark.sql.warehouse.dir",
        begin + "has another umask",
        begin + "has another environment",
        "the warm engine is used",
    ]
    second = client("session()\nprint(json.dumps(said))")
    assert told(second) == ["the warm engine is not used: another process has it"]


def test_only_who_knows_the_secret_comes_in_and_only_as_long_as_the_client_is_there(spark, path):
    with lent(spark, path):
        needs = {"facts": needs_here().facts, "jars": needs_here().jars, "settings": {}}
        answer, connection = ask(path, {"wish": "lease", "pid": os.getpid(), "needs": needs})
        with connection:
            assert path.stat().st_mode & 0o777 == 0o600
            assert said_by(answer["port"], f"A\n{answer['secret']}\n") == b"!yv\n"
            assert not said_by(answer["port"], "A\nguessed\n").startswith(b"!y")
        ask(path, {"wish": "state"})[1].close()
        with pytest.raises(ConnectionRefusedError):
            said_by(answer["port"], f"A\n{answer['secret']}\n")


def said_by(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.encode())
        return connection.recv(1000)


def test_an_engine_ends_when_nobody_uses_it_when_it_has_grown_and_when_it_is_asked(spark, path):
    engine = WarmEngine(spark, needs_here(), path)
    assert engine.serve(Limits(idle=0)) == "nobody has used it for 0 seconds"
    assert engine.serve(Limits(memory=1)) == "it has grown beyond 1 bytes"
    with lent(spark, path) as lending, pytest.raises(WeirError, match="ENGINE_ALREADY_RUNNING"):
        WarmEngine(spark, needs_here(), path).serve(Limits())
    assert lending.over.is_set()
    with lent(spark, path):
        state, connection = ask(path, {"wish": "stop"})
        connection.close()
        assert (state["pid"], state["client"], state["served"]) == (os.getpid(), None, 0)
        until(lambda: not path.exists())
