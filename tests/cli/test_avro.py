"""Avro is read by Auto Loader, by Spark and from SQL; its jar comes with the pipeline that names it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from weir.testing import rows_of

WEIR = Path(sys.executable).with_name("weir")
SYNC = bytes(range(16))
PYTHON = """
import dlt

@dlt.table
def loaded():
    return (
        spark.readStream.format("cloudFiles").option("cloudFiles.format", "avro")
        .option("cloudFiles.useNotifications", True).load("/Volumes/main/raw/in")
    )

@dlt.table
def read():
    return spark.read.format("avro").load("/Volumes/main/raw/in")
"""
SQL = "CREATE MATERIALIZED VIEW named AS SELECT * FROM avro.`/Volumes/main/raw/in`"


def number(value):
    """A long of Avro: zigzag, seven bits a byte."""
    rest, written = (value << 1) ^ (value >> 63), b""
    while rest > 0x7F:
        written, rest = written + bytes([rest & 0x7F | 0x80]), rest >> 7
    return written + bytes([rest])


def text(value):
    return number(len(value)) + value


def write_avro(file, rows, *, number_type="long", text_name="name"):
    """A container file of one block: a number, and a text that may be missing."""
    fields = [{"name": "id", "type": number_type}, {"name": text_name, "type": ["null", "string"]}]
    schema = {"type": "record", "name": "order", "fields": fields}
    meta = {b"avro.schema": json.dumps(schema).encode(), b"avro.codec": b"null"}
    head = number(len(meta)) + b"".join(text(k) + text(v) for k, v in meta.items()) + number(0)
    data = b"".join(
        number(i) + (number(0) if name is None else number(1) + text(name.encode())) for i, name in rows
    )
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"Obj\x01" + head + SYNC + number(len(rows)) + text(data) + SYNC)


def run(folder, *sources):
    command = [WEIR, "run", *sources, "--map", f"/Volumes/main/raw={folder}", "--json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parity("same", "7", "avro, by Auto Loader, spark.read and in SQL by its path")
def test_avro_is_read(warm, tmp_path):
    (tmp_path / "p.py").write_text(PYTHON)
    (tmp_path / "q.sql").write_text(SQL)
    write_avro(tmp_path / "in/a.avro", [(1, "Ada"), (2, None)])
    write_avro(tmp_path / "in/b.avro", [(300, "Bob")])
    ran = run(tmp_path, "p.py", "q.sql")
    assert (ran.returncode, "cloudFiles.useNotifications" in ran.stderr) == (0, True), ran.stdout + ran.stderr
    tables, rows = tmp_path / ".weir/tables/main/default", [(1, "Ada"), (2, None), (300, "Bob")]
    for table in ("loaded", "read", "named"):
        assert [(row["id"], row["name"]) for row in rows_of(tables / table, "id")] == rows


OTHERS = """
import dlt

def files(mode):
    reader = spark.readStream.format("cloudFiles").option("cloudFiles.format", "avro")
    return reader.option("cloudFiles.schemaEvolutionMode", mode).load("/Volumes/main/raw/in")

@dlt.table
def grown():
    return files("addNewColumns")

@dlt.table
def kept():
    return files("rescue")

@dlt.table
def at_once():
    return spark.sql("SELECT * FROM read_files('/Volumes/main/raw/in', format => 'avro')")
"""


@pytest.mark.parity("same", "7.3", "Avro files with other schemas, several of them new at a time, are merged")
def test_files_with_other_schemas_are_merged(warm, tmp_path):
    (tmp_path / "p.py").write_text(OTHERS)
    tables = tmp_path / ".weir/tables/main/default"

    def shown(table):
        return [{k: v for k, v in row.items() if v is not None} for row in rows_of(tables / table, "id")]

    write_avro(tmp_path / "in/1.avro", [(1, "Ada")], number_type="int")
    write_avro(tmp_path / "in/2.avro", [(2, "Rome")], text_name="city")
    ran = run(tmp_path, "p.py")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    first = [{"id": 1, "name": "Ada"}, {"id": 2, "city": "Rome"}]
    assert [shown(table) for table in ("grown", "kept", "at_once")] == [first] * 3
    write_avro(tmp_path / "in/3.avro", [(3, None)], number_type="int")
    write_avro(tmp_path / "in/4.avro", [(4, "x")], text_name="more")
    ran = run(tmp_path, "p.py")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    rest = json.dumps({"more": "x", "_file_path": f"file:{tmp_path}/in/4.avro"}, separators=(",", ":"))
    assert shown("grown") == shown("at_once") == [*first, {"id": 3}, {"id": 4, "more": "x"}]
    assert shown("kept") == [*first, {"id": 3}, {"id": 4, "_rescued_data": rest}]
