"""Files, people, secrets, warehouses, alerts and destinations of the workspace."""

import io

from databricks.sdk.service import iam, settings, sql
from databricks.sdk.service.workspace import AclPermission, ImportFormat, Language

from tests.workspaces import refusal

HOME = "/Workspace/Users/me@altrupets.org/project"


def upload(client, path, content, **options):
    client.workspace.upload(path, io.BytesIO(content), **{"format": ImportFormat.AUTO, **options})


def test_files_are_uploaded_listed_replaced_and_removed(client):
    client.workspace.mkdirs(f"{HOME}/src")
    upload(client, f"{HOME}/src/a.py", b"old")
    assert refusal(lambda: upload(client, f"{HOME}/src/a.py", b"new"))[0] == "ResourceAlreadyExists"
    upload(client, f"{HOME}/src/a.py", b"new", overwrite=True)
    plain = HOME.removeprefix("/Workspace")
    assert client.workspace.download(f"{plain}/src/a.py").read() == b"new"
    found = [(o.path, o.object_type.value) for o in client.workspace.list(plain, recursive=True)]
    assert found == [(f"{plain}/src/a.py", "FILE")]
    assert refusal(lambda: client.workspace.delete(HOME))[1] == f"Folder ({plain}) is not empty"
    client.workspace.delete(HOME, recursive=True)
    assert refusal(lambda: client.workspace.get_status(HOME))[0] == "ResourceDoesNotExist"


def test_a_file_needs_the_folder_above_it(client):
    assert refusal(lambda: upload(client, f"{HOME}/a.py", b"x")) == (
        "ResourceDoesNotExist", f"The parent folder ({HOME.removeprefix('/Workspace')}) does not exist.",
    )  # fmt: skip


def test_what_begins_like_a_notebook_is_one_and_loses_its_suffix(client):
    client.workspace.mkdirs(HOME)
    upload(client, f"{HOME}/book.py", b"# Databricks notebook source\nx = 1")
    upload(client, f"{HOME}/query", b"SELECT 1", format=ImportFormat.SOURCE, language=Language.SQL)
    found = {o.path.rpartition("/")[2]: o.language.value for o in client.workspace.list(HOME)}
    assert found == {"book": "PYTHON", "query": "SQL"}


def test_groups_have_members(client, served):
    served.token_of("ana@altrupets.org")
    ana = next(iter(client.users_v2.list(filter="userName eq 'ana@altrupets.org'")))
    group = client.groups_v2.create(display_name="data-analysts")
    add = iam.Patch(op=iam.PatchOp.ADD, path="members", value=[{"value": ana.id}])
    client.groups_v2.patch(group.id, operations=[add])
    assert [g.display for g in served.client("ana@altrupets.org").current_user.me().groups] == [
        "data-analysts"
    ]
    assert (
        refusal(lambda: client.groups_v2.create(display_name="data-analysts"))[0] == "ResourceAlreadyExists"
    )
    client.groups_v2.delete(group.id)
    assert refusal(lambda: client.groups_v2.delete(group.id))[0] == "ResourceDoesNotExist"


def test_a_service_principal_is_known_by_its_application(client):
    made = client.service_principals_v2.create(display_name="deployer")
    assert [p.application_id for p in client.service_principals_v2.list()] == [made.application_id]
    assert made.application_id.startswith("00000000-")


def test_a_service_principal_calls_and_is_a_member_of_groups(client, served):
    name = client.service_principals_v2.create(display_name="deployer").application_id
    me = served.client(name, "data-engineers").current_user.me()
    assert (me.user_name, me.display_name, [g.display for g in me.groups]) == (
        name,
        "deployer",
        ["data-engineers"],
    )
    assert [u.user_name for u in client.users_v2.list()] == ["admin@weir.local"]


def test_secrets_are_read_by_whom_the_scope_lets_and_never_listed(client, served):
    client.secrets.create_scope("altrupets")
    client.secrets.put_secret("altrupets", "slack", string_value="https://hooks/secret")
    assert [s.key for s in client.secrets.list_secrets("altrupets")] == ["slack"]
    ana = served.client("ana@altrupets.org")
    assert refusal(lambda: ana.secrets.get_secret("altrupets", "slack"))[0] == "PermissionDenied"
    client.secrets.put_acl("altrupets", "ana@altrupets.org", AclPermission.READ)
    assert ana.secrets.get_secret("altrupets", "slack").value == "aHR0cHM6Ly9ob29rcy9zZWNyZXQ="
    client.secrets.delete_scope("altrupets")
    assert refusal(lambda: client.secrets.delete_scope("altrupets")) == (
        "ResourceDoesNotExist", "Scope altrupets does not exist!",
    )  # fmt: skip


