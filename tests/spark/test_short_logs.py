"""A short log is replayed where it is read: what a version of a table is said to hold is what Delta's jobs find."""

from __future__ import annotations

import json
import pathlib
import re
import shutil

import deltalake
import pyarrow as pa
import pytest

SHORT, DELTAS = "weir.ShortLogs$ShortSnapshot", "org.apache.spark.sql.delta.Snapshot"


@pytest.fixture
def lake(spark, tmp_path):
    return Lake(spark, f"{tmp_path}/á b")


class Lake:
    """A folder of tables, each by its name, and what Delta says of their versions."""

    def __init__(self, spark, root):
        self.spark, self.root = spark, root
        self.delta = spark._jvm.org.apache.spark.sql.delta  # noqa: SLF001

    def path(self, name):
        return f"{self.root}/{name}"

    def sql(self, *statements):
        for statement in statements:
            self.spark.sql(statement.replace("{", f"delta.`{self.root}/").replace("}", "`"))

    def read(self, name):
        return self.spark.read.format("delta").load(self.path(name))

    def log(self, name):
        return self.delta.DeltaLog.forTable(self.spark._jsparkSession, self.path(name))  # noqa: SLF001

    def current(self, name):
        none = self.spark._jvm.scala.Option.empty()  # noqa: SLF001
        return self.log(name).update(False, none, none)

    def at(self, name, version):
        none = self.spark._jvm.scala.Option.empty()  # noqa: SLF001
        return self.log(name).getSnapshotAt(version, none, none, False)

    def by_jobs(self, snapshot):
        """The same version as Delta's own class has it."""
        segment, log = snapshot.logSegment(), snapshot.deltaLog()
        return self.delta.Snapshot(log.logPath(), snapshot.version(), segment, log, snapshot.checksumOpt())


def held(snapshot):
    """All that is asked of a version, and of which class it is."""
    jvm_sorted = [snapshot.setTransactions(), snapshot.domainMetadata()]
    return {
        "files": sorted(snapshot.allFiles().toJSON().collectAsList()),
        "number": snapshot.numOfFiles(),
        "size": snapshot.sizeInBytes(),
        "transactions": str(snapshot.transactions()),
        "others": [sorted(found.mkString("\n").split("\n")) for found in jvm_sorted],
        "actions": snapshot.metadata().json() + snapshot.protocol().json(),
    }


def differences(lake, name, versions=None):
    """Versions that are held otherwise than Delta's jobs find, with the classes that were compared."""
    last = lake.current(name).version()
    found, kinds = {}, []
    for version in versions or range(last + 1):
        ours = lake.at(name, version)
        deltas = lake.by_jobs(ours)
        kinds.append((ours.getClass().getName(), deltas.getClass().getName()))
        one, other = held(ours), held(deltas)
        found |= {(version, what): (one[what], other[what]) for what in one if one[what] != other[what]}
    return found, kinds


def test_each_version_holds_what_jobs_find(lake):
    lake.sql(
        "CREATE TABLE {t} (id INT, kind STRING, part STRING, day DATE) USING delta PARTITIONED BY (part, day) "
        "TBLPROPERTIES (delta.enableDeletionVectors = true, delta.columnMapping.mode = 'name', delta.checkpointInterval = 3)",
        "INSERT INTO {t} VALUES (1, 'a', 'x y', DATE '2024-01-01'), (2, 'b', 'á/é%20=', DATE '2024-01-02'), "
        "(3, NULL, NULL, NULL), (4, 'd', '', DATE '2024-01-01'), (5, 'e', 'x y', DATE '2024-01-01')",
        "DELETE FROM {t} WHERE id = 5",
        "ALTER TABLE {t} RENAME COLUMN kind TO sort",
        "INSERT INTO {t} VALUES (6, 'f', 'x y', DATE '2024-01-01')",
        "OPTIMIZE {t}",
    )
    found, kinds = differences(lake, "t")
    assert (found, kinds) == ({}, [(SHORT, DELTAS)] * 6)
    rows = [tuple(row)[:3] for row in lake.read("t").orderBy("id").collect()]
    assert rows == [
        (1, "a", "x y"),
        (2, "b", "á/é%20="),
        (3, None, None),
        (4, "d", None),
        (6, "f", "x y"),
    ]
    assert [row.id for row in lake.read("t").where("part = 'x y' AND id > 1").collect()] == [6]
    assert [row.id for row in lake.read("t").where("part IS NULL AND id < 4").collect()] == [3]


