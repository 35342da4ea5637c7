"""Maintenance on real tables: rows go, files go, and whoever reads them goes on as if nothing had happened."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from deploy import maintain as job
from weir.model.problems import WeirError
from weir.plan.maintenance import Asked
from weir.run.lock import update_lock
from weir.testing import PipelineUnderTest, write_sources

TODAY = dt.date(2026, 6, 1)
SKIPPING = ".option('skipChangeCommits', 'true')"
AT_ONCE = Asked(TODAY, frozenset({"bronze"}))
ALL_AT_ONCE = Asked(TODAY, frozenset({"bronze", "users"}))
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
@dlt.table
def silver():
    return spark.readStreamOPTIONS.table("bronze").select("id")

@dlt.table(table_properties={"pipelines.autoOptimize.zOrderCols": "n"})
def gold():
    return spark.sql("SELECT count(*) AS n FROM silver")
"""
USERS = """
dlt.create_streaming_table("users", table_properties={"delta.deletedFileRetentionDuration": "interval 0 hours"})
dlt.apply_changes(target="users", source="changes", keys=["name"], sequence_by="at")

@dlt.view
def changes():
    return spark.readStream.table("events")
"""


def source(options="", hours=168, rest=ABOVE):
    return BRONZE.replace("HOURS", str(hours)) + rest.replace("OPTIONS", options)


def event(number, year):
    return {"id": number, "name": f"n{number % 3}", "at": dt.datetime(year, 6, 1, tzinfo=dt.UTC)}


def steps(found):
    """Table -> statements taken, without the paths, and what they took away."""
    return {
        kept.upkeep.table.rpartition(".")[2]: {
            d.step.statement.replace(f"delta.`{place(kept)}`", "t"): d.count for d in kept.done
        }
        for kept in found
    }


def place(kept):
    return kept.upkeep.steps[0].statement.partition("`")[2].partition("`")[0]


def held(found):
    return [(kept.upkeep.table, str(h.task), h.why) for kept in found for h in kept.upkeep.held]


def states(result):
    return {d.name.rpartition(".")[2]: str(d.state) for d in result.datasets}


def rewrite(p, text):
    (p.sources[0] / "pipeline.py").write_text(text)


@pytest.mark.parity(
    "differs",
    "1.3",
    "pipelines.autoOptimize.managed and zOrderCols, VACUUM",
    "files are looked after when `weir maintain` runs, not by themselves",
)
@pytest.mark.parity("same", "4.4", "OPTIMIZE and VACUUM of the source are no changes to a stream")
def test_rows_past_their_time_go_and_streams_and_views_do_not_notice(pipeline):
    p = pipeline(source())
    for number, year in enumerate((2020, 2026)):
        p.feed("events", [event(number, year), event(number + 10, 2026)])
        p.update()

    # A stream that would stop keeps the rows and is named; what can be done is done.
    found = p.maintain(Asked(TODAY))
    cure = "let it pass over such commits: .option('skipChangeCommits', 'true') on the reader"
    why = f"the flow main.default.silver streams from it and would fail or read rows again; {cure}"
    assert held(found) == [("main.default.bronze", "delete", why)]
    assert steps(found)["bronze"] == {"OPTIMIZE t ZORDER BY (`id`)": None, "VACUUM t RETAIN 168 HOURS": 0}
    assert [(k.before.files, k.after.files) for k in found] == [(2, 1), (2, 1), (1, 1)]

    # With the cure, and hours with which a test can see files go, a dry run tells and writes nothing.
    rewrite(p, source(SKIPPING, 0))
    assert states(p.update()) == {"bronze": "COMPLETED", "silver": "COMPLETED", "gold": "NO_OP"}
    before = [p.version(table) for table in ("bronze", "silver", "gold")]
    foretold = p.maintain(AT_ONCE, dry_run=True)
    ordered = "in order: no rows have come since"
    assert held(foretold) == [(f"main.default.{t}", "optimize", ordered) for t in ("bronze", "gold")]
    assert steps(foretold)["bronze"] == {
        "DELETE FROM t WHERE `at` < DATE '2025-06-01'": 1,
        "VACUUM t RETAIN 0 HOURS": 2,
    }
    assert [p.version(table) for table in ("bronze", "silver", "gold")] == before
    assert all(kept.before == kept.after for kept in foretold)

    # The very steps are taken.
    taken = p.maintain(AT_ONCE)
    assert [[d.step for d in k.done] for k in taken] == [[d.step for d in k.done] for k in foretold]
    assert (steps(taken)["bronze"]["VACUUM t RETAIN 0 HOURS"], taken[0].before.files_on_disk) == (3, 3)
    assert (taken[0].after.files_on_disk, taken[0].after.bytes_on_disk) == (1, taken[0].after.bytes)
    assert [row["id"] for row in p.rows("bronze")] == [1, 10, 11]

    # The streams go on over the delete, nothing is lost or read twice, and no view is computed for nothing.
    assert (p.plan().notices, states(p.update())["gold"]) == ((), "NO_OP")
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
    p = pipeline(source(rest=""))
    p.feed("events", [event(0, 2020), event(1, 2023)])
    p.update()
    other = PipelineUnderTest(spark, tmp_path, [write_sources(tmp_path / "other", OTHER)], name="other")
    assert other.update().exit_code == 0
    p.feed("events", [event(2, 2026)])
    p.update()

    bronze, flow = "main.default.bronze", "main.default.copy"
    years = (bronze, "delete", "kept 5 years instead of 1 year: main.default.years is computed from it")
    unread = (bronze, "vacuum", f"the flow {flow} has not read version 2 yet and needs its files")
    cure = "let it pass over such commits: .option('skipChangeCommits', 'true') on the reader"
    stopped = f"the flow {flow} of the pipeline other streams from it and may fail; {cure}, then say so: "
    assert held(p.maintain(Asked(TODAY), dry_run=True)) == [
        years,
        (bronze, "delete", f"{stopped}--skips-changes {flow}"),
        unread,
    ]
    assert held(p.maintain(Asked(TODAY), [flow])) == [years, unread]
    assert [row["id"] for row in p.rows("bronze")] == [1, 2]


def test_what_is_wrong_is_told_before_a_table_is_touched_and_changes_are_applied_as_ever(pipeline):
    p = pipeline(source(hours=1, rest=USERS))
    p.feed("events", [event(0, 2020), event(1, 2020)])
    p.update()
    with pytest.raises(WeirError) as refused:
        p.maintain(AT_ONCE)
    assert [(x.condition, x.origin.line) for x in refused.value.problems] == [
        ("DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT", 15)
    ]
    held_by_another = update_lock(p.storage.lock("local"), "local")
    with held_by_another, pytest.raises(WeirError, match="UPDATE_ALREADY_RUNNING"):
        p.maintain(ALL_AT_ONCE)
    assert (p.version("bronze"), len(p.rows("bronze"))) == (1, 2)

    p.feed("events", [event(3, 2021)])
    p.update()
    users = p.maintain(ALL_AT_ONCE)[1]
    assert (users.upkeep.table, users.error, users.after.files) == ("main.default.users", None, 1)
    p.feed("events", [event(4, 2022), event(6, 2019)])
    p.update()
    assert {row["name"]: row["id"] for row in p.rows("users")} == {"n0": 3, "n1": 4}


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
