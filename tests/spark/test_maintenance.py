"""Maintenance on real tables: rows go, files go, and whoever reads them goes on as if nothing had happened."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from deploy import maintain as job
from weir.model.problems import WeirError
from weir.plan.maintenance import MaintenanceRequest
from weir.run.lake.lock import update_lock
from weir.testing import PipelineUnderTest, write_sources

TODAY = dt.date(2026, 6, 1)
SKIPPING = ".option('skipChangeCommits', 'true')"
AT_ONCE = MaintenanceRequest(TODAY, frozenset({"bronze"}))
BRONZE = """
import dlt

@dlt.table(
    table_properties={
        "retention.period": "1 year",
        "retention.column": "at",
        "pipelines.autoOptimize.zOrderCols": "id",
        "delta.deletedFileRetentionDuration": "interval HOURS hours",
    }
)
def bronze():
    return spark.readStream.table("events")
"""
ABOVE = """
@dlt.table(table_properties={"pipelines.autoOptimize.managed": "false"})
def silver():
    return spark.readStreamOPTIONS.table("bronze").select("id")

@dlt.table(table_properties={"pipelines.autoOptimize.zOrderCols": "n"})
def gold():
    return spark.sql("SELECT count(*) AS n FROM silver")
"""
USERS = """
import dlt
dlt.create_streaming_table("users", table_properties={"delta.deletedFileRetentionDuration": "interval 0 hours"})
dlt.apply_changes(target="users", source="changes", keys=["name"], sequence_by="at")

@dlt.view
def changes():
    return spark.readStream.table("events")
"""


def source(options=""):
    return BRONZE.replace("HOURS", "0") + ABOVE.replace("OPTIONS", options)


def event(number, year):
    return {"id": number, "name": f"n{number % 3}", "at": dt.datetime(year, 6, 1, tzinfo=dt.UTC)}


def steps(found):
    """Table -> statements taken, without the paths, and what they took away."""
    return {
        kept.upkeep.table.rpartition(".")[2]: {
            d.step.statement.replace(f"delta.`{place(kept)}`", "t"): d.count for d in kept.steps
        }
        for kept in found
    }


def place(kept):
    return kept.upkeep.steps[0].statement.partition("`")[2].partition("`")[0]


def held(found):
    return [(kept.upkeep.table, str(h.task), h.why) for kept in found for h in kept.upkeep.hindrances]


def states(result):
    return {d.name.rpartition(".")[2]: str(d.state) for d in result.datasets}


def rewrite(p, text):
    (p.sources[0] / "pipeline.py").write_text(text)


@pytest.mark.parity(
    "differs",
    "1.3",
    "pipelines.autoOptimize.managed and zOrderCols, VACUUM",
    "files are compacted and removed when `weir maintain` runs, not automatically",
)
@pytest.mark.parity("same", "4.4", "OPTIMIZE and VACUUM of the source are no changes to a stream")
@pytest.mark.long(
    "spark/test_maintenance.py::test_the_job_on_databricks_does_the_same_by_the_properties_in_the_catalog"
)
def test_rows_past_their_time_go_and_streams_and_views_do_not_notice(pipeline):
    p = pipeline(source())
    for number, year in enumerate((2020, 2026)):
        p.feed("events", [event(number, year), event(number + 10, 2026)])
        p.update()

    # A stream that would stop keeps the rows, and is named.
    cure = "let it skip such commits: .option('skipChangeCommits', 'true') on the reader"
    why = f"the flow main.default.silver streams from it and would fail or read rows again; {cure}"
    unmanaged = ("main.default.silver", "optimize", "pipelines.autoOptimize.managed is false")
    assert held(p.maintain(AT_ONCE, dry_run=True)) == [("main.default.bronze", "delete", why), unmanaged]

    # With the cure it says what will be done, and writes nothing.
    rewrite(p, source(SKIPPING))
    before = [p.version(table) for table in ("bronze", "silver", "gold")]
    foretold = p.maintain(AT_ONCE, dry_run=True)
    assert held(foretold) == [unmanaged]
    assert steps(foretold)["bronze"] == {
        "DELETE FROM t WHERE `at` < DATE '2025-06-01'": 1,
        "OPTIMIZE t ZORDER BY (`id`)": None,
        "VACUUM t RETAIN 0 HOURS": 0,
    }
    assert [p.version(table) for table in ("bronze", "silver", "gold")] == before
    assert all(kept.before == kept.after for kept in foretold)

    # The very steps are taken; the files that they wrote anew go, too.
    taken = p.maintain(AT_ONCE)
    assert [[d.step for d in k.steps] for k in taken] == [[d.step for d in k.steps] for k in foretold]
    assert list(steps(taken)["bronze"].values()) == [1, None, 3]
    assert [(k.before.files_on_disk, k.after.files, k.after.files_on_disk) for k in taken] == [
        (2, 1, 1),
        (2, 2, 2),
        (2, 1, 3),
    ]
    assert taken[0].after.bytes_on_disk == taken[0].after.bytes < taken[0].before.bytes
    assert [row["id"] for row in p.rows("bronze")] == [1, 10, 11]

    # The streams go on over the delete, nothing is lost or read twice, and no view is computed for nothing.
    assert (p.plan().notices, states(p.update())["gold"]) == ((), "NO_OP")
    ordered = "no new rows since the last OPTIMIZE"
    assert held(p.maintain(AT_ONCE, dry_run=True)) == [
        ("main.default.bronze", "optimize", ordered),
        unmanaged,
        ("main.default.gold", "optimize", ordered),
    ]
    p.feed("events", [event(7, 2027)])
    assert states(p.update()) == {"bronze": "COMPLETED", "silver": "COMPLETED", "gold": "COMPLETED"}
    assert [row["id"] for row in p.rows("silver")] == [0, 1, 7, 10, 11]
    assert p.rows("gold") == [{"n": 5}]


OTHER = """
import dlt