def test_a_clustered_table_and_the_batches_of_a_stream_are_held(lake, tmp_path):
    checkpoints = "TBLPROPERTIES (delta.checkpointInterval = 2)"
    lake.sql(f"CREATE TABLE {{from}} (id INT, name STRING) USING delta CLUSTER BY (id) {checkpoints}")
    lake.sql(f"CREATE TABLE {{to}} (id INT, name STRING) USING delta {checkpoints}")
    for n in range(3):
        lake.sql(f"INSERT INTO {{from}} VALUES ({n}, 'n')")
        rows = lake.spark.readStream.format("delta").load(lake.path("from"))
        writer = rows.writeStream.format("delta").option("checkpointLocation", f"{tmp_path}/checkpoint")
        writer.trigger(availableNow=True).start(lake.path("to")).awaitTermination()
    for name in ("from", "to"):
        found, kinds = differences(lake, name)
        assert (found, set(kinds)) == ({}, {(SHORT, DELTAS)})
    assert [lake.current("from").domainMetadata().size(), lake.current("to").setTransactions().size()] == [
        1,
        1,
    ]
    assert sorted(row.id for row in lake.read("to").collect()) == [0, 1, 2]


def test_what_another_writer_commits_is_seen(lake):
    rows = pa.table({"id": [1, 2]})
    deltalake.write_deltalake(lake.path("t"), rows, mode="append")
    assert lake.read("t").count() == 2
    deltalake.write_deltalake(lake.path("t"), pa.table({"id": [3]}), mode="append")
    assert sorted(row.id for row in lake.read("t").collect()) == [1, 2, 3]
    deltalake.DeltaTable(lake.path("t")).delete("id = 1")
    assert sorted(row.id for row in lake.read("t").collect()) == [2, 3]
    deltalake.DeltaTable(lake.path("t")).create_checkpoint()
    lake.delta.DeltaLog.clearCache()
    assert sorted(row.id for row in lake.read("t").collect()) == [2, 3]
    found, kinds = differences(lake, "t")
    assert (found, set(kinds)) == ({}, {(SHORT, DELTAS)})


def test_a_table_that_was_deleted_and_made_anew_is_another(lake):
    lake.sql("CREATE TABLE {t} USING delta AS SELECT 1 AS id")
    assert [row.id for row in lake.read("t").collect()] == [1]
    deltalake.write_deltalake(lake.path("u"), pa.table({"id": [7]}))
    assert [row.id for row in lake.read("u").collect()] == [7]
    shutil.rmtree(lake.path("t"))
    pathlib.Path(lake.path("u")).rename(lake.path("t"))
    assert [row.id for row in lake.read("t").collect()] == [7]


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ("delta.checkpoint.writeStatsAsJson = false, delta.checkpoint.writeStatsAsStruct = true", SHORT),
        ("delta.checkpoint.writeStatsAsJson = false", SHORT),
        ("delta.checkpoint.writeStatsAsStruct = true", SHORT),
        ("delta.checkpointPolicy = 'v2'", DELTAS),
    ],
)
def test_other_forms_of_checkpoints_are_read_too_or_left_to_jobs(lake, properties, kind):
    lake.sql(
        f"CREATE TABLE {{t}} (id INT) USING delta TBLPROPERTIES (delta.checkpointInterval = 2, {properties})"
    )
    lake.sql("INSERT INTO {t} VALUES (1)", "INSERT INTO {t} VALUES (2)", "INSERT INTO {t} VALUES (3)")
    lake.delta.DeltaLog.clearCache()
    found, kinds = differences(lake, "t", [3])
    assert (found, kinds) == ({}, [(kind, DELTAS)])
    assert sorted(row.id for row in lake.read("t").where("id > 1").collect()) == [2, 3]


def test_a_long_log_is_left_to_jobs(lake):
    lake.sql("CREATE TABLE {t} (id INT, name STRING) USING delta", "INSERT INTO {t} VALUES (1, 'n')")
    words = "x" * (2 << 20)
    info = {"commitInfo": {"timestamp": 1, "operation": "WRITE", "operationParameters": {"words": words}}}
    pathlib.Path(lake.path("t"), "_delta_log", f"{2:020}.json").write_text(json.dumps(info))
    assert lake.current("t").getClass().getName() == DELTAS
    assert [tuple(row) for row in lake.read("t").collect()] == [(1, "n")]


