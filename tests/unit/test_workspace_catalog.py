"""Unity Catalog in the workspace: containers, tables, functions, grants, tags and policies."""

import io

import pytest
from databricks.sdk.service import catalog as uc

from tests.workspaces import refusal

ANALYSTS = "data-analysts"


@pytest.fixture
def with_tables(lake):
    """A lake in which a pipeline has made its tables."""
    made = lake.pipelines.create(name="gold", catalog="lake", schema="gold")
    lake.pipelines.start_update(made.pipeline_id)
    lake.groups_v2.create(display_name=ANALYSTS)
    return lake


def sql(client, text):
    warehouse = next(iter(client.warehouses.list())).id
    answer = client.statement_execution.execute_statement(text, warehouse)
    return answer.status.error.message if answer.status.error else answer.result.data_array


def test_a_catalog_is_made_shown_changed_renamed_and_removed(client):
    client.catalogs.create("Lake", comment="old")
    assert refusal(lambda: client.catalogs.create("lake")) == (
        "ResourceAlreadyExists", "Catalog 'lake' already exists",
    )  # fmt: skip
    client.catalogs.update("lake", comment="new", new_name="sea")
    assert [(c.name, c.full_name, c.comment) for c in client.catalogs.list()] == [("sea", "sea", "new")]
    client.catalogs.delete("sea")
    assert refusal(lambda: client.catalogs.delete("sea")) == (
        "ResourceDoesNotExist", "Catalog 'sea' does not exist.",
    )  # fmt: skip


def test_a_schema_needs_its_catalog_and_a_catalog_that_is_not_empty_needs_force(lake):
    missing = refusal(lambda: lake.schemas.create("gold", "sea"))
    assert missing == ("ResourceDoesNotExist", "Catalog 'sea' does not exist.")
    assert refusal(lambda: lake.catalogs.delete("lake"))[0] == "InvalidState"
    lake.catalogs.delete("lake", force=True)
    assert (list(lake.catalogs.list()), refusal(lambda: lake.schemas.get("lake.gold"))[0]) == (
        [], "ResourceDoesNotExist",
    )  # fmt: skip


def test_a_schema_that_holds_tables_needs_force_and_takes_them_along(with_tables):
    refused = refusal(lambda: with_tables.schemas.delete("lake.gold"))
    assert refused == (
        "InvalidState",
        "Schema 'lake.gold' is not empty. It has 2 objects, such as lake.gold.days.",
    )
    with_tables.schemas.delete("lake.gold", force=True)
    assert refusal(lambda: with_tables.tables.get("lake.gold.days"))[0] == "ResourceDoesNotExist"


def test_files_lie_in_volumes(lake):
    lake.volumes.create("lake", "gold", "landing", uc.VolumeType.MANAGED)
    lake.files.upload("/Volumes/lake/gold/landing/a/b.json", io.BytesIO(b"{}"))
    assert lake.files.download("/Volumes/lake/gold/landing/a/b.json").contents.read() == b"{}"
    found = [
        (f.path, f.file_size) for f in lake.files.list_directory_contents("/Volumes/lake/gold/landing/a")
    ]
    assert found == [("/Volumes/lake/gold/landing/a/b.json", 2)]
    lake.files.delete("/Volumes/lake/gold/landing/a/b.json")
    assert (
        refusal(lambda: lake.files.delete("/Volumes/lake/gold/landing/a/b.json"))[0] == "ResourceDoesNotExist"
    )
    nowhere = refusal(lambda: lake.files.upload("/Volumes/lake/gold/none/x", io.BytesIO(b"")))
    assert nowhere == ("ResourceDoesNotExist", "Volume 'lake.gold.none' does not exist.")


def test_external_locations_and_credentials(client):
    client.credentials.create_credential("queues", purpose=uc.CredentialPurpose.SERVICE)
    client.external_locations.create("bronze", "s3://bucket/bronze", "queues")
    assert [(e.name, e.url) for e in client.external_locations.list()] == [("bronze", "s3://bucket/bronze")]
    assert client.credentials.get_credential("queues").purpose is uc.CredentialPurpose.SERVICE
    client.external_locations.delete("bronze")
    assert refusal(lambda: client.external_locations.get("bronze"))[0] == "ResourceDoesNotExist"


def test_tables_are_those_that_updates_made(with_tables):
    assert [t.full_name for t in with_tables.tables.list("lake", "gold")] == [
        "lake.gold.days",
        "lake.gold.rescues",
    ]
    columns = with_tables.tables.get("lake.gold.rescues").columns
    assert [(c.name, c.type_text, c.type_name.value) for c in columns] == [
        ("id", "bigint", "LONG"), ("rescuer", "string", "STRING"),
    ]  # fmt: skip
    assert with_tables.tables.exists("lake.gold.none").table_exists is False
    with_tables.tables.delete("lake.gold.days")
    assert refusal(lambda: with_tables.tables.delete("lake.gold.days"))[0] == "ResourceDoesNotExist"


def test_grants_are_changed_by_difference_and_come_from_above(with_tables):
    change, privilege = uc.PermissionsChange, uc.Privilege
    with_tables.grants.update(
        "catalog", "lake", changes=[change(add=[privilege.USE_CATALOG], principal=ANALYSTS)]
    )
    both = [privilege.SELECT, privilege.USE_SCHEMA]
    with_tables.grants.update("schema", "lake.gold", changes=[change(add=both, principal=ANALYSTS)])
    effective = with_tables.grants.get_effective("table", "lake.gold.rescues").privilege_assignments
    found = [(p.privilege.value, p.inherited_from_name) for p in effective[0].privileges]
    assert found == [("SELECT", "lake.gold"), ("USE_SCHEMA", "lake.gold"), ("USE_CATALOG", "lake")]
    with_tables.grants.update("schema", "lake.gold", changes=[change(remove=both, principal=ANALYSTS)])
    assert with_tables.grants.get("schema", "lake.gold").privilege_assignments == []


