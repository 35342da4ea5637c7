"""Databricks' own command line takes the bundle, and a workspace on loopback takes what it sends."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from databricks.sdk.service.settings import Config, SlackConfig

from tests.projects import copy_of_the_project
from weir.testing.workspace import Outcome, workspace

CLI = shutil.which("databricks")
GROUPS = ("data-engineers", "data-analysts", "business-users")
EMPTY = "Plan: 0 to add, 0 to change, 0 to delete"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_of_the_project(tmp_path_factory.mktemp("bundle"))


@pytest.fixture
def bundle(project, tmp_path):
    """Call `databricks bundle` in a workspace that has what the bundle does not make: exit code, output."""
    with workspace(tmp_path, recorded=lambda _: Outcome()) as server:
        client = server.client()
        for group in GROUPS:
            client.groups_v2.create(display_name=group)
        client.warehouses.create(name="altrupets", cluster_size="Small")
        channel = Config(slack=SlackConfig(url="https://hooks.slack.com/services/x"))
        client.notification_destinations.create(display_name="altrupets-data-team", config=channel)
        principal = client.service_principals_v2.create(display_name="altrupets").application_id
        env = os.environ | {
            "DATABRICKS_HOST": server.url,
            "DATABRICKS_TOKEN": server.token_of("admin@weir.local"),
            "HOME": str(tmp_path),
        }

        def call(*arguments, target):
            named = [f"--var=run_as={principal}"] if target.startswith("prod") else []
            command = [CLI, "bundle", *arguments, "--target", target, *named]
            ended = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
            return ended.returncode, ended.stdout + ended.stderr

        yield call


@pytest.mark.skipif(CLI is None, reason="no `databricks` on PATH: the Databricks CLI is no package of Python")
@pytest.mark.parametrize("cloud", ["aws", "gcp", "azure"])
@pytest.mark.parametrize(("stage", "form"), [("dev", ""), ("prod", ""), ("prod", "_continuo")])
def test_the_bundle_is_deployed_once_and_destroyed_where_it_may_be(bundle, stage, cloud, form):
    target = f"{stage}_{cloud}{form}"
    for arguments in (("validate",), ("deploy", "--auto-approve")):
        code, output = bundle(*arguments, target=target)
        assert code == 0, output
    assert EMPTY in bundle("plan", target=target)[1]
    assert bundle("run", "update", target=target)[0] == 0
    code, output = bundle("destroy", "--auto-approve", target=target)
    refused = "resources.catalogs.altrupets has lifecycle.prevent_destroy set" in output
    assert (code == 0, refused) == ((True, False) if stage == "dev" else (False, True))
