"""What every call to the workspace has in common: who asks, which fields are known, pages, faults."""

import pytest
from databricks.sdk import WorkspaceClient

from tests.workspaces import faulty, refusal
from weir.testing.workspace import ADMIN, Fault, Faults
from weir.workspace.routes import support

KINDS = "/api/2.1/unity-catalog"


def test_the_sdk_asks_which_workspace_it_is_and_who_calls(client):
    me = client.current_user.me()
    assert (me.user_name, [g.display for g in me.groups]) == (ADMIN, ["admins"])
    assert client.config.workspace_id == "4242424242424242"


def test_who_sends_no_or_nobodys_token_is_refused(served):
    nobody = WorkspaceClient(host=served.url, token="none", auth_type="pat")  # noqa: S106
    assert refusal(nobody.current_user.me) == ("Unauthenticated", "Invalid access token.")


def test_what_is_not_supported_is_named(client):
    text = "GET /api/2.0/instance-pools/list is not supported: `weir workspace --support` lists what is."
    assert refusal(lambda: list(client.instance_pools.list())) == ("NotImplemented", text)


@pytest.mark.parity("differs", "11.1", "Fields of requests to a workspace that the SDK does not know",
                    "refused with their names; Databricks ignores them")  # fmt: skip
def test_a_field_that_the_sdk_does_not_know_is_refused_by_its_path(lake):
    def post(path, **body):
        return refusal(lambda: lake.api_client.do("POST", path, body=body))

    assert post(f"{KINDS}/catalogs", name="x", colour="red", owner="me")[1] == (
        "Could not parse request object: colour, owner"
    )
    deep = [{"task_key": "a", "pipeline_task": {"pipeline_id": "1", "full": True}}]
    assert (
        post("/api/2.2/jobs/create", tasks=deep)[1]
        == "Could not parse request object: tasks.pipeline_task.full"
    )
    volume = {"name": "v", "catalog_name": "lake", "schema_name": "gold", "volume_type": "HUGE"}
    assert post(f"{KINDS}/volumes", **volume)[1] == "Could not parse request object: volume_type"


def test_a_request_of_another_shape_is_refused_and_the_next_call_is_answered(lake):
    def post(**body):
        return refusal(lambda: lake.api_client.do("POST", "/api/2.2/jobs/create", body=body))

    assert post(tasks=[{"run_if": "ALL_DONE"}]) == (
        "InvalidParameterValue", "POST /api/2.2/jobs/create can't take this request: KeyError: 'task_key'",
    )  # fmt: skip
    assert post(tasks="all")[0] == "InvalidParameterValue"
    assert list(lake.jobs.list()) == []


def test_maps_have_whatever_keys_their_users_want(lake):
    made = lake.catalogs.create("other", properties={"any key": "any value"})
    assert made.properties == {"any key": "any value"}


def test_whoever_makes_a_catalog_owns_it(lake):
    assert lake.catalogs.get("lake").owner == ADMIN


def test_lists_come_in_pages(lake):
    for number in range(5):
        lake.schemas.create(f"s{number}", "lake")
    names = [s.name for s in lake.schemas.list("lake", max_results=2)]
    assert names == ["gold", "s0", "s1", "s2", "s3", "s4"]
    first = lake.api_client.do("GET", f"{KINDS}/schemas", query={"catalog_name": "lake", "max_results": 4})
    assert (len(first["schemas"]), first["next_page_token"]) == (4, "4")


def test_a_call_fails_before_anything_is_done(tmp_path):
    with faulty(tmp_path, Faults({1: Fault("before", 500)})) as server:
        client = server.client()
        assert refusal(lambda: client.catalogs.create("lake"))[0] == "InternalError"
        assert list(client.catalogs.list()) == []


def test_a_call_fails_after_all_is_done(tmp_path):
    with faulty(tmp_path, Faults({1: Fault("after", 500)})) as server:
        client = server.client()
        assert refusal(lambda: client.catalogs.create("lake"))[0] == "InternalError"
        assert [c.name for c in client.catalogs.list()] == ["lake"]


def test_the_sdk_repeats_a_call_that_ends_with_503_so_that_it_may_be_done_twice(tmp_path):
    faults = Faults({1: Fault("after")})
    with faulty(tmp_path, faults) as server:
        client = server.client()
        assert refusal(lambda: client.catalogs.create("lake"))[0] == "ResourceAlreadyExists"
        assert faults.calls == [f"POST {KINDS}/catalogs"] * 2


def test_a_client_is_killed_at_a_call_that_is_done(tmp_path):
    killed = []
    with faulty(tmp_path, Faults({1: Fault(status=500, kills=lambda: killed.append("client"))})) as server:
        client = server.client()
        assert refusal(lambda: client.catalogs.create("lake"))[0] == "InternalError"
        assert (killed, [c.name for c in client.catalogs.list()]) == (["client"], ["lake"])


def test_reads_lag_as_many_calls_behind_writes_as_wanted(tmp_path):
    with faulty(tmp_path, Faults(lag=1)) as server:
        client = server.client()
        client.catalogs.create("before")
        client.catalogs.create("lake")
        assert [c.name for c in client.catalogs.list()] == ["before"]
        assert [c.name for c in client.catalogs.list()] == ["before", "lake"]
        assert refusal(lambda: client.catalogs.create("lake"))[0] == "ResourceAlreadyExists"


def test_the_support_list_says_of_every_endpoint_what_it_does():
    assert [endpoint for endpoint, does in support() if not does.endswith(".")] == []
    assert len(dict(support())) == len(list(support())) > 100