def test_nobody_who_is_not_there_gets_a_grant(lake):
    change = uc.PermissionsChange(add=[uc.Privilege.USE_CATALOG], principal="nobody")
    assert refusal(lambda: lake.grants.update("catalog", "lake", changes=[change])) == (
        "ResourceDoesNotExist", "Could not find principal with name nobody",
    )  # fmt: skip


def test_statements_make_functions_masks_tags_comments_and_grants(with_tables):
    body = "CASE WHEN is_account_group_member('data-engineers') THEN v ELSE 'MASKED' END"
    assert (
        sql(with_tables, f"CREATE FUNCTION lake.gold.hide(v STRING) RETURNS STRING COMMENT 'c' RETURN {body}")
        == []
    )
    made = with_tables.functions.get("lake.gold.hide")
    assert (made.routine_definition, made.full_data_type, made.comment) == (body, "STRING", "c")
    for text in (
        "ALTER TABLE lake.gold.rescues ALTER COLUMN rescuer SET MASK lake.gold.hide",
        "ALTER TABLE lake.gold.rescues SET TAGS ('layer' = 'gold')",
        "COMMENT ON COLUMN lake.gold.rescues.id IS 'Which one'",
        f"GRANT USE SCHEMA, SELECT ON SCHEMA lake.gold TO `{ANALYSTS}`",
    ):
        assert sql(with_tables, text) == []
    columns = with_tables.tables.get("lake.gold.rescues").columns
    assert [(c.comment, c.mask and c.mask.function_name) for c in columns] == [
        ("Which one", None), (None, "lake.gold.hide"),
    ]  # fmt: skip
    assert [t.tag_value for t in with_tables.entity_tag_assignments.list("tables", "lake.gold.rescues")] == [
        "gold"
    ]
    with_tables.functions.delete("lake.gold.hide")
    assert refusal(lambda: with_tables.functions.delete("lake.gold.hide"))[0] == "ResourceDoesNotExist"


def test_statements_that_are_not_supported_are_named(lake):
    assert sql(lake, "DROP TABLE lake.gold.rescues") == (
        "This workspace does not execute `DROP TABLE LAKE ...`, only queries and "
        "USE, CREATE, DROP, GRANT, REVOKE, COMMENT, ALTER."
    )
    assert sql(lake, "GRANT FLY ON SCHEMA lake.gold TO x") == "Privilege FLY does not exist."
    assert (
        sql(lake, "ALTER TABLE lake.gold.none SET TAGS ('a' = 'b')")
        == "Table 'lake.gold.none' does not exist."
    )


def test_a_caller_selects_with_use_catalog_use_schema_and_select_alone(with_tables, served):
    ana = served.client("ana@altrupets.org")
    warehouse = next(iter(ana.warehouses.list())).id
    with_tables.groups_v2.delete(
        next(iter(with_tables.groups_v2.list(filter=f'displayName eq "{ANALYSTS}"'))).id
    )
    served.token_of("eva@altrupets.org", ANALYSTS)
    assert sql(ana, "SELECT * FROM lake.gold.rescues") == (
        "[INSUFFICIENT_PERMISSIONS] User does not have USE_CATALOG on catalog 'lake', "
        "USE_SCHEMA on schema 'lake.gold', SELECT on table 'lake.gold.rescues'."
    )
    sql(with_tables, f"GRANT ALL PRIVILEGES ON CATALOG lake TO `{ANALYSTS}`")
    eva = served.client("eva@altrupets.org")
    answer = eva.statement_execution.execute_statement("SELECT * FROM lake.gold.rescues", warehouse)
    assert [c.name for c in answer.manifest.schema.columns] == ["id", "rescuer"]
    assert sql(eva, f"SELECT is_account_group_member('{ANALYSTS}')") == [["true"]]


def test_tags_and_policies_are_kept(with_tables):
    tag = uc.EntityTagAssignment(
        entity_name="lake.gold.rescues.rescuer", tag_key="pii", entity_type="columns"
    )
    with_tables.entity_tag_assignments.create(tag)
    assert refusal(lambda: with_tables.entity_tag_assignments.create(tag))[0] == "ResourceAlreadyExists"
    with_tables.entity_tag_assignments.delete("columns", tag.entity_name, "pii")
    mask = uc.PolicyInfo(
        name="hide", on_securable_type=uc.SecurableType.CATALOG, on_securable_fullname="lake",
        for_securable_type=uc.SecurableType.TABLE, policy_type=uc.PolicyType.POLICY_TYPE_COLUMN_MASK,
        column_mask=uc.ColumnMaskOptions("lake.gold.hide", "c"), to_principals=["account users"],
    )  # fmt: skip
    with_tables.policies.create_policy(mask)
    assert [p.name for p in with_tables.policies.list_policies("catalog", "lake")] == ["hide"]
    with_tables.policies.delete_policy("catalog", "lake", "hide")
    assert (
        refusal(lambda: with_tables.policies.delete_policy("catalog", "lake", "hide"))[0]
        == "ResourceDoesNotExist"
    )
