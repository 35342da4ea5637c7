"""Two who deploy one target at the same time: the second is refused by name, also where one is the CLI."""

import io
import json
import multiprocessing
import os
import socket
from dataclasses import replace

import psutil
import pytest
from databricks.sdk.service.workspace import ImportFormat

from deploy import verbs
from deploy.api import Api
from deploy.lock import DeployLock
from tests.deployments import CASES, apply, destroy, listening, plan, served, session, steps, write_bundle
from weir.model.problems import WeirError
from weir.testing.workspace import ADMIN

__all__ = ["listening", "served"]
STATE = f"/Workspace/Users/{ADMIN}/.bundle/shop/prod/state"
OF_CLI = {"ID": "1", "AcquisitionTime": "2026-01-01T00:00:00Z", "IsForced": False, "User": "ana@x"}


@pytest.fixture
def client(served, tmp_path, monkeypatch):
    """A client of the workspace; the working directory has a bundle that makes a schema."""
    case = next(case for case in CASES if case.address == "schemas.silver")
    monkeypatch.chdir(write_bundle(tmp_path / "bundle", case))
    return served.client()


def locked(client, holder):
    """Let somebody hold the lock of the target."""
    client.workspace.mkdirs(STATE)
    content = io.BytesIO(json.dumps(holder).encode())
    client.workspace.upload(f"{STATE}/deploy.lock", content, format=ImportFormat.RAW)


def refused(call):
    with pytest.raises(WeirError) as caught:
        call()
    return [(p.condition, p.message) for p in caught.value.problems]


def test_while_one_deploys_another_is_refused_and_may_plan(client):
    told = []

    def meanwhile(made):
        told.extend([refused(lambda: apply(client)), refused(lambda: destroy(client)), plan(client) == made])

    made = verbs.applied(session(client, approve=meanwhile))
    assert steps(made)[0] == "create schemas.silver"
    (first, text), = told[0]  # fmt: skip
    assert (first, text.partition(" since ")[0]) == ("DEPLOYMENT_LOCKED", f"`{ADMIN}` deploys this target")
    assert f"process {os.getpid()} on {socket.gethostname()}" in text
    assert told[1:] == [told[0], True]
    assert steps(apply(client)) == [], "the lock was let go"


def test_the_lock_of_the_cli_holds_until_it_is_forced(client):
    locked(client, OF_CLI)
    expected = "`ana@x` deploys this target since 2026-01-01T00:00:00Z."
    assert refused(lambda: apply(client)) == [("DEPLOYMENT_LOCKED", expected)]
    verbs.applied(replace(session(client), force_lock=True))
    assert steps(destroy(client)) == ["delete schemas.silver"]


def test_who_fails_lets_the_lock_go(client):
    def disagrees(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        verbs.applied(session(client, approve=disagrees))
    assert steps(apply(client))[0] == "create schemas.silver"


@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_the_lock_of_a_process_that_has_ended_is_nobodys_where_that_is_known(client, where):
    ended = multiprocessing.get_context("spawn").Process(target=os.getpid)
    ended.start()
    own = {"Pid": ended.pid, "Started": psutil.Process(ended.pid).create_time()}
    ended.join(30)
    host = socket.gethostname() if where == "here" else where
    locked(client, OF_CLI | own | {"Host": host})
    if where == "here":
        assert steps(apply(client))[0] == "create schemas.silver"
    else:
        assert [condition for condition, _ in refused(lambda: apply(client))] == ["DEPLOYMENT_LOCKED"]


def test_the_lock_is_lent_to_the_cli_and_taken_again_unless_somebody_was_faster(client):
    lock = DeployLock(Api(client), f"{STATE}/deploy.lock", ADMIN)
    with lock.held():
        with lock.lent():
            locked(client, OF_CLI)
            client.workspace.delete(lock.path)
        assert refused(lambda: apply(client))[0][0] == "DEPLOYMENT_LOCKED"
    with pytest.raises(WeirError, match="ana@x"), lock.held(), lock.lent():
        locked(client, OF_CLI)
    assert json.loads(client.workspace.download(lock.path).read()) == OF_CLI, "it is not ours to remove"
