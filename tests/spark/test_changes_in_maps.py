"""A change of a value within a map, or beside one in a struct, is a change; the order of a map's entries is none."""

import pytest

SOURCE = """
import dlt

COLUMNS = [
    "id", "at", "map('k', timestamp_micros(n)) AS m",
    "struct(array(map('k', 1)) AS maps, timestamp_micros(n) AS t, IF(n = 1000, NULL, struct(map('a', n) AS m)) AS s) AS s",
    "IF(at % 2 = 0, map('a', map(1, 2, 3, 4)), map('a', map(3, 4, 1, 2))) AS o",
]

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
def test_values_in_maps_are_compared_exactly(pipeline):
    p = pipeline(SOURCE)
    for at, n in ((1, 1000), (2, 1001), (3, 1001)):
        p.feed("fed", [{"id": 1, "at": at, "n": n}])
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
