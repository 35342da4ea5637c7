"""What tests of deploy/ share: a small bundle for each kind of resource, and a workspace to deploy it to."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from databricks.sdk import WorkspaceClient
from databricks.sdk.service.catalog import AwsIamRole, CredentialPurpose

from deploy import verbs
from deploy.definitions import definitions_of
from deploy.values import Plan
from weir.bundle.bundle import read_bundle
from weir.testing.workspace import ADMIN, Fault, Faults, Outcome, workspace
from weir.workspace.server import Server
from weir.workspace.state import State

PLANTED = "geheim-4711"
VARIABLES = {"SMTP": PLANTED, "SLACK": f"https://hooks.slack.com/{PLANTED}"}
GROUPS = ("data-engineers", "data-analysts")
BASE = {
    "bundle": {"name": "shop"},
    "variables": {
        "catalog": {"default": "lake"}, "secrets": {"default": "shop"}, "landing": {"default": "/Volumes/lake/gold/in"},
        "warehouse_id": {"lookup": {"warehouse": "bi"}},
    },
    "targets": {"prod": {"mode": "production", "default": True}},
}  # fmt: skip
NO_FILES = {"sync": {"exclude": ["*"]}}
SOURCE = "import dlt\n\n@dlt.table\ndef rescues():\n    return spark.range(1)\n"


@dataclass(frozen=True)
class Case:
    """One kind of resource: what declares it, and how somebody changes it by hand."""

    address: str
    resources: dict[str, Any] = field(default_factory=dict)
    beyond: dict[str, Any] = field(default_factory=dict)
    files: bool = False
    source: str = SOURCE
    by_hand: Callable[[WorkspaceClient], object] | None = None
    changed: str = ""


def outcome_of(_: str) -> Outcome:
    return Outcome(tables={"lake.gold.rescues": {"id": "BIGINT"}})


def first_tables(project: Path, target: str) -> Callable[[str], Outcome]:
    """What the first update of each pipeline makes: the tables that its sources define, with what is masked."""
    definitions = definitions_of(read_bundle(project / "databricks.yml", target))
    columns = {name: {"id": "BIGINT"} for name in definitions.tables}
    for mask in definitions.masks:
        catalog, schema, table, *column = mask.name.split(".")
        columns[f"{catalog}.{schema}.{table}"] |= dict.fromkeys(column, "STRING")
    owners = {name: table["pipeline"] for name, table in definitions.tables.items()}
    return lambda pipeline: Outcome(tables={n: c for n, c in columns.items() if owners[n] == pipeline})


def write_bundle(folder: Path, case: Case) -> Path:
    """Write the bundle of a case."""
    (folder / "deploy").mkdir(parents=True, exist_ok=True)
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "tables.py").write_text(case.source)
    resources = {"resources": case.resources} if case.resources else {}
    (folder / "databricks.yml").write_text(
        yaml.safe_dump({**BASE, **resources, **({} if case.files else NO_FILES)})
    )
    (folder / "deploy" / "workspace.yaml").write_text(yaml.safe_dump(case.beyond))
    (folder / "functions.sql").write_text(
        "USE CATALOG lake;\nCREATE OR REPLACE FUNCTION gold.hide(v STRING)\nRETURNS STRING\nRETURN 'MASKED';\n"
    )
    return folder


def furnish(server: Server) -> None:
    """Let a workspace begin anew, with what no case makes."""
    server.world.state = State(server.world.faults.lag)
    server.world.add_user(ADMIN, server.token_of(ADMIN), ("admins", *GROUPS))
    client = server.client()
    client.warehouses.create(name="bi", cluster_size="Small")
    client.catalogs.create("lake")
    client.schemas.create("gold", "lake")
    client.credentials.create_credential(
        "x", aws_iam_role=AwsIamRole("arn"), purpose=CredentialPurpose.STORAGE
    )
    table = {
        "properties": {},
        "columns": [{"name": "id", "position": 0, "type_text": "bigint", "type_name": "LONG"}],
    }
    server.world.state.put("recorded_tables", "lake.gold.rescues", table)
    server.world.faults.at = {}
    server.world.faults.calls.clear()


def session(client: WorkspaceClient, approve: Callable[[Plan], None] = verbs.silent) -> verbs.Session:
    """The SDK alone, whatever is on PATH."""
    return verbs.Session(client, "prod", by_cli=False, approve=approve)


def apply(client: WorkspaceClient) -> Plan:
    return verbs.applied(session(client))


def plan(client: WorkspaceClient) -> Plan:
    return verbs.planned(session(client))


def destroy(client: WorkspaceClient) -> Plan:
    return verbs.destroyed(session(client))


def drift(client: WorkspaceClient) -> Plan:
    return verbs.drifted(session(client))


def steps(made: Plan) -> list[str]:
    return [f"{step.verb} {step.address}" for step in made.steps]


def apply_in(url: str, token: str, folder: str) -> None:
    """Deploy from a process of its own."""
    os.chdir(folder)
    os.environ |= VARIABLES
    apply(WorkspaceClient(host=url, token=token, auth_type="pat"))


def fault(number: int, when: Any) -> dict[int, Fault]:
    return {number: Fault(when, 500)}


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with workspace(tmp_path_factory.mktemp("workspace"), recorded=outcome_of, faults=Faults()) as server:
        yield server


@pytest.fixture
def served(listening: Server) -> Server:
    furnish(listening)
    return listening


DASHBOARD = {
    "display_name": "Pets", "warehouse_id": "${var.warehouse_id}", "dataset_catalog": "lake",
    "serialized_dashboard": '{"pages": [], "datasets": []}',
}  # fmt: skip
PROTECTED = {
    "pipelines": {"shop": {
        "name": "shop", "catalog": "lake", "schema": "gold", "libraries": [{"glob": {"include": "sources/**"}}]}},
    "jobs": {"governance": {"name": "governance", "tasks": [
        {"task_key": "f", "sql_task": {"file": {"path": "functions.sql"}, "warehouse_id": "${var.warehouse_id}"}}]}},
}  # fmt: skip


def by_sql(*texts: str) -> Callable[[WorkspaceClient], object]:
    """Somebody executes statements."""

    def change(client: WorkspaceClient) -> object:
        warehouse = next(iter(client.warehouses.list())).id
        return [client.statement_execution.execute_statement(text, warehouse) for text in texts]

    return change


CASES = (
    Case(
        "masks.gold.rescues", PROTECTED,
        source=SOURCE.replace("@dlt.table", '@dlt.table(row_filter="ROW FILTER gold.hide ON (id)")'),
        by_hand=by_sql("ALTER STREAMING TABLE lake.gold.rescues DROP ROW FILTER"), changed="function",
    ),
    Case(
        "masks.gold.rescues.id", PROTECTED,
        source=SOURCE.replace("@dlt.table", '@dlt.table(schema="id BIGINT MASK gold.hide")'),
        by_hand=by_sql(
            "CREATE FUNCTION lake.gold.show(v STRING) RETURNS STRING RETURN v",
            "ALTER STREAMING TABLE lake.gold.rescues ALTER COLUMN id SET MASK lake.gold.show"),
        changed="function",
    ),
    Case(
        "catalogs.own", {"catalogs": {"own": {"name": "own", "comment": "ours"}}},
        by_hand=lambda c: c.catalogs.update("own", comment="theirs"), changed="comment",
    ),
    Case(
        "schemas.silver", {"schemas": {"silver": {"name": "silver", "catalog_name": "lake", "comment": "ours"}}},
        by_hand=lambda c: c.schemas.update("lake.silver", comment="theirs"), changed="comment",
    ),
    Case(
        "volumes.landing",
        {"volumes": {"landing": {
            "name": "in", "catalog_name": "lake", "schema_name": "gold", "volume_type": "MANAGED", "comment": "ours"}}},
        by_hand=lambda c: c.volumes.update("lake.gold.in", comment="theirs"), changed="comment",
    ),
    Case(
        "external_locations.bronze",
        {"external_locations": {"bronze": {"name": "bronze", "url": "s3://lake/", "credential_name": "x", "comment": "ours"}}},
        by_hand=lambda c: c.external_locations.update("bronze", comment="theirs"), changed="comment",
    ),
    Case("secret_scopes.shop", {"secret_scopes": {"shop": {"name": "shop"}}},
         by_hand=lambda c: c.secrets.delete_scope("shop"), changed="name"),
    Case(
        "scope_acls.shop.data-analysts", {"secret_scopes": {"shop": {
            "name": "shop", "permissions": [{"group_name": "data-analysts", "level": "READ"}]}}},
        by_hand=lambda c: c.api_client.do("POST", "/api/2.0/secrets/acls/put", body={
            "scope": "shop", "principal": "data-analysts", "permission": "MANAGE"}),
        changed="permission",
    ),
    Case(
        "secrets.smtp-password", {"secret_scopes": {"shop": {"name": "shop"}}},
        {"secrets": {"smtp-password": {"environment": "SMTP"}}},
        by_hand=lambda c: c.secrets.delete_secret("shop", "smtp-password"), changed="environment",
    ),
    Case(
        "destinations.team", {}, {"destinations": {"team": {"type": "slack", "environment": {"url": "SLACK"}}}},
        by_hand=lambda c: c.notification_destinations.delete(next(iter(c.notification_destinations.list())).id),
        changed="type",
    ),
    Case(
        "grants.schemas.silver", {"schemas": {"silver": {"name": "silver", "catalog_name": "lake", "grants": [
            {"principal": "data-analysts", "privileges": ["USE_SCHEMA", "SELECT"]}]}}},
        by_hand=lambda c: c.api_client.do("PATCH", "/api/2.1/unity-catalog/permissions/schema/lake.silver", body={
            "changes": [{"principal": "data-analysts", "add": ["MODIFY"], "remove": ["SELECT"]}]}),
        changed="data-analysts",
    ),
    Case(
        "table_grants.gold.rescues", {}, {"grants": {"gold.rescues": [
            {"principal": "data-analysts", "privileges": ["SELECT"]}]}},
        by_hand=lambda c: c.api_client.do("PATCH", "/api/2.1/unity-catalog/permissions/table/lake.gold.rescues", body={
            "changes": [{"principal": "data-analysts", "add": ["MODIFY"]}]}),
        changed="data-analysts",
    ),
    Case(
        "tags.gold.rescues/datos", {}, {"tags": {"gold.rescues": {"datos": "personales"}}},
        by_hand=lambda c: c.entity_tag_assignments.delete("tables", "lake.gold.rescues", "datos"), changed="value",
    ),
    Case(
        "functions.lake.gold.hide", {"jobs": {"governance": {"name": "governance", "tasks": [
            {"task_key": "f", "sql_task": {"file": {"path": "functions.sql"}, "warehouse_id": "${var.warehouse_id}"}}]}}},
        by_hand=by_sql("CREATE OR REPLACE FUNCTION lake.gold.hide(v STRING) RETURNS STRING RETURN v"),
        changed="body",
    ),
    Case(
        "pipelines.shop", {"pipelines": {"shop": {
            "name": "shop", "catalog": "lake", "schema": "gold", "libraries": [{"glob": {"include": "sources/**"}}],
            "configuration": {"source": "files"}}}},
        by_hand=lambda c: c.api_client.do(
            "PUT", f"/api/2.0/pipelines/{next(iter(c.pipelines.list_pipelines())).pipeline_id}", body={
                "name": "shop", "catalog": "lake", "schema": "gold", "configuration": {"source": "kafka"}}),
        changed="libraries",
    ),
    Case(
        "jobs.update", {"jobs": {"update": {"name": "update", "timeout_seconds": 60, "schedule": {
            "quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC"}, "tasks": [
            {"task_key": "a", "sql_task": {"warehouse_id": "${var.warehouse_id}", "file": {"path": "functions.sql"}}}]}}},
        by_hand=lambda c: c.api_client.do("POST", "/api/2.2/jobs/update", body={
            "job_id": next(iter(c.jobs.list(name="update"))).job_id, "new_settings": {"schedule": {
                "quartz_cron_expression": "0 0 * * * ?", "timezone_id": "UTC", "pause_status": "PAUSED"}}}),
        changed="schedule.pause_status",
    ),
    Case(
        "permissions.jobs.update", {"jobs": {"update": {
            "name": "update", "permissions": [{"group_name": "data-analysts", "level": "CAN_VIEW"}]}}},
        by_hand=lambda c: c.api_client.do(
            "PATCH", f"/api/2.0/permissions/jobs/{next(iter(c.jobs.list(name='update'))).job_id}", body={
                "access_control_list": [{"group_name": "data-analysts", "permission_level": "CAN_MANAGE"}]}),
        changed="group_name/data-analysts",
    ),
    Case(
        "alerts.fresh", {"alerts": {"fresh": {
            "display_name": "fresh", "query_text": "SELECT 1 AS n", "warehouse_id": "${var.warehouse_id}",
            "evaluation": {"source": {"name": "n"}, "comparison_operator": "GREATER_THAN",
                           "threshold": {"value": {"double_value": 2}}},
            "schedule": {"quartz_cron_schedule": "0 0 * * * ?", "timezone_id": "UTC"}}}},
        by_hand=lambda c: c.api_client.do(
            "PATCH", f"/api/2.0/alerts/{next(iter(c.alerts_v2.list_alerts())).id}",
            query={"update_mask": "query_text"}, body={"query_text": "SELECT 2 AS n"}),
        changed="query_text",
    ),
    Case(
        "dashboards.pets", {"dashboards": {"pets": DASHBOARD}},
        by_hand=lambda c: c.api_client.do(
            "PATCH", f"/api/2.0/lakeview/dashboards/{next(iter(c.lakeview.list())).dashboard_id}",
            body={"serialized_dashboard": "{}"}),
        changed="serialized_dashboard",
    ),
    Case(
        "dashboards.shown", {"dashboards": {"shown": DASHBOARD}},
        by_hand=lambda c: c.lakeview.unpublish(next(iter(c.lakeview.list())).dashboard_id),
        changed="published",
    ),
    Case(
        "clusters.work", {"clusters": {"work": {
            "cluster_name": "work", "spark_version": "17.3.x-scala2.13", "node_type_id": "i3.xlarge", "num_workers": 1}}},
        by_hand=lambda c: c.api_client.do("POST", "/api/2.1/clusters/edit", body={
            "cluster_id": next(iter(c.clusters.list())).cluster_id, "cluster_name": "work", "num_workers": 9,
            "spark_version": "17.3.x-scala2.13", "node_type_id": "i3.xlarge"}),
        changed="num_workers",
    ),
    Case(
        "sql_warehouses.own", {"sql_warehouses": {"own": {"name": "own", "cluster_size": "Small"}}},
        by_hand=lambda c: c.api_client.do(
            "POST", f"/api/2.0/sql/warehouses/{next(w.id for w in c.warehouses.list() if w.name == 'own')}/edit",
            body={"cluster_size": "Large"}),
        changed="cluster_size",
    ),
    Case(
        "files.bundle",
        files=True,
        by_hand=lambda c: c.workspace.delete(f"/Workspace/Users/{ADMIN}/.bundle/shop/prod/files/sources/tables.py"),
        changed="files.sources/tables.py",
    ),
    Case(
        "folders./Volumes/lake/gold/in/users",
        {"volumes": {"landing": {"name": "in", "catalog_name": "lake", "schema_name": "gold", "volume_type": "MANAGED"}}},
        {"folders": ["${var.landing}/users"]},
        by_hand=lambda c: c.files.delete_directory("/Volumes/lake/gold/in/users"), changed="",
    ),
    Case(
        "updates.shop", {"pipelines": {"shop": {
            "name": "shop", "catalog": "lake", "schema": "gold", "libraries": [{"glob": {"include": "sources/**"}}]}}},
        by_hand=None,
    ),
)  # fmt: skip