@dlt.table
def copy():
    return spark.readStream.table("main.default.bronze")

@dlt.table(table_properties={"retention.period": "5 years", "retention.column": "at"})
def years():
    return spark.read.table("main.default.bronze")
"""


def test_streams_and_views_of_another_pipeline_are_known_by_what_they_leave(pipeline, spark, tmp_path):
    p = pipeline(BRONZE.replace("HOURS", "168"))
    p.feed("events", [event(0, 2020), event(1, 2023)])
    p.update()
    other = PipelineUnderTest(spark, tmp_path, [write_sources(tmp_path / "other", OTHER)], name="other")
    assert other.update().exit_code == 0
    p.feed("events", [event(2, 2026)])
    p.update()

    bronze, flow = "main.default.bronze", "main.default.copy"
    years = (bronze, "delete", "kept 5 years instead of 1 year: main.default.years is computed from it")
    unread = (bronze, "vacuum", f"the flow {flow} has not read version 2 yet and needs its files")
    cure = "let it skip such commits: .option('skipChangeCommits', 'true') on the reader"
    stopped = f"the flow {flow} of the pipeline other streams from it and may fail; {cure}, then pass "
    assert held(p.maintain(MaintenanceRequest(TODAY), dry_run=True)) == [
        years,
        (bronze, "delete", f"{stopped}--skips-changes {flow}"),
        unread,
    ]
    assert held(p.maintain(MaintenanceRequest(TODAY), [flow])) == [years, unread]
    assert [row["id"] for row in p.rows("bronze")] == [1, 2]


@pytest.mark.long(
    "spark/test_maintenance.py::test_the_job_on_databricks_does_the_same_by_the_properties_in_the_catalog"
)
def test_few_hours_are_refused_unless_the_table_is_named_and_changes_are_applied_as_ever(pipeline):
    p = pipeline(USERS)
    for year in (2020, 2021):
        p.feed("events", [event(0, year), event(1, year)])
        p.update()
    before = p.version("users")
    with pytest.raises(WeirError) as refused:
        p.maintain(MaintenanceRequest(TODAY))
    (problem,) = refused.value.problems
    assert (problem.condition, problem.origin.line) == ("DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT", 3)
    named, another = (
        MaintenanceRequest(TODAY, frozenset({"users"})),
        update_lock(p.storage.lock("local"), "local"),
    )
    with another, pytest.raises(WeirError, match="UPDATE_ALREADY_RUNNING"):
        p.maintain(named)
    assert p.version("users") == before

    (users,) = p.maintain(named)
    assert (users.error, users.before.files_on_disk > users.after.files_on_disk) == (None, True)
    p.feed("events", [event(3, 2022), event(4, 2019)])
    p.update()
    assert {row["name"]: row["id"] for row in p.rows("users")} == {"n0": 3, "n1": 1}


def test_the_job_on_databricks_does_the_same_by_the_properties_in_the_catalog(spark, capsys):
    kept = {"retention.period": "1 year", "retention.column": "at", "pipelines.autoOptimize.zOrderCols": "id"}
    properties = ", ".join(f"'{key}' = '{value}'" for key, value in kept.items())
    spark.sql("CREATE SCHEMA kept")
    spark.sql(f"CREATE TABLE kept.t (id INT, at DATE) USING delta TBLPROPERTIES ({properties})")
    spark.sql("CREATE TABLE kept.silent (id INT) USING delta")
    spark.sql("INSERT INTO kept.t VALUES (1, DATE '2020-01-01'), (2, DATE '2026-01-01')")
    try:
        arguments = ["--catalog", "spark_catalog", "--now", "2026-06-01"]
        exits = [job.main([*arguments, "--dry-run"]), job.main(arguments)]
        rows = [row.id for row in spark.table("kept.t").collect()]
    finally:
        spark.sql("DROP SCHEMA kept CASCADE")
    dry, real = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    statements = [
        "DELETE FROM `spark_catalog`.`kept`.`t` WHERE `at` < DATE '2025-06-01'",
        "OPTIMIZE `spark_catalog`.`kept`.`t` ZORDER BY (`id`)",
        "VACUUM `spark_catalog`.`kept`.`t` RETAIN 168 HOURS",
    ]
    assert (exits, rows) == ([0, 0], [2])
    assert (dry["table"], real["table"], real["error"]) == (
        "spark_catalog.kept.t",
        "spark_catalog.kept.t",
        None,
    )
    assert dry["steps"] == [
        {"statement": s, "count": c} for s, c in zip(statements, (1, None, 0), strict=True)
    ]
    assert real["steps"] == [
        {"statement": s, "count": c} for s, c in zip(statements, (1, None, None), strict=True)
    ]
    assert (dry["before"], real["before"]["files"], real["after"]["files"]) == (dry["after"], 2, 1)
