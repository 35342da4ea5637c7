"""Wherever a stream begins, it reads each row of a table once: versions of one that only grew, else the table."""

from __future__ import annotations

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from weir.run.code.delta_streams import beginning
from weir.run.code.reads import remember

SOURCE = """
import dlt

def reads(name, query):
    dlt.table(name=name)(query)

for kind in ("appended", "deleted", "overwritten", "compacted", "widened", "made_empty"):
    reads(kind, lambda kind=kind: spark.readStream.table(f"raw.{kind}"))
reads("told", lambda: spark.readStream.option("maxFilesPerTrigger", 1).table("raw.appended"))

@dlt.table
def by_one_reader():
    reader = spark.readStream
    first = reader.table("raw.appended")
    return first.unionByName(reader.table("raw.deleted"))

@dlt.table
def below():
    return dlt.read_stream("appended")
"""


def rows(*ids):
    return pa.table({"id": ids})


def grow(table, *batches):
    for ids in batches:
        write_deltalake(table, rows(*ids), mode="append", schema_mode="merge")


def delete(table):
    grow(table, (1, 2), (3,))
    DeltaTable(table).delete("id = 1")


def overwrite(table):
    grow(table, (1,))
    write_deltalake(table, rows(2), mode="overwrite")


def compact(table):
    grow(table, (1,), (2,))
    DeltaTable(table).optimize.compact()
    DeltaTable(table).vacuum(0, dry_run=False, enforce_retention_duration=False)


def widen(table):
    grow(table, (1,))
    write_deltalake(table, pa.table({"id": [2], "more": ["x"]}), mode="append", schema_mode="merge")


HISTORIES = {
    "appended": (lambda table: grow(table, (1,), (2, 3)), [1, 2, 3]),
    "deleted": (delete, [2, 3]),
    "overwritten": (overwrite, [2]),
    "compacted": (compact, [1, 2]),
    "widened": (widen, [1, 2]),
    "made_empty": (lambda table: DeltaTable.create(table, rows(1).schema), []),
}


@pytest.mark.parity(
    "same", "4.4", "A new stream reads all rows of a table once, whatever the table's history"
)
def test_a_new_stream_reads_each_row_once_and_then_what_is_new(pipeline):
    p = pipeline(SOURCE)
    for kind, (make, _) in HISTORIES.items():
        table = p.folder / "raw" / kind
        make(table)
        p.outside[f"main.raw.{kind}"] = str(table)
    read = {kind: ids for kind, (_, ids) in HISTORIES.items()}
    read |= {"told": [1, 2, 3], "below": [1, 2, 3], "by_one_reader": [1, 2, 2, 3, 3]}
    assert p.update().state == "COMPLETED"
    assert {name: [r["id"] for r in p.rows(name, "id")] for name in read} == read

    for kind in HISTORIES:
        grow(p.folder / "raw" / kind, (9,))
    assert p.update().state == "COMPLETED"
    new = {name: [9, 9] if name == "by_one_reader" else [9] for name in read}
    assert {name: [r["id"] for r in p.rows(name, "id")] for name in read} == {
        n: read[n] + new[n] for n in read
    }


GREW = {"appended", "made_empty"}


def test_only_a_table_that_grew_is_read_by_its_versions(spark, tmp_path):
    for kind, (make, _) in HISTORIES.items():
        make(tmp_path / kind)
    nothing_said, told = spark.readStream, spark.readStream
    remember(told, {"maxFilesPerTrigger": 1})
    kept = {kind: beginning(spark, nothing_said, tmp_path / kind) is nothing_said for kind in HISTORIES}
    assert kept == {kind: kind not in GREW for kind in HISTORIES}
    assert beginning(spark, told, tmp_path / "appended") is told
    grow(tmp_path / "appended", *((n,) for n in range(10)))
    assert beginning(spark, nothing_said, tmp_path / "appended") is nothing_said, "many commits"
    grow(tmp_path / "cleaned", (1,), (2,))
    (tmp_path / "cleaned" / "_delta_log" / f"{0:020}.json").unlink()
    assert beginning(spark, nothing_said, tmp_path / "cleaned") is nothing_said, "forgotten commits"
