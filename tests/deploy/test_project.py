"""AltruPets whole, from nothing to smoke test, drift and a destruction that is refused; updates are recorded."""

import os
import shutil
import subprocess
import sys

import pytest
from databricks.sdk.service.catalog import AwsIamRoleRequest, CredentialPurpose

from deploy import verbs
from tests.deployments import PLANTED, VARIABLES, Case, first_tables, listening, served, steps, write_bundle
from tests.projects import ROOT, copy_of_the_project
from weir.model.problems import WeirError
from weir.testing.workspace import ADMIN, workspace

__all__ = ["listening", "served"]
GROUPS = ("data-engineers", "data-analysts", "business-users")
TOKENS = {
    "data-engineers": "ALTRUPETS_ENGINEER_TOKEN", "data-analysts": "ALTRUPETS_ANALYST_TOKEN",
    "business-users": "ALTRUPETS_BUSINESS_TOKEN",
}  # fmt: skip
TABLES = ("altrupets_bronze.raw_events", "altrupets_silver.users", "altrupets_gold.executive_dashboard")
CLI = shutil.which("databricks")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_of_the_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def outcomes(project):
    return first_tables(project, "prod_aws")


@pytest.fixture
def production(project, outcomes, tmp_path, monkeypatch):
    """A session for prod_aws in a workspace that has what no deployment makes, and the server."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("ALTRUPETS_SLACK_WEBHOOK", f"https://hooks.slack.com/{PLANTED}")
    with workspace(tmp_path, recorded=outcomes) as server:
        client = server.client()
        members = {g: client.groups_v2.create(display_name=g).id for g in GROUPS}
        principal = client.service_principals_v2.create(display_name="altrupets")
        client.api_client.do("PATCH", f"/api/2.0/preview/scim/v2/Groups/{members['data-engineers']}", body={
            "Operations": [{"op": "add", "path": "members", "value": [{"value": principal.id}]}]})  # fmt: skip
        client.warehouses.create(name="altrupets", cluster_size="Small")
        role = AwsIamRoleRequest("arn:aws:iam::1:role/queues")
        client.credentials.create_credential(
            "altrupets-queues", aws_iam_role=role, purpose=CredentialPurpose.SERVICE
        )
        client.credentials.create_credential(
            "altrupets-lake", aws_iam_role=role, purpose=CredentialPurpose.STORAGE
        )
        monkeypatch.setenv(f"BUNDLE_VAR_{'run_as'}", principal.application_id)
        for group, name in TOKENS.items():
            monkeypatch.setenv(name, server.token_of(f"{group}@x", group))
        yield verbs.Session(client, "prod_aws", by_cli=False), server, principal.application_id


def test_altrupets_goes_to_production_and_stays_as_it_is(production, project):
    session, server, principal = production
    said: list[str] = []
    session = verbs.Session(session.client, "prod_aws", by_cli=False, say=said.append)
    made = verbs.applied(session)
    assert {step.verb for step in made.steps} == {"create"}
    assert steps(verbs.planned(session)) == []
    allowed = {"data-engineers": TABLES, "data-analysts": TABLES[1:], "business-users": TABLES[2:]}
    assert [line for line in said if " as data-" in line or " as business" in line] == [
        f"altrupets_catalog.{table} as {group}: {'read' if table in allowed[group] else 'refused'}"
        for group in GROUPS
        for table in TABLES
    ]
    assert (project / ".weir" / "bi" / "prod_aws" / "jdbc.txt").is_file()
    pipelines = {p.name: p.pipeline_id for p in session.client.pipelines.list_pipelines()}
    assert session.client.pipelines.get(pipelines["altrupets-monolito"]).run_as_user_name == principal

    sql = session.client.statement_execution
    warehouse = next(iter(session.client.warehouses.list())).id
    sql.execute_statement(
        "GRANT USE SCHEMA, SELECT ON SCHEMA altrupets_catalog.altrupets_bronze TO `business-users`", warehouse
    )
    sql.execute_statement(
        "REVOKE SELECT ON SCHEMA altrupets_catalog.altrupets_gold FROM `business-users`", warehouse
    )
    sql.execute_statement(
        "ALTER TABLE altrupets_catalog.altrupets_silver.users ALTER COLUMN user_id DROP MASK", warehouse
    )
    assert steps(verbs.drifted(session)) == [
        "update grants.schemas.altrupets_gold", "create masks.altrupets_silver.users.user_id"
    ]  # fmt: skip
    with pytest.raises(WeirError) as caught:
        verbs.destroyed(session)
    assert {p.condition for p in caught.value.problems} == {"RESOURCE_PROTECTED"}
    with pytest.raises(WeirError) as caught:
        verbs.applied(session)
    assert [p.condition for p in caught.value.problems] == ["SMOKE_TEST_FAILED"], (
        "another group may read bronze"
    )
    assert steps(verbs.planned(session)) == []
    files = [p.read_text(errors="ignore") for p in server.world.folder.rglob("*") if p.is_file()]
    assert [text for text in (*files, *said) if PLANTED in text] == []


def test_a_changed_definition_is_told_with_the_rows_that_it_costs(served, tmp_path, monkeypatch):
    case = Case("x", {"pipelines": {"shop": {
        "name": "shop", "catalog": "lake", "schema": "gold", "libraries": [{"glob": {"include": "sources/**"}}]}}},
        files=True)  # fmt: skip
    folder = write_bundle(tmp_path, case)
    monkeypatch.chdir(folder)
    session = verbs.Session(served.client(), by_cli=False)
    source = folder / "sources" / "tables.py"
    source.write_text("import dlt\n\ndlt.create_streaming_table('rescues', partition_cols=['day'])\n")
    verbs.applied(session)
    source.write_text("import dlt\n\nspark.range(1).collect()\n")
    assert steps(verbs.planned(session)) == ["update files.bundle"], (
        "what can't be read is not taken for gone"
    )
    source.write_text("import dlt\n\ndlt.create_streaming_table('rescues')\n")
    made = verbs.planned(session)
    assert [(s.address, bool(s.loses)) for s in made.steps] == [
        ("files.bundle", False),
        ("tables.lake.gold.rescues", True),
    ]
    verbs.applied(session)
    assert steps(verbs.planned(session)) == []


@pytest.mark.skipif(CLI is None, reason="no `databricks` on PATH: the Databricks CLI is no package of Python")
def test_where_the_databricks_cli_is_installed_it_deploys_the_bundle(served, tmp_path):
    case = Case("x", {
        "schemas": {"silver": {"name": "silver", "catalog_name": "lake"}},
        "pipelines": {"shop": {"name": "[a] shop", "catalog": "lake", "schema": "gold",
                               "libraries": [{"glob": {"include": "sources/**"}}]}},
    }, {"destinations": {"team": {"type": "slack", "environment": {"url": "SLACK"}}}})  # fmt: skip
    folder = write_bundle(tmp_path, case)
    env = os.environ | VARIABLES | {
        "DATABRICKS_HOST": served.url, "DATABRICKS_TOKEN": served.token_of(ADMIN), "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "shims"))),
    }  # fmt: skip

    def deploy(*arguments):
        command = [sys.executable, "-m", "deploy", *arguments]
        ended = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
        )
        return ended.returncode, ended.stdout + ended.stderr

    code, output = deploy("apply", "--auto-approve")
    assert (code, "create pipelines.shop ([a] shop)" in output) == (0, True), output
    assert deploy("plan")[0] == 0
    assert deploy("destroy", "--auto-approve")[0] == 3, "the loss of a schema needs its name"
    assert deploy("destroy", "--auto-approve", "--lose", "*")[0] == 0
    assert served.world.state.get("schemas", "lake.silver") is None
