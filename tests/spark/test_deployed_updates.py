"""deploy/ in a workspace whose pipelines really run: from nothing to what each group sees of the rows."""

from textwrap import dedent

import pytest
import yaml

from deploy import verbs
from weir.testing.workspace import ADMIN, workspace

SOURCE = dedent("""
    import dlt

    @dlt.table(schema="id INT, rescuer STRING MASK gold.hide")
    @dlt.expect("known", "id IS NOT NULL")
    def rescues():
        return spark.createDataFrame([(1, "Ana"), (None, "Eva")], "id INT, rescuer STRING")
""")
HIDE = """USE CATALOG lake;
CREATE OR REPLACE FUNCTION gold.hide(v STRING) RETURNS STRING
RETURN CASE WHEN is_account_group_member('data-engineers') THEN v ELSE 'MASKED' END;
"""
READERS = ["data-engineers", "data-analysts"]
BUNDLE = {
    "bundle": {"name": "shop"},
    "variables": {"catalog": {"default": "lake"}, "warehouse_id": {"lookup": {"warehouse": "bi"}}},
    "targets": {"prod": {"mode": "production", "default": True}},
    "resources": {
        "catalogs": {"lake": {"name": "lake", "grants": [
            {"principal": group, "privileges": ["USE_CATALOG"]} for group in (*READERS, "business-users")]}},
        "schemas": {"gold": {"name": "gold", "catalog_name": "${resources.catalogs.lake.name}", "grants": [
            {"principal": group, "privileges": ["USE_SCHEMA", "SELECT"]} for group in READERS]}},
        "jobs": {"governance": {"name": "governance", "tasks": [{"task_key": "functions", "sql_task": {
            "file": {"path": "functions.sql"}, "warehouse_id": "${var.warehouse_id}"}}]}},
        "alerts": {name: {
            "display_name": name, "query_text": f"SELECT count(*) AS n FROM lake.gold.{table} WHERE id IS NULL",
            "warehouse_id": "${var.warehouse_id}", "schedule": {
                "quartz_cron_schedule": "0 0 * * * ?", "timezone_id": "UTC"},
            "evaluation": {"source": {"name": "n"}, "comparison_operator": how,
                           "threshold": {"value": {"double_value": 0}}}}
            for name, table, how in (("unknown", "rescues", "GREATER_THAN"), ("none", "rescues", "EQUAL"),
                                     ("lost", "nothing", "EQUAL"))},
        "pipelines": {"shop": {"name": "shop", "catalog": "lake", "schema": "gold", "root_path": ".",
                               "libraries": [{"glob": {"include": "sources/**"}}]}},
    },
}  # fmt: skip
BEYOND = {
    "tags": {"gold.rescues.rescuer": {"datos": "personales"}},
    "smoke": {"tables": ["gold.rescues"], "tokens": {g: g.upper() for g in (*READERS, "business-users")}},
}


@pytest.fixture
def shop(spark, tmp_path, monkeypatch):
    """A workspace with a warehouse, and the working directory with the bundle."""
    folder = tmp_path / "bundle"
    (folder / "sources").mkdir(parents=True)
    (folder / "deploy").mkdir()
    (folder / "sources" / "tables.py").write_text(SOURCE)
    (folder / "functions.sql").write_text(HIDE)
    (folder / "databricks.yml").write_text(yaml.safe_dump(BUNDLE))
    (folder / "deploy" / "workspace.yaml").write_text(yaml.safe_dump(BEYOND, sort_keys=False))
    monkeypatch.chdir(folder)
    with workspace(tmp_path / "workspace", spark=spark) as server:
        for group in BEYOND["smoke"]["tokens"]:
            monkeypatch.setenv(group.upper(), server.token_of(f"{group}@x", group))
        server.client().warehouses.create(name="bi", cluster_size="Small")
        yield server


@pytest.mark.parity(
    "same", "5.2", "deploy/ makes catalog, functions and pipeline by the SDK, and its first update runs"
)
@pytest.mark.long("spark/test_workspace_runs.py::test_a_pipeline_is_uploaded_updated_and_read_as_its_groups")
def test_a_bundle_is_deployed_updated_and_read_as_each_group(shop):
    said: list[str] = []
    session = verbs.Session(shop.client(ADMIN), by_cli=False, say=said.append)
    verbs.applied(session)
    assert "lake.gold.rescues, rule known: 1 passed, 1 failed" in said
    assert said[-4:] == [
        f"lake.gold.rescues as {ADMIN}: read",
        "lake.gold.rescues as data-engineers: read",
        "lake.gold.rescues as data-analysts: read",
        "lake.gold.rescues as business-users: refused",
    ]
    assert verbs.planned(session).steps == ()
    alerts = session.client.alerts_v2
    evaluated = {a.display_name: alerts.get_alert(a.id).evaluation.state.value for a in alerts.list_alerts()}
    assert evaluated == {"unknown": "TRIGGERED", "none": "OK", "lost": "ERROR"}
    warehouse = next(iter(session.client.warehouses.list())).id
    seen = {
        group: shop.client(f"{group}@x").statement_execution.execute_statement(
            "SELECT DISTINCT rescuer FROM lake.gold.rescues WHERE id = 1", warehouse
        )
        for group in READERS
    }
    assert {group: answer.result.data_array for group, answer in seen.items()} == {
        "data-engineers": [["Ana"]], "data-analysts": [["MASKED"]],
    }  # fmt: skip
