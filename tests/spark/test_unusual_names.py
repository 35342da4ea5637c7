"""A pipeline in which everything has an unusual name, in a folder that has one, too: all verbs, two updates."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from weir.cli import weir
from weir.model.problems import WeirError
from weir.model.settings import Selection
from weir.plan.maintenance import MaintenanceRequest
from weir.run.lake.storage import Storage
from weir.testing import PipelineUnderTest, as_group, rows_of, write_sources

FOLDER = 'josé/mi carpeta 100% #1/it\'s "a" `b` $x & +y; ~z'
LONG = "ñ" * 255
TOPICS = ("from topic A", "..", "a/b", "f" * 300)
SOURCE = f"""
import dlt

@dlt.view(name="`la vista`")
def cleaned():
    return spark.readStream.table("`mi origen`")

@dlt.table(name="campañas", table_properties={{"retention.period": "2 years", "retention.column": "at"}})
def campaigns():
    return dlt.read_stream("`la vista`")

@dlt.table(name="`mi tabla`", cluster_by=["id"])
def mine():
    return spark.sql("SELECT * FROM STREAM(`campañas`)")

@dlt.table(name="`a.b`")
def dotted():
    return spark.sql("SELECT `mi tabla`.id FROM `mi tabla` JOIN LIVE.`Select` ON `Select`.id = `mi tabla`.id")

@dlt.table(name="`Select`")
def reserved():
    return spark.read.table("main.default.campañas")

@dlt.table(name="`{LONG}`", schema="id BIGINT, at DATE, y INT GENERATED ALWAYS AS (year(at))")
def long():
    return dlt.read_stream("campañas").select("id", "at")

@dlt.table
def VENTAS():
    return dlt.read("`{LONG}`")

dlt.create_streaming_table("`todo: x`")
for topic in {TOPICS!r}:
    dlt.append_flow(target="`todo: x`", name=topic)(lambda: dlt.read_stream("campañas"))

@dlt.append_flow(target="`todo: x`", name="backfill 2023", once=True)
def backfill():
    return spark.read.table("`mi origen`")

dlt.create_streaming_table("`los cambios`")
dlt.apply_changes("`los cambios`", "campañas", ["id"], "at", stored_as_scd_type=2, flow_name="cdc/ñ")

