"""What is missing is told at once and before anything is changed; what loses data is agreed to by name."""

import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from deploy import verbs
from deploy.__main__ import deploy
from deploy.planning import uncovered
from deploy.show import markdown
from tests.deployments import (
    CASES,
    PLANTED,
    VARIABLES,
    Case,
    apply,
    drift,
    furnish,
    listening,
    outcome_of,
    plan,
    served,
    session,
    steps,
    write_bundle,
)
from weir.model.problems import WeirError
from weir.testing.workspace import ADMIN, Faults, Outcome, workspace

__all__ = ["listening", "served"]
SCHEMA = {
    "schemas": {"silver": {"name": "silver", "catalog_name": "lake", "storage_root": "s3://lake/silver/"}}
}
SHOP = Case(
    "shop",
    {
        "secret_scopes": {"shop": {"name": "shop"}},
        "jobs": {"update": {"name": "update", "timeout_seconds": 60, "tags": {"team": "a"}}},
        "volumes": {"in": {"name": "in", "catalog_name": "lake", "schema_name": "gold", "volume_type": "MANAGED"}},
    },
    {
        "destinations": {"team": {"type": "slack", "environment": {"url": "SLACK"}}},
        "secrets": {"smtp-password": {"environment": "SMTP"}},
    },
)  # fmt: skip


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """Write the bundle of a case, and work in its folder."""
    monkeypatch.chdir(tmp_path)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return lambda case: write_bundle(tmp_path, case)


