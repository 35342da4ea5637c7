"""Plans of deployments, on values alone: classes of fields, what definitions cost, order, what is agreed to."""

import pytest

from deploy.bundle import pipelines_in_order
from deploy.difference import BY_HAND, DECLARED, Classes, differences, recreates
from deploy.foresight import foretold
from deploy.planning import ordered
from deploy.presets import Presets, preset, presets_of
from deploy.values import Resource, Verb
from weir.bundle.bundle import read_bundle

JOB = Classes(
    immutable=frozenset({"kind"}),
    unread=frozenset({"token"}),
    defaults={"pause": "UNPAUSED", "trigger": ""},
    closed=frozenset({"tags"}),
    keyed={"tasks": "key"},
    sets=frozenset({"emails"}),
)


@pytest.mark.parametrize(
    ("new", "remote", "last", "expected"),
    [
        ({"a": 1}, {"a": 1, "id": "x"}, {"a": 1}, []),
        ({"a": 1}, {"a": "1"}, None, []),
        ({"a": 2}, {"a": 1}, {"a": 1}, [("a", 1, 2, DECLARED)]),
        ({"a": 1}, {"a": 2}, {"a": 1}, [("a", 2, 1, BY_HAND)]),
        ({}, {"a": 1}, {"a": 1}, [("a", 1, None, DECLARED)]),
        ({}, {"pause": "PAUSED"}, {}, [("pause", "PAUSED", "UNPAUSED", BY_HAND)]),
        ({}, {"pause": "UNPAUSED"}, {}, []),
        ({}, {"trigger": {"cron": "x"}}, {}, [("trigger", {"cron": "x"}, "", BY_HAND)]),
        ({"tags": {"a": "1"}}, {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1"}}, [("tags.b", "2", None, BY_HAND)]),
        ({"emails": ["a", "b"]}, {"emails": ["b", "a"]}, None, []),
        ({"list": ["a", "b"]}, {"list": ["b", "a"]}, {"list": ["a", "b"]}, [("list[0]", "b", "a", BY_HAND), ("list[1]", "a", "b", BY_HAND)]),
        (
            {"tasks": [{"key": "a", "n": 1}, {"key": "b"}]}, {"tasks": [{"key": "b", "run": "x"}, {"key": "a", "n": 2}]},
            {"tasks": [{"key": "a", "n": 1}, {"key": "b"}]}, [("tasks[a].n", 2, 1, BY_HAND)],
        ),
        ({"token": "A"}, {}, {"token": "A"}, []),
        ({"token": "A"}, {}, None, []),
        ({"token": "B"}, {}, {"token": "A"}, [("token", "A", "B", DECLARED)]),
        ({"a": ""}, {}, None, []),
    ],
)  # fmt: skip
def test_fields_differ_by_their_classes(new, remote, last, expected):
    assert [(c.path, c.old, c.new, c.why) for c in differences(new, remote, last, JOB)] == expected


def test_what_is_immutable_is_made_anew():
    assert recreates(differences({"kind": "a"}, {"kind": "b"}, None, JOB), JOB)
    assert not recreates(differences({"a": "a"}, {"a": "b"}, None, JOB), JOB)


TABLE = {
    "kind": "streaming_table", "pipeline": "p", "quality": "", "partition_by": ["day"], "keys": ["id"],
    "scd_type": 1, "flows": ["f"], "dropped_with_definition": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("new", "verb", "loses"),
    [
        (None, Verb.DELETE, ""),
        (TABLE, None, ""),
        ({**TABLE, "quality": "gold"}, None, ""),
        ({**TABLE, "flows": ["f", "g"]}, None, ""),
        ({**TABLE, "flows": ["g"]}, Verb.UPDATE, "that each row is there once: the flow f is gone"),
        ({**TABLE, "keys": ["id", "at"]}, Verb.UPDATE, "the rows that its sources no longer hold: its keys changed"),
        ({**TABLE, "scd_type": 2}, Verb.UPDATE, "the rows that its sources no longer hold: its SCD type changed"),
        ({**TABLE, "partition_by": []}, Verb.UPDATE, "the rows that its sources no longer hold: its partition columns"),
        ({**TABLE, "kind": "materialized_view"}, Verb.UPDATE, "all its rows"),
    ],
)  # fmt: skip
def test_a_change_of_definitions_tells_which_rows_it_costs(new, verb, loses):
    steps = list(foretold({"lake.gold.t": new} if new else {}, {"lake.gold.t": TABLE}))
    assert [step.verb for step in steps] == ([verb] if verb else [])
    assert all(step.loses.startswith(loses) and bool(step.loses) == bool(loses) for step in steps)


def test_tables_that_are_dropped_with_their_definition_lose_everything():
    old = {"lake.gold.t": {**TABLE, "dropped_with_definition": True}}
    assert [s.loses for s in foretold({}, old)] == ["all its rows: pipelines.dropInactiveTables is true"]


def test_each_resource_comes_after_those_that_it_refers_to():
    a = Resource("jobs", "a", "a", {"task": {"job_id": "${resources.jobs.b.id}"}})
    b = Resource("jobs", "b", "b", {"pipeline_id": "${resources.pipelines.p.id}"})
    pipeline, schema = Resource("pipelines", "p", "p"), Resource("schemas", "s", "s")
    assert ordered([a, b, pipeline, schema]) == [schema, pipeline, b, a]


def test_development_and_production_are_as_the_databricks_cli_makes_them():
    presets = presets_of({"mode": "development", "presets": {"tags": {"team": "x"}}}, "ana")
    assert presets == Presets("[dev ana] ", {"team": "x", "dev": "ana"}, True, True, 4)
    schedule = {"name": "j", "schedule": {"cron": "c", "pause_status": "UNPAUSED"}}
    assert preset("jobs", schedule, presets) == {
        "queue": {"enabled": True}, "name": "[dev ana] j", "tags": {"team": "x", "dev": "ana"},
        "schedule": {"cron": "c", "pause_status": "PAUSED"}, "max_concurrent_runs": 4,
    }  # fmt: skip
    run_as = {"service_principal_name": "robot"}
    made = preset("jobs", schedule, presets_of({"mode": "production", "run_as": run_as}, "ana"))
    assert (made["name"], made["schedule"]["pause_status"], made["run_as"]) == ("j", "UNPAUSED", run_as)


def test_pipelines_are_updated_after_those_that_a_job_runs_before_them(tmp_path):
    (tmp_path / "databricks.yml").write_text("""
bundle: {name: b}
resources:
  pipelines:
    last: {libraries: [{file: {path: a.py}}]}
    alone: {libraries: [{file: {path: a.py}}]}
    first: {libraries: [{file: {path: a.py}}]}
  jobs:
    update:
      tasks:
        - {task_key: z, depends_on: [{task_key: y}], pipeline_task: {pipeline_id: "${resources.pipelines.last.id}"}}
        - {task_key: y, pipeline_task: {pipeline_id: "${resources.pipelines.first.id}"}}
""")
    assert pipelines_in_order(read_bundle(tmp_path / "databricks.yml", None)) == ["first", "last", "alone"]