def test_paths_that_delta_spells_otherwise_are_left_to_jobs(lake):
    """A file is added as an absolute path, then removed by its URI: for Delta it is one file."""
    lake.sql(
        "CREATE TABLE {t} (id INT) USING delta", "INSERT INTO {t} VALUES (1)", "INSERT INTO {t} VALUES (2)"
    )
    log = f"{lake.path('t')}/_delta_log"
    last = pathlib.Path(log, "00000000000000000002.json")
    lines = [json.loads(line) for line in last.read_text().splitlines()]
    (add,) = (line["add"] for line in lines if "add" in line)
    place = f"{lake.path('t')}/{add['path']}".replace(" ", "%20")
    removed = {"remove": {"path": f"file:{place}", "deletionTimestamp": 1, "dataChange": True}}
    for version, action in ((2, {"add": add | {"path": place}}), (3, removed)):
        for file in pathlib.Path(log).glob(f"*{version:020}.*"):
            file.unlink()
        pathlib.Path(log, f"{version:020}.json").write_text(json.dumps(action))
        lake.delta.DeltaLog.clearCache()
        found, kinds = differences(lake, "t")
        assert (found, kinds[-1]) == ({}, (SHORT, DELTAS))
        assert sorted(row.id for row in lake.read("t").collect()) == [1, 2][: 4 - version]


@pytest.mark.parametrize("damaged", ["json", "checkpoint.parquet"])
def test_a_damaged_log_is_told_as_before(lake, damaged):
    """By Delta's jobs, to which all is left that can't be read."""
    lake.sql("CREATE TABLE {t} (id INT) USING delta TBLPROPERTIES (delta.checkpointInterval = 2)")
    lake.sql(*(f"INSERT INTO {{t}} VALUES ({n})" for n in (1, 2, 3)))
    log = pathlib.Path(lake.path("t"), "_delta_log")
    version = 2 if damaged == "checkpoint.parquet" else 3
    (log / f"{version:020}.{damaged}").write_text('{"add": {"path": \n')
    for file in (f".{version:020}.{damaged}.crc", f"{version:020}.crc"):
        (log / file).unlink()
    lake.delta.DeltaLog.clearCache()
    told = rf"FAILED_READ_FILE.*{version:020}\.{re.escape(damaged)}"
    with pytest.raises(Exception, match=told):
        lake.read("t").collect()


@pytest.mark.parametrize("interval", [10, 2])
def test_no_job_looks_for_the_files_of_a_table(lake, interval):
    """One reads them; where rows are filtered, a second one compares the statistics of files."""
    lake.sql(f"CREATE TABLE {{t}} (id INT) USING delta TBLPROPERTIES (delta.checkpointInterval = {interval})")
    lake.sql("INSERT INTO {t} VALUES (1)", "INSERT INTO {t} VALUES (2)")
    lake.delta.DeltaLog.clearCache()
    context, jobs = lake.spark.sparkContext, {}
    for rows in (lake.read("t"), lake.read("t").where("id > 1")):
        number = len(jobs)
        context.setJobGroup(f"{interval} {number}", "")
        read = sorted(row.id for row in rows.collect())
        context.setLocalProperty("spark.jobGroup.id", None)
        jobs[number] = read, len(context.statusTracker().getJobIdsForGroup(f"{interval} {number}"))
    assert jobs == {0: ([1, 2], 1), 1: ([2], 2)}


def test_files_of_another_table_are_not_taken_for_a_version_that_was_opened_before(lake):
    """Delta's jobs tell when what they find is not what the version is said to have; so does what replays."""
    for name, value in (("t", "1 AS id"), ("u", "'x' AS name")):
        lake.sql(f"CREATE TABLE {{{name}}} USING delta AS SELECT {value}")
    opened = lake.spark.read.format("delta").option("versionAsOf", 0).load(lake.path("t"))
    shutil.rmtree(lake.path("t"))
    pathlib.Path(lake.path("u")).rename(lake.path("t"))
    with pytest.raises(Exception, match=r"DELTA_STATE_RECOVER_ERROR|recover"):
        opened.collect()
