"""What a process asks a JVM: each name once, and nothing for which it has to import pandas."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from py4j.clientserver import ClientServerConnection
from pyspark.sql import functions as F

SOURCE = """
import dlt
from pyspark.sql import functions as F

@dlt.table
@dlt.expect("small", "id < 9")
def numbers():
    return spark.range(3).withColumn("one", F.lit(1))
"""


def commands(monkeypatch):
    sent = []
    send = ClientServerConnection.send_command

    def record(self, command):
        if not command.startswith("m"):  # of the thread that tells the JVM what is not used any more
            sent.append(command.splitlines()[0])
        return send(self, command)

    monkeypatch.setattr(ClientServerConnection, "send_command", record)
    return sent


def test_a_name_is_asked_for_once(spark, monkeypatch):
    F.col("a")
    spark._jvm.org.apache.spark.sql.types.DataType.fromDDL("a INT")  # noqa: SLF001
    sent = commands(monkeypatch)
    F.col("a")
    spark._jvm.org.apache.spark.sql.types.DataType.fromDDL("b INT")  # noqa: SLF001
    assert sent == ["c", "c"]


def test_values_of_numpy_are_what_they_were(spark):
    columns = (F.lit(np.int64(3)), F.lit(np.float32(0.5)), F.lit(np.bool_(True)), F.lit(np.array([1, 2])))
    (row,) = spark.range(1).select(*columns).collect()
    assert tuple(row) == (3, 0.5, True, [1, 2])


def test_an_update_in_a_warm_engine_imports_no_pandas(warm, tmp_path):
    (tmp_path / "p.py").write_text(SOURCE)
    command = [sys.executable, "-X", "importtime", "-m", "weir", "run", "p.py", "-v"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    modules = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    remarks = {line for line in modules if "the warm engine" in line}
    assert (ran.returncode, remarks) == (0, {"the warm engine is used"})
    assert {name for name in modules if name.split(".")[0] == "pandas"} == set()
