"""Each kind of resource: a second plan is empty, drift is shown and repaired, faults and kills converge."""

import multiprocessing
import os
import signal
from multiprocessing import forkserver
from pathlib import Path

import pytest
from databricks.sdk.errors.base import DatabricksError

from tests.deployments import (
    CASES,
    VARIABLES,
    apply,
    apply_in,
    destroy,
    drift,
    fault,
    furnish,
    listening,
    plan,
    served,
    steps,
    write_bundle,
)
from tests.projects import ROOT
from weir.model.problems import WeirError
from weir.testing.workspace import ADMIN, Fault

__all__ = ["listening", "served"]
REMEMBERING = tuple(f"POST /api/2.0/workspace/{name}" for name in ("mkdirs", "import", "delete"))


@pytest.fixture(scope="module")
def forks():
    """Makes processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.deployments"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), str(ROOT / "shims"))))
        forkserver.ensure_running()
    return context


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=CASES, ids=lambda case: case.address)
def case(request, tmp_path, monkeypatch):
    monkeypatch.chdir(write_bundle(tmp_path / "bundle", request.param))
    return request.param


def counts(server):
    """How many things of each kind there are, whatever their ids."""
    state = server.world.state
    kinds = ("catalogs", "schemas", "volumes", "external_locations", "scopes", "scope_acls", "secrets", "destinations",
             "pipelines", "jobs", "alerts", "clusters", "warehouses", "functions", "tags", "updates", "grants")  # fmt: skip
    alive = {
        kind: [v for v in state.all(kind).values() if v and v.get("lifecycle_state") != "DELETED"]
        for kind in kinds
    }
    return {kind: len(values) for kind, values in alive.items() if values}


def test_a_second_plan_is_empty_and_destroying_twice_is_once(case, served):
    client, before = served.client(), counts(served)
    assert f"create {case.address}" in steps(apply(client))
    assert steps(plan(client)) == []
    assert f"delete {case.address}" in steps(destroy(client))
    assert steps(destroy(client)) == []
    left = {k: n for k, n in counts(served).items() if before.get(k) != n}
    assert left.keys() <= {"updates"}, "what was updated was updated"


def test_what_somebody_changed_is_shown_and_repaired(case, served):
    if case.by_hand is None:
        return
    client = served.client()
    apply(client)
    case.by_hand(client)
    found = drift(client)
    step = next(s for s in found.steps if s.address == case.address)
    assert case.changed in [c.path for c in step.changes] or not case.changed
    apply(client)
    assert steps(plan(client)) == []


def writes(case, calls):
    """The numbers of the calls that change something; what all cases remember alike is tried with one."""
    common = ("GET", "HEAD") if case.address == "jobs.update" else ("GET", "HEAD", *REMEMBERING)
    wanted = ("GET", "HEAD") if case.files else common
    return [n for n, call in enumerate(calls, 1) if not call.startswith(wanted)]


def test_a_fault_at_any_call_is_got_over(case, served):
    client = served.client()
    apply(client)
    expected, calls = counts(served), list(served.world.faults.calls)
    reads = len(calls) if case.address == "jobs.update" else 0
    moments = {
        *((n, w) for n in writes(case, calls) for w in ("before", "after")),
        *((n, "before") for n in range(1, reads)),
    }
    for number, when in sorted(moments):
        furnish(served)
        served.world.faults.at = fault(number, when)
        try:
            apply(client)
        except (DatabricksError, WeirError):
            served.world.faults.at = {}
            apply(client)
        served.world.faults.at = {}
        assert (counts(served), steps(plan(client))) == (expected, []), calls[number - 1]


def test_a_kill_after_any_call_leaves_no_orphan_and_no_duplicate(case, served, forks):
    client, folder = served.client(), str(Path.cwd())
    apply(client)
    expected, calls = counts(served), list(served.world.faults.calls)
    for number in writes(case, calls):
        furnish(served)
        arguments = (served.url, served.token_of(ADMIN), folder)
        process = forks.Process(target=apply_in, args=arguments)
        served.world.faults.at = {
            number: Fault("after", kills=lambda p=process: os.kill(p.pid, signal.SIGKILL))
        }
        process.start()
        process.join(20)
        process.kill()
        served.world.faults.at = {}
        assert process.exitcode == -signal.SIGKILL, calls[number - 1]
        apply(client)
        assert (counts(served), steps(plan(client))) == (expected, []), calls[number - 1]
