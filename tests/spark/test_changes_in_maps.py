"""A change of a value within a map, or beside one in a struct, is a change; the order of a map's entries is none."""

import pytest
from pyspark.sql import functions as F

from tests.changes import shown
from weir.run.frames.changes.history import compared

COLUMNS = (
    "id", "at", "map('k', timestamp_micros(n)) AS m",
    "struct(array(map('k', 1)) AS maps, timestamp_micros(n) AS t, IF(n = 1000, NULL, struct(map('a', n) AS m)) AS s) AS s",
    "IF(at % 2 = 0, map('a', map(1, 2, 3, 4)), map('a', map(3, 4, 1, 2))) AS o",
)  # fmt: skip
CHANGES = [{"id": 1, "at": at, "n": n} for at, n in ((1, 1000), (2, 1001), (3, 1001))]
SOURCE = """
import dlt

COLUMNS = {columns}

@dlt.view
def changes():
    return spark.readStream.table("fed").selectExpr(*COLUMNS)

@dlt.view
def latest():
    return spark.sql("SELECT id, max(at) AS at, max_by(n, at) AS n FROM fed GROUP BY id").selectExpr(*COLUMNS).drop("at")

for kind in (1, 2):
    dlt.create_streaming_table(f"changed{kind}")
    dlt.apply_changes(f"changed{kind}", "changes", ["id"], "at", except_column_list=["at"], stored_as_scd_type=kind)
    dlt.create_streaming_table(f"shot{kind}")
    dlt.apply_changes_from_snapshot(f"shot{kind}", "latest", ["id"], kind)
"""


@pytest.mark.parity(
    "same", "3.4", "A change within a map or beside one is a change, whatever its entries' order"
)
def test_values_in_maps_are_compared_exactly(spark):
    rows = spark.createDataFrame(CHANGES, "id INT, at INT, n INT").selectExpr(*COLUMNS)
    history = """
import dlt
dlt.create_streaming_table("t")
dlt.apply_changes("t", "s", ["id"], "at", except_column_list=["at"], stored_as_scd_type=2)
"""
    versions = shown(history, "t", [rows])
    assert [(row[1]["k"].microsecond, row[-2], row[-1]) for row in versions] == [
        (1000, 1, 2),
        (1001, 2, None),
    ]
    of_a_key = rows.groupBy("id").agg(
        *(
            F.max_by(F.struct("m", "s", "o"), F.when(F.col("at") <= at, F.col("at"))).alias(f"at{at}")
            for at in (1, 2, 3)
        )
    )
    same = [compared(of_a_key, "at2").eqNullSafe(compared(of_a_key, other)) for other in ("at1", "at3")]
    assert [tuple(row) for row in of_a_key.select(*same).collect()] == [(False, True)]


@pytest.mark.long("spark/test_changes_in_maps.py::test_values_in_maps_are_compared_exactly")
def test_values_in_maps_change_tables_exactly(pipeline):
    p = pipeline(SOURCE.replace("{columns}", repr(COLUMNS)))
    for change in CHANGES:
        p.feed("fed", [change])
        assert {d.name: d.error for d in p.update().datasets if d.error} == {}
    versions = {t: p.rows(t, "s.t") for t in ("changed1", "changed2", "shot1", "shot2")}
    microseconds = {t: [r["s"]["t"].microsecond for r in rows] for t, rows in versions.items()}
    assert microseconds == {
        "changed1": [1001],
        "changed2": [1000, 1001],
        "shot1": [1001],
        "shot2": [1000, 1001],
    }
    assert {t: [r["m"]["k"].microsecond for r in rows] for t, rows in versions.items()} == microseconds