@pytest.fixture
def command(served, monkeypatch):
    """Call `python -m deploy`: exit code and output."""
    monkeypatch.setenv("DATABRICKS_HOST", served.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", served.token_of(ADMIN))

    def call(*arguments):
        ended = CliRunner().invoke(deploy, [*arguments, "--no-cli"])
        if isinstance(ended.exception, WeirError):
            return ended.exception.problems[0].condition, ended.output
        return ended.exit_code, ended.output

    return call


def conditions(call):
    with pytest.raises(WeirError) as caught:
        call()
    return [(p.condition, p.origin and p.origin.line) for p in caught.value.problems]


def test_everything_that_is_missing_is_told_at_once_with_its_line(served, bundle):
    requires = {"groups": ["nobody"], "member_of": "nobody", "service_credentials": ["queues"]}
    bundle(Case("x", SCHEMA, {"requires": requires, "secret": {}}))
    served.world.state.remove("warehouses", next(iter(served.world.state.all("warehouses"))))
    assert conditions(lambda: plan(served.client())) == [
        ("BUNDLE_UNKNOWN_KEY", 7),
        ("RESOURCE_DOES_NOT_EXIST", 25),
        ("PRINCIPAL_DOES_NOT_EXIST", 3),
        ("PRINCIPAL_NOT_IN_GROUP", 4),
        ("CREDENTIAL_DOES_NOT_EXIST", 6),
        ("EXTERNAL_LOCATION_DOES_NOT_EXIST", 8),
    ]
    assert [c for c in served.world.faults.calls if not c.startswith("GET")] == []


def test_whoever_runs_the_pipelines_must_see_what_masks_hide(served, bundle):
    bundle(Case("x", {}, {"requires": {"member_of": "data-engineers"}}))
    assert steps(plan(served.client())) == []
    outsider = served.client("eva@x", "business-users")
    assert conditions(lambda: plan(outsider)) == [("PRINCIPAL_NOT_IN_GROUP", 2)]
    principal = served.client().service_principals_v2.create(display_name="robot")
    folder = bundle(Case("x", {}, {"requires": {"member_of": "data-engineers"}}))
    file = folder / "databricks.yml"
    file.write_text(file.read_text() + f"run_as: {{service_principal_name: {principal.application_id}}}\n")
    assert conditions(lambda: plan(served.client())) == [("PRINCIPAL_NOT_IN_GROUP", 2)]


def test_a_secret_without_a_value_is_missing_until_it_exists(served, bundle, monkeypatch):
    bundle(SHOP)
    monkeypatch.delenv("SMTP")
    assert conditions(lambda: apply(served.client())) == [("SECRET_VALUE_MISSING", 7)]
    monkeypatch.setenv("SMTP", PLANTED)
    apply(served.client())
    monkeypatch.delenv("SMTP")
    assert steps(apply(served.client())) == []


def test_no_value_of_a_secret_is_in_a_plan_a_state_or_an_output(served, bundle, command, tmp_path):
    bundle(SHOP)
    outputs = [
        command("plan", "--out", str(tmp_path / "p.json")),
        command("plan", "--json"),
        command("plan", "--markdown"),
    ]
    outputs += [
        command("apply", "--json", "--auto-approve"),
        command("status"),
        command("drift"),
        command("plan"),
    ]
    assert [code for code, _ in outputs] == [2, 2, 2, 0, 0, 0, 0]
    texts = [text for _, text in outputs] + [
        p.read_text(errors="ignore") for p in tmp_path.rglob("*") if p.is_file()
    ]
    texts += [p.read_text(errors="ignore") for p in served.world.folder.rglob("*") if p.is_file()]
    assert [text for text in texts if PLANTED in text] == []
    kept = served.world.state.get("secret_values", "shop/smtp-password")
    assert kept is not None, "it is where it belongs"


def test_a_saved_plan_is_refused_once_anything_has_changed(bundle, command, tmp_path):
    file = str(tmp_path / "plan.json")
    bundle(SHOP)
    assert command("plan", "--out", file)[0] == 2
    bundle(Case("x", {"secret_scopes": SHOP.resources["secret_scopes"]}, SHOP.beyond))
    assert command("apply", file)[0] == "PLAN_STALE"
    bundle(SHOP)
    assert (command("apply", file)[0], command("plan")[0]) == (0, 0)
    assert command("apply", file)[0] == "PLAN_STALE"


def test_a_loss_of_data_needs_the_name_of_what_is_lost(served, bundle, command):
    bundle(SHOP)
    assert command("apply", "--auto-approve")[0] == 0
    bundle(Case("x", {"secret_scopes": SHOP.resources["secret_scopes"]}, SHOP.beyond))
    code, output = command("apply", "--auto-approve")
    assert (code, "loses all files of the volume" in output) == ("DATA_LOSS_NOT_AGREED", True)
    assert served.world.state.get("volumes", "lake.gold.in"), "nothing was touched"
    assert command("apply", "--auto-approve", "--lose", "volumes.in")[0] == 0
    assert served.world.state.get("volumes", "lake.gold.in") is None


def test_what_is_protected_is_never_deleted(served, bundle, command):
    volume = {**SHOP.resources["volumes"]["in"], "lifecycle": {"prevent_destroy": True}}
    bundle(Case("x", {"volumes": {"in": volume}}))
    assert command("apply", "--auto-approve")[0] == 0
    assert command("destroy", "--auto-approve", "--lose", "*")[0] == "RESOURCE_PROTECTED"
    bundle(Case("x"))
    assert command("apply", "--auto-approve", "--lose", "*")[0] == "RESOURCE_PROTECTED"
    assert served.world.state.get("volumes", "lake.gold.in")


def test_a_plan_tells_field_by_field_what_was_and_what_will_be(served, bundle):
    folder = bundle(SHOP)
    apply(served.client())
    file = folder / "databricks.yml"
    file.write_text(file.read_text().replace("timeout_seconds: 60", "timeout_seconds: 90"))
    job = next(iter(served.client().jobs.list())).job_id
    served.client().api_client.do("POST", "/api/2.2/jobs/update", body={
        "job_id": job, "new_settings": {"tags": {"team": "a", "more": "1"}}})  # fmt: skip
    made = plan(served.client())
    assert [(s.address, s.why, s.changes) for s in made.steps] == [
        ("jobs.update", "our files changed", made.steps[0].changes)
    ]
    assert {(c.path, c.old, c.new, c.why) for c in made.steps[0].changes} == {
        ("timeout_seconds", 60, 90, "our files changed"),
        ("tags.more", "1", None, "changed in the workspace"),
    }
    assert "| ~ | `jobs.update` | `timeout_seconds` | `60` | `90` | our files changed |" in markdown(made)
    assert steps(drift(served.client())) == []


def test_two_things_of_one_name_are_nobodys(served, bundle):
    bundle(SHOP)
    for _ in range(2):
        served.client().jobs.create(name="update")
    assert conditions(lambda: plan(served.client())) == [("RESOURCE_AMBIGUOUS", 5)]


def test_grants_of_others_stay(served, bundle):
    given = [{"principal": "data-analysts", "privileges": ["SELECT"]}]
    bundle(Case("x", {}, {"grants": {"gold.rescues": given}}))
    path = "/api/2.1/unity-catalog/permissions/table/lake.gold.rescues"
    client = served.client()
    client.api_client.do(
        "PATCH", path, body={"changes": [{"principal": "data-engineers", "add": ["MODIFY"]}]}
    )
    apply(client)
    verbs.destroyed(session(client))
    left = client.api_client.do("GET", path)["privilege_assignments"]
    assert left == [{"principal": "data-engineers", "privileges": ["MODIFY"]}]


def test_whoever_agrees_to_lose_a_catalog_agrees_to_its_schemas(served, bundle):
    own = {"catalogs": {"own": {"name": "own"}}, "schemas": {"s": {"name": "s", "catalog_name": "own"}}}
    bundle(Case("x", {**own, **SHOP.resources}))
    apply(served.client())
    seen = []
    verbs.destroyed(session(served.client(), seen.append))
    assert [s.address for s in uncovered(seen[0].steps, ["catalogs.own"])] == [
        "secret_scopes.shop",
        "volumes.in",
    ]
    assert uncovered(seen[0].steps, ["*"]) == []
    assert json.loads(seen[0].to_text())["steps"][0]["action"] == "delete"
    assert re.search("[1-9]+ to delete", markdown(seen[0]))


def test_a_schema_lies_in_a_place_that_the_bundle_makes_first(served, bundle):
    place = {
        "external_locations": {"place": {"name": "s", "url": "s3://lake/silver/", "credential_name": "x"}}
    }
    url = "${resources.external_locations.place.url}"
    silver = {**SCHEMA["schemas"]["silver"], "storage_root": url}
    bundle(Case("x", {**place, "schemas": {"silver": silver}}))
    assert steps(apply(served.client())) == ["create external_locations.place", "create schemas.silver"]
    assert served.client().schemas.get("lake.silver").storage_root == "s3://lake/silver/"
    assert steps(plan(served.client())) == []


def test_a_read_after_a_write_may_be_late(tmp_path, bundle):
    bundle(SHOP)
    with workspace(tmp_path / "late", recorded=outcome_of, faults=Faults(lag=4)) as server:
        furnish(server)
        client = server.client()
        apply(client)
        for _ in range(5):
            client.current_user.me()
        assert steps(plan(client)) == []
        assert [job.settings.name for job in client.jobs.list()] == ["update"]


def test_whoever_deploys_is_warned_before_taking_the_own_right_to_manage(served, bundle):
    levels = [{"group_name": "data-analysts", "level": "CAN_MANAGE"}]
    bundle(Case("x", {"jobs": {"update": {"name": "update", "permissions": levels}}}))
    apply(served.client())
    levels[0]["level"] = "CAN_VIEW"
    bundle(Case("x", {"jobs": {"update": {"name": "update", "permissions": levels}}}))
    assert [step.loses for step in plan(served.client()).steps] == [
        "the right of group_name/data-analysts to manage it, which is yours"
    ]


def test_a_plan_is_not_saved_among_the_files_that_it_is_about(bundle, command, tmp_path):
    bundle(replace(SHOP, files=True))
    assert command("plan", "--out", "plan.json")[0] == "PLAN_IN_BUNDLE"
    assert not (tmp_path / "plan.json").exists()
    assert command("plan", "--out", ".weir/plan.json")[0] == 2
    assert command("apply", ".weir/plan.json")[0] == 0


def test_why_an_update_failed_is_told(tmp_path, bundle):
    exceptions = [{"class_name": "PATH_NOT_FOUND", "message": "Path does not exist: /in"}]
    failed = {
        "id": "1",
        "message": "Update is FAILED.",
        "level": "ERROR",
        "error": {"exceptions": exceptions},
    }
    bundle(next(case for case in CASES if case.address == "updates.shop"))
    said: list[str] = []
    with workspace(tmp_path / "w", recorded=lambda _: Outcome("FAILED", events=(failed,))) as server:
        furnish(server)
        with pytest.raises(WeirError, match="ended FAILED"):
            verbs.applied(replace(session(server.client()), say=said.append))
    assert said.index("[PATH_NOT_FOUND] Path does not exist: /in") == said.index("Update is FAILED.") + 1
