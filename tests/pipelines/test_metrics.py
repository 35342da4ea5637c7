"""The quality of tables, column by column, on tables that are given."""

from __future__ import annotations

import datetime as dt

from expectations.health import Watched
from pipelines.comun.measurements import measurements
from pipelines.comun.metrics import METRICS, metrics

NOW = dt.datetime.now(dt.UTC)


def test_one_column_is_not_lost_in_the_average_of_all(spark):
    came = [NOW - dt.timedelta(hours=hours) for hours in (5, 3)]
    rows = [(1, None, came[0]), (2, "x", came[1])]
    spark.createDataFrame(rows, "id INT, name STRING, came TIMESTAMP").createOrReplaceTempView("pets")
    spark.createDataFrame([], "id INT, came TIMESTAMP").createOrReplaceTempView("nothing")
    watched = [Watched("pets", ("id", "name"), "came", ()), Watched("nothing", ("id",), "came", ())]
    found = metrics(measurements(watched), {"pets", "nothing"})
    assert found.schema.names == [line.split()[0] for line in METRICS.strip().splitlines()]
    told = {(r.metric_type, r.table_name, r.column_name): r for r in found.collect()}
    assert {
        key: (r.total_records, r.non_null_records, r.completeness_percentage)
        for key, r in told.items()
        if key[0] == "completeness"
    } == {
        ("completeness", "pets", "id"): (2, 2, 100.0),
        ("completeness", "pets", "name"): (2, 1, 50.0),
        ("completeness", "nothing", "id"): (0, 0, None),
    }
    fresh = {name: r.hours_since_update for (kind, name, _), r in told.items() if kind == "freshness"}
    assert fresh == {"pets": fresh["pets"], "nothing": None}
    assert 3 <= fresh["pets"] < 3.5
    assert len(told) == 5
