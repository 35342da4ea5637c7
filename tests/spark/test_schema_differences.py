"""Where a table that has rows does not become all that its changed definition says (§4.6)."""

from __future__ import annotations

import json

import pytest
from deltalake import DeltaTable

SOURCE = """
import dlt
from pyspark.sql.types import LongType, StructField, StructType

added = [StructField("n", LongType(), True, {{"unit": "pieces"}})][:{more}]

@dlt.table(schema="{ordered}")
def ordered():
    return spark.readStream.table("ev").selectExpr("id", "id AS a")

@dlt.table(schema=StructType([StructField("id", LongType(), True, {{"unit": "none"}}), *added]))
def measured():
    return spark.readStream.table("ev").selectExpr("id", "id AS n").select("id", *[f.name for f in added])

@dlt.table(schema="{strict}")
def strict():
    return spark.read.table("ev").selectExpr("id", "id AS n")
"""


@pytest.mark.parity(
    "differs", "4.6", "Columns of a declared schema in another order", "an existing table keeps its order"
)
@pytest.mark.parity(
    "differs", "4.6", "Metadata of a StructType on a column that an existing table gets",
    "lost, but for comments and defaults; the columns that it is created with keep theirs",
)  # fmt: skip
@pytest.mark.parity(
    "differs", "4.6", "A materialized view gets a stricter schema: NOT NULL, identities, fewer columns",
    "in several commits, between which readers see it empty; where its query fails it is what it was",
)  # fmt: skip
def test_what_a_table_with_rows_does_not_get_at_once(pipeline):
    p = pipeline(SOURCE.format(more=0, ordered="id BIGINT, a BIGINT", strict="id BIGINT NOT NULL, n BIGINT"))
    p.feed("ev", [{"id": 1}])
    assert {d.error for d in p.update().datasets} == {None}
    changed = {"ordered": "a BIGINT, id BIGINT", "strict": "id BIGINT NOT NULL, n BIGINT NOT NULL"}
    (p.sources[0] / "pipeline.py").write_text(SOURCE.format(more=1, **changed))
    assert ({d.error for d in p.update().datasets}, p.plan().setup) == ({None}, ())
    fields = {n: json.loads(p.storage.state(f"main.default.{n}").schema_json)["fields"]
              for n in ("ordered", "measured", "strict")}  # fmt: skip
    assert [f["name"] for f in fields["ordered"]] == ["id", "a"]
    assert [f["metadata"] for f in fields["measured"]] == [{"unit": "none"}, {}]
    assert [f["nullable"] for f in fields["strict"]] == [False, False]
    path, newest = p.storage.table("main.default.strict"), p.version("strict")
    rows = [DeltaTable(path, version=v).to_pyarrow_table().num_rows for v in range(newest + 1)]
    assert (rows[:2], 0 in rows[2:], rows[-1]) == ([0, 1], True, 1)
