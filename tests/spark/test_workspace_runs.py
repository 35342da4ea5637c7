"""A workspace whose pipelines run: uploaded by the SDK, updated by Weir, read as the caller."""

import io
from textwrap import dedent

import pytest
from databricks.sdk.service.pipelines import FileLibrary, PipelineLibrary
from databricks.sdk.service.workspace import ImportFormat

from weir.testing.workspace import workspace

HOME = "/Workspace/Users/me@altrupets.org/rescates"
SOURCE = dedent("""
    import dlt

    @dlt.table(schema="id INT, rescuer STRING MASK gold.hide")
    def rescues():
        return spark.read.json(spark.conf.get("landing"), schema="id INT, rescuer STRING")

    @dlt.table
    @dlt.expect("known", "n > 1")
    def days():
        return dlt.read("rescues").groupBy().count().withColumnRenamed("count", "n")
""")
HIDE = (
    "CREATE FUNCTION lake.gold.hide(v STRING) RETURNS STRING "
    "RETURN CASE WHEN is_account_group_member('data-engineers') THEN v ELSE 'MASKED' END"
)


@pytest.fixture
def ready(spark, warm, tmp_path):
    """A workspace with a catalog, a function, a file that has landed, and an uploaded source."""
    with workspace(tmp_path, spark=spark) as server:
        client = server.client()
        client.catalogs.create("lake")
        client.schemas.create("gold", "lake")
        client.api_client.do("POST", "/api/2.1/unity-catalog/volumes", body={
            "catalog_name": "lake", "schema_name": "gold", "name": "landing", "volume_type": "MANAGED"})  # fmt: skip
        client.files.upload("/Volumes/lake/gold/landing/a.json", io.BytesIO(b'{"id": 1, "rescuer": "Ana"}'))
        client.workspace.mkdirs(HOME)
        client.workspace.upload(f"{HOME}/tables.py", io.BytesIO(SOURCE.encode()), format=ImportFormat.AUTO)
        client.warehouses.create(name="bi", cluster_size="Small")
        sql(client, HIDE)
        yield server


def sql(client, text):
    warehouse = next(iter(client.warehouses.list())).id
    answer = client.statement_execution.execute_statement(text, warehouse)
    return answer.status.error.message if answer.status.error else answer.result.data_array


def updated(client, pipeline):
    """The state in which a new update ends, and the texts of its events."""
    update = client.pipelines.start_update(pipeline).update_id
    client.pipelines.wait_get_pipeline_idle(pipeline)
    state = client.pipelines.get_update(pipeline, update).update.state.value
    wanted = f"update_id = '{update}'"
    events = client.pipelines.list_pipeline_events(pipeline, filter=wanted, order_by=["timestamp asc"])
    return state, [e.message.replace(update[:6], "ID") for e in events]


@pytest.mark.parity(
    "same", "5.2", "A pipeline that the SDK makes from uploaded files is updated, and its events are read"
)
@pytest.mark.parity("same", "8.1", "A statement sees what grants and masks let its caller see")
def test_a_pipeline_is_uploaded_updated_and_read_as_its_groups(ready):
    client = ready.client()
    file = PipelineLibrary(file=FileLibrary(f"{HOME}/tables.py"))
    pipeline = client.pipelines.create(
        name="rescates", catalog="lake", schema="gold", libraries=[file], development=True,
        configuration={"landing": "/Volumes/lake/gold/landing"},
    ).pipeline_id  # fmt: skip
    state, texts = updated(client, pipeline)
    assert state == "COMPLETED", texts
    assert [t for t in texts if t.startswith("Update")][-1] == "Update ID is COMPLETED."
    assert "Flow 'lake.gold.rescues' has COMPLETED." in texts
    masks = {c.name: c.mask and c.mask.function_name for c in client.tables.get("lake.gold.rescues").columns}
    assert masks == {"id": None, "rescuer": "lake.gold.hide"}
    assert client.tables.get("lake.gold.days").pipeline_id == pipeline

    engineer, analyst = ready.client("eva@x", "data-engineers"), ready.client("ana@x", "data-analysts")
    select = "SELECT id, rescuer FROM lake.gold.rescues"
    assert "INSUFFICIENT_PERMISSIONS" in sql(analyst, select)
    for group in ("data-engineers", "data-analysts"):
        sql(client, f"GRANT USE CATALOG, USE SCHEMA, SELECT ON CATALOG lake TO `{group}`")
    assert (sql(engineer, select), sql(analyst, select)) == ([["1", "Ana"]], [["1", "MASKED"]])

    client.files.upload("/Volumes/lake/gold/landing/b.json", io.BytesIO(b"no: json"))
    client.workspace.upload(f"{HOME}/tables.py", io.BytesIO(b"import nothing_of_that_name"),
                            format=ImportFormat.AUTO, overwrite=True)  # fmt: skip
    state, texts = updated(client, pipeline)
    assert (state, texts[-1]) == ("FAILED", "Update ID is FAILED.")
    assert client.pipelines.get(pipeline).health.value == "UNHEALTHY"