def test_a_warehouse_has_defaults_and_runs_at_once(client):
    made = client.warehouses.create_and_wait(name="bi", cluster_size="Small", max_num_clusters=2)
    assert (made.state.value, made.auto_stop_mins, made.max_num_clusters) == ("RUNNING", 120, 2)
    client.warehouses.edit(made.id, auto_stop_mins=10)
    assert client.warehouses.stop_and_wait(made.id).auto_stop_mins == 10
    assert [w.state.value for w in client.warehouses.list()] == ["STOPPED"]
    client.warehouses.delete(made.id)
    assert refusal(lambda: client.warehouses.delete(made.id))[0] == "ResourceDoesNotExist"


def alert(warehouse):
    value = sql.AlertV2OperandValue(double_value=1)
    evaluation = sql.AlertV2Evaluation(
        comparison_operator=sql.ComparisonOperator.LESS_THAN, source=sql.AlertV2OperandColumn(name="fresh"),
        threshold=sql.AlertV2Operand(value=value),
    )  # fmt: skip
    schedule = sql.CronSchedule(quartz_cron_schedule="0 0 * * * ?", timezone_id="America/Costa_Rica")
    return sql.AlertV2("freshness", "SELECT 1 AS fresh", warehouse, evaluation, schedule)


def test_an_alert_is_made_changed_and_put_into_the_trash(lake):
    warehouse = next(iter(lake.warehouses.list())).id
    made = lake.alerts_v2.create_alert(alert(warehouse))
    changed = alert(warehouse)
    changed.query_text = "SELECT 0 AS fresh"
    lake.alerts_v2.update_alert(made.id, changed, "query_text")
    assert [(a.display_name, a.query_text) for a in lake.alerts_v2.list_alerts()] == [
        ("freshness", "SELECT 0 AS fresh")
    ]
    lake.alerts_v2.trash_alert(made.id)
    assert (list(lake.alerts_v2.list_alerts()), lake.alerts_v2.get_alert(made.id).lifecycle_state.value) == (
        [], "DELETED",
    )  # fmt: skip
    assert refusal(lambda: lake.alerts_v2.create_alert(alert("none")))[0] == "ResourceDoesNotExist"


def test_a_destination_tells_its_addresses_and_not_its_secrets(client, served):
    slack = settings.Config(slack=settings.SlackConfig(url="https://hooks/secret"))
    made = client.notification_destinations.create(config=slack, display_name="slack")
    shown = client.notification_destinations.get(made.id)
    assert shown.config.as_dict() == {"slack": {"url_set": True}}
    assert [d.destination_type.value for d in client.notification_destinations.list()] == ["SLACK"]
    ana = served.client("ana@altrupets.org")
    assert refusal(lambda: ana.notification_destinations.delete(made.id))[0] == "PermissionDenied"
    client.notification_destinations.delete(made.id)
    assert refusal(lambda: client.notification_destinations.delete(made.id))[0] == "ResourceDoesNotExist"


def test_an_alert_is_shown_to_whom_it_is_told(lake):
    key = lake.alerts_v2.create_alert(alert(next(iter(lake.warehouses.list())).id)).id
    entry = iam.AccessControlRequest(
        group_name="data-engineers", permission_level=iam.PermissionLevel.CAN_MANAGE
    )
    lake.permissions.set("alertsv2", key, access_control_list=[entry])
    shown = lake.permissions.get("alertsv2", key).access_control_list
    assert [(a.group_name, a.all_permissions[0].permission_level.value) for a in shown] == [
        ("data-engineers", "CAN_MANAGE")
    ]


def test_a_cluster_is_made_changed_stopped_and_removed(client):
    made = client.clusters.create_and_wait("17.3.x-scala2.13", cluster_name="bronze", num_workers=2)
    client.clusters.edit_and_wait(made.cluster_id, "17.3.x-scala2.13", cluster_name="bronze", num_workers=4)
    stopped = client.clusters.delete_and_wait(made.cluster_id)
    assert (stopped.num_workers, stopped.state.value) == (4, "TERMINATED")
    client.clusters.permanent_delete(made.cluster_id)
    assert list(client.clusters.list()) == []
    assert refusal(lambda: client.clusters.permanent_delete(made.cluster_id))[1] == (
        f"Cluster {made.cluster_id} does not exist"
    )
