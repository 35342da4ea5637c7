"""The history of deployments that clients write beside what they deploy."""

import pytest
from databricks.sdk.common.types.fieldmask import FieldMask
from databricks.sdk.service import bundledeployments as history

from tests.workspaces import refusal

DEPLOY = history.VersionType.VERSION_TYPE_DEPLOY


@pytest.fixture
def deployment(client):
    return client.bundle_deployments.create_deployment(
        history.Deployment(initial_parent_path="/Users/me")
    ).name


def version(**fields):
    return history.Version(cli_version="1.0", version_type=DEPLOY, **fields)


def mask(*names):
    made = FieldMask()
    made.FromJsonString(",".join(names))
    return made


def test_a_version_says_what_it_does_and_how_that_ended(client, deployment):
    api = client.bundle_deployments
    create = history.OperationActionType.OPERATION_ACTION_TYPE_CREATE
    planned = [history.StagedOperation(resource_key="jobs.update", action_type=create)]
    one = api.create_version(deployment, version(operations=planned), "1").name
    done = history.Operation(
        resource_id="7", state="{}", status=history.OperationStatus.OPERATION_STATUS_SUCCEEDED, sequence_id=0
    )
    api.update_operation(f"{one}/operations/jobs.update", done, mask("resource_id", "state", "status"))
    found = [(o.resource_key, o.status.value, o.sequence_id) for o in api.list_operations(one)]
    assert found == [("jobs.update", "OPERATION_STATUS_SUCCEEDED", 1)]
    api.complete_version(one, history.VersionComplete.VERSION_COMPLETE_SUCCESS)
    kept = [
        (r.resource_key, r.resource_id, r.state, r.resource_type.name) for r in api.list_resources(deployment)
    ]
    assert kept == [("jobs.update", "7", "{}", "DEPLOYMENT_RESOURCE_TYPE_JOB")]
    assert api.get_deployment(deployment).last_successful_version_id == "1"


def test_two_do_not_deploy_at_once(client, deployment):
    api = client.bundle_deployments
    one = api.create_version(deployment, version(), "1").name
    open_ = refusal(lambda: api.create_version(deployment, version(previous_version_id="1"), "2"))
    assert open_ == ("Aborted", "Version 1 is in progress.")
    api.complete_version(one, history.VersionComplete.VERSION_COMPLETE_FAILURE)
    stale = refusal(lambda: api.create_version(deployment, version(), "2"))
    assert stale == ("InvalidParameterValue", "previous_version_id is not 1: somebody else has deployed.")
    api.create_version(deployment, version(previous_version_id="1"), "2")
    assert [v.version_id for v in api.list_versions(deployment)] == ["2", "1"]


def test_a_deployment_that_is_deleted_stays_in_the_history(client, deployment):
    client.bundle_deployments.delete_deployment(deployment)
    assert [d.status.name for d in client.bundle_deployments.list_deployments()] == [
        "DEPLOYMENT_STATUS_DELETED"
    ]