dlt.create_sink("`al lado`", "delta", {{"tableName": "main.`mi esquema`.`al lado`"}})
dlt.append_flow(target="`al lado`", name="hacia `al lado`")(lambda: dlt.read_stream("campañas"))
"""


def names(*tables):
    return [f"main.default.{t}" for t in tables]


ALL = names(LONG, "`a.b`", "campañas", "`los cambios`", "`mi tabla`", "select", "`todo: x`", "ventas")


@pytest.fixture(scope="module")
def odd(spark, tmp_path_factory):
    """The pipeline after two updates, of which the second brought a row."""
    folder = tmp_path_factory.mktemp("names") / FOLDER
    p = PipelineUnderTest(spark, folder, [write_sources(folder / "las fuentes", SOURCE)], name="[dev] ñ/..")
    for number in (1, 2):
        p.feed("`mi origen`", [{"id": number, "at": dt.date(2020 + number, 1, 1)}])
        assert p.update().exit_code == 0
    return p


def call(p, *arguments):
    given = [*arguments, "--storage", str(p.storage.root), "--json"]
    result = CliRunner().invoke(weir, given, catch_exceptions=False)
    assert result.exit_code == 0, result.stdout
    return json.loads(result.stdout)


@pytest.mark.parity(
    "differs",
    "1.3",
    "Names that Unity Catalog refuses",
    "blanks and dots are accepted in backquotes; the rest is refused with its place",
)
def test_each_update_moves_what_is_new(odd):
    rows = {name: sorted(r["id"] for r in odd.rows(name)) for name in ALL}
    flows = len(TOPICS)
    assert rows == {
        **{name: [1, 2] for name in ALL},
        "main.default.`todo: x`": [1] * (flows + 1) + [2] * flows,
    }
    assert sorted(r["id"] for r in odd.rows("main.`mi esquema`.`al lado`")) == [1, 2]


def test_the_third_has_nothing_left_to_say(odd):
    plan = odd.plan()
    assert (plan.setup, plan.notices) == ((), ())
    assert {s.why for s in plan.flows if s.flow_name.endswith(("`", "f"))} == {
        "continues at its checkpoint",
        "has been processed by a previous update",
        "leave: nothing new in main.default.`mi tabla` 2, main.default.select 2, "
        "unless main.default.`mi tabla` or main.default.select changes until then",
        "applies changes; continues at its checkpoint",
    }


def test_tables_are_listed_and_shown_under_their_names(odd):
    tables = {t["name"]: t for t in call(odd, "list")["tables"]}
    system = names() + [f"main.system.{t}" for t in ("audit_log", "column_lineage", "data_lineage")]
    assert sorted(tables) == sorted([*ALL, "main.`mi esquema`.`al lado`", *system])
    assert {tables[name]["pipeline"] for name in ALL} == {"[dev] ñ/.."}
    assert not any(t["inactive"] for t in tables.values())
    for typed in ("mi tabla", "`mi tabla`", "default.mi tabla", "Campañas", "a.b", "SELECT", LONG.upper()):
        assert len(call(odd, "show", typed)["rows"]) == 2


def test_the_past_is_told_under_their_names(odd):
    told = call(odd, "lineage", "a.b")["from"]
    assert [(e["source"], e["flow"]) for e in told if e["target"] == "main.default.`a.b`"] == [
        ("main.default.`mi tabla`", "main.default.`a.b`"),
        ("main.default.select", "main.default.`a.b`"),
    ]
    column = call(odd, "lineage", "default.mi tabla.ID")["from"]
    assert column[0]["source"] == "main.default.`mi origen`.id"
    flows = {e["origin"].get("flow_name") for e in call(odd, "events", "[dev] ñ/..", "-n", "1000")["events"]}
    assert {"main.default.`from topic a`", "main.default.`..`", "main.default.`cdc/ñ`"} <= flows
    assert call(odd, "quality", "[dev] ñ/..")["rules"] == []


@pytest.mark.long(
    "spark/test_maintenance.py::test_the_job_on_databricks_does_the_same_by_the_properties_in_the_catalog"
)
def test_rows_past_their_time_and_files_go(odd):
    kept = {k.upkeep.table: k for k in odd.maintain(MaintenanceRequest(dt.date(2023, 6, 1)))}
    assert sorted(kept) == sorted(ALL)
    assert {k.error for k in kept.values()} == {None}
    held = [str(h.task) for k in kept.values() for h in k.upkeep.hindrances]
    assert set(held) == {"delete"}  # streams read the table: no VACUUM is held back


@pytest.mark.long("spark/test_unusual_names.py::test_each_update_moves_what_is_new")
def test_a_full_refresh_leaves_checkpoints_behind_that_reset_removes(odd):
    assert odd.update(Selection(full_refresh=frozenset({"todo: x", "LOS CAMBIOS"}))).exit_code == 0
    assert len(odd.rows("`todo: x`")) == 2 * (len(TOPICS) + 1)
    removed = call(odd, "reset", "todo: x", "--name", "[dev] ñ/..")["removed"]
    assert len(removed) == len(TOPICS)
    assert len(call(odd, "reset", "--name", "[dev] ñ/..")["removed"]) == 2


@pytest.mark.long("spark/test_unusual_names.py::test_each_update_moves_what_is_new")
def test_a_jvm_finds_folders_with_accents_in_any_locale(tmp_path):
    folder = tmp_path / "josé"
    source = "import dlt\n@dlt.table(name='campañas')\ndef t():\n    return spark.range(2)\n"
    write_sources(folder, {"p.py": source})
    run = [sys.executable, "-c", "from weir.cli import main; main()", "run", "p.py", "--json"]
    done = subprocess.run(
        run, cwd=folder, env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(rows_of(Storage(folder / ".weir").table("main.default.campañas"))) == 2
    assert [f.name for f in tmp_path.iterdir()] == ["josé"]


BUNDLE = """
bundle: {name: odd}
resources:
  schemas:
    s: {catalog_name: Main, name: Default, grants: [{principal: analysts, privileges: [USE_SCHEMA, SELECT]}]}
"""


def test_a_group_reads_by_these_names(odd, spark):
    (odd.folder / "databricks.yml").write_text(BUNDLE)
    with as_group("analysts", spark=spark, storage=odd.storage.root, folder=odd.folder) as session:
        assert session.table("`Mi Tabla`").count() == 2
        assert session.table("`a.b`@v1").count() == 1
        text = f"SELECT `a.b`.id FROM `a.b` JOIN main.default.`{LONG}` l ON l.id = `a.b`.id"
        assert session.sql(text).count() == 2
        with pytest.raises(WeirError, match="INSUFFICIENT_PERMISSIONS"):
            session.table("`mi esquema`.`al lado`")
