"""Functions that look at data: their tables become tables like any other, right before the first write."""

import json
import shutil

import pytest

from weir.model.settings import Selection

LOOKING = """
import dlt
many = {"table_properties": {"quality": "gold"}, "comment": "counted", "cluster_by": ["id"]}

@dlt.table(schema="id BIGINT NOT NULL, name STRING MASK rules.hide", **many)
def batch():
    df = spark.read.table("ev")
    assert df.count() > 0
    return df

@dlt.table(comment="streamed")
def stream():
    assert spark.read.table("ev").count() > 0
    return spark.readStream.table("ev")

@dlt.table
def below():
    return dlt.read_stream("stream").selectExpr("id", "id * 2 AS twice")
"""


@pytest.mark.parity(
    "same", "1.3", "A function that looks at data gets its table's properties, masks, kind and full refresh"
)
def test_a_function_that_looks_at_data_makes_a_table_like_any_other(pipeline):
    p = pipeline(LOOKING)
    p.feed("ev", [{"id": 1, "name": "a"}])
    result = p.update().by_name()
    assert {n.rpartition(".")[2]: (d.kind, d.error, d.rows_written) for n, d in result.items()} == {
        "batch": ("materialized_view", None, 1),
        "stream": ("streaming_table", None, 1),
        "below": ("streaming_table", None, 1),
    }
    batch, stream = (p.storage.state(f"main.default.{n}") for n in ("batch", "stream"))
    assert (batch.comment, batch.properties["quality"], batch.properties["weir.kind"]) == (
        "counted", "gold", "materialized_view",
    )  # fmt: skip
    assert "hide" in json.dumps(dict(batch.properties))
    assert [f["nullable"] for f in json.loads(batch.schema_json)["fields"]] == [False, True]
    assert (stream.comment, stream.properties["weir.kind"]) == ("streamed", "streaming_table")
    assert {d.name: d.error for d in p.update(Selection(full_refresh_all=True)).datasets if d.error} == {}
    assert (len(p.rows("batch")), p.rows("stream"), len(p.rows("below"))) == (1, [{"id": 1, "name": "a"}], 1)


ONCE = """
import dlt
from pyspark.sql import functions as F

@dlt.table
def known():
    old = spark.read.table("old")
    return old.withColumn("least", F.lit(old.select(F.min("id")).first()[0]))

dlt.create_streaming_table("t")

@dlt.append_flow(target="t")
def live():
    return spark.readStream.table("new")

@dlt.append_flow(target="t", once=True)
def looks_itself():
    old = spark.read.table("old")
    assert old.count() > 0
    return old

@dlt.append_flow(target="t", once=True)
def reads_a_table_that_looks():
    return dlt.read("known").selectExpr("-id AS id")
"""


@pytest.mark.parity("same", "4.7", "A once flow whose query looks at data is appended a single time, too")
def test_a_once_flow_that_looks_at_data_takes_no_rows_away(pipeline):
    p = pipeline(ONCE)
    p.feed("old", [{"id": 1}])
    p.feed("new", [{"id": 2}])
    assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    assert [row["id"] for row in p.rows("t", "id")] == [-1, 1, 2]
    p.feed("old", [{"id": 7}])
    p.feed("new", [{"id": 3}])
    assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    assert [row["id"] for row in p.rows("t", "id")] == [-1, 1, 2, 3]
    p.update(Selection(full_refresh=frozenset({"t"})))
    assert [row["id"] for row in p.rows("t", "id")] == [-7, -1, 1, 2, 3, 7]


AGAIN = """
import dlt

def looked(df):
    assert spark.read.table("ev").count() > 0
    return df

@dlt.table
def files():
    return looked(spark.readStream.format("cloudFiles").option("cloudFiles.format", "text").load(spark.conf.get("in")))

dlt.create_streaming_table("versions")

def next_version(latest):
    return None if latest else (looked(spark.range(1)), 1)

dlt.create_auto_cdc_from_snapshot_flow("versions", next_version, ["id"], stored_as_scd_type=1)
"""


@pytest.mark.parity(
    "same", "4.5", "A table that was dropped reads all again, also where its function looks at data"
)
def test_a_dropped_table_reads_all_again_at_once(pipeline, tmp_path):
    p = pipeline(AGAIN, configuration={"in": str(tmp_path / "in")})
    p.feed("ev", [{"id": 1}])
    (tmp_path / "in").mkdir()
    for n in (1, 2):
        (tmp_path / f"in/{n}.txt").write_text(f"{n}")
        assert [d.error for d in p.update().datasets if d.error] == []
        assert p.rows("files", "value") == [{"value": str(i)} for i in range(1, n + 1)]
        assert p.rows("versions") == [{"id": 0}]
        for name in ("files", "versions"):
            shutil.rmtree(p.storage.table(f"main.default.{name}"))
