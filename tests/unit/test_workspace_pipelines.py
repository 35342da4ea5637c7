"""Pipelines, their updates and events, and jobs, where updates are recorded."""

from databricks.sdk.service import iam, jobs
from databricks.sdk.service.pipelines import FileLibrary, PipelineLibrary

from tests.killing import until
from tests.workspaces import refusal


def make(client, name="gold"):
    return client.pipelines.create(
        name=name, catalog="lake", schema="gold", serverless=True, configuration={"a": "b"},
        libraries=[PipelineLibrary(file=FileLibrary("/Workspace/Users/me/a.py"))],
    ).pipeline_id  # fmt: skip


def task(key, pipeline, *before, **options):
    depends = [jobs.TaskDependency(b) for b in before]
    return jobs.Task(key, depends_on=depends, pipeline_task=jobs.PipelineTask(pipeline), **options)


def test_a_pipeline_is_made_shown_changed_and_removed(client):
    key = make(client)
    known = client.pipelines.get(key)
    assert (known.name, known.state.value, known.spec.configuration) == ("gold", "IDLE", {"a": "b"})
    client.pipelines.update(key, name="gold2", catalog="lake", schema="gold", continuous=True)
    changed = client.pipelines.get(key)
    assert (changed.name, changed.spec.continuous, changed.spec.configuration) == ("gold2", True, None)
    assert [p.name for p in client.pipelines.list_pipelines(filter="name LIKE '%old2'")] == ["gold2"]
    client.pipelines.create(name="[dev ana] gold", catalog="lake", schema="gold")
    named = client.pipelines.list_pipelines(filter="name LIKE '[dev ana] gold'")
    assert [p.name for p in named] == ["[dev ana] gold"]
    client.pipelines.delete(key)
    assert refusal(lambda: client.pipelines.delete(key)) == (
        "ResourceDoesNotExist", f"The specified pipeline {key} was not found.",
    )  # fmt: skip


def test_a_name_is_taken_unless_duplicates_are_allowed(client):
    make(client)
    assert refusal(lambda: make(client))[0] == "ResourceAlreadyExists"
    client.pipelines.create(name="gold", catalog="lake", allow_duplicate_names=True)
    assert [p.name for p in client.pipelines.list_pipelines()] == ["gold", "gold"]


def test_a_change_that_is_too_late_is_refused(client):
    key = make(client)
    seen = client.pipelines.get(key).last_modified
    client.pipelines.update(key, name="gold", expected_last_modified=seen)
    late = refusal(lambda: client.pipelines.update(key, name="gold", expected_last_modified=seen))
    assert late == ("BadRequest", "The pipeline was changed since.")


def test_an_update_ends_as_it_is_recorded_with_its_events(lake):
    key = make(lake)
    update = lake.pipelines.start_update(key).update_id
    assert lake.pipelines.get_update(key, update).update.state.value == "COMPLETED"
    texts = [e.message for e in lake.pipelines.list_pipeline_events(key, order_by=["timestamp asc"])]
    assert texts == [f"Update {update[:6]} is RUNNING.", f"Update {update[:6]} is COMPLETED."]
    assert [u.update_id for u in lake.pipelines.get(key).latest_updates] == [update]
    lake.pipelines.delete(key)
    assert list(lake.tables.list("lake", "gold")) == []


def test_events_are_filtered(lake):
    key = make(lake, "broken")
    update = lake.pipelines.start_update(key).update_id
    wanted = f"level in ('ERROR', 'WARN') AND update_id = '{update}'"
    assert [e.message for e in lake.pipelines.list_pipeline_events(key, filter=wanted)] == [
        f"Update {update[:6]} is FAILED."
    ]
    asked = refusal(lambda: list(lake.pipelines.list_pipeline_events(key, filter="colour = 'red'")))
    assert asked == ("InvalidParameterValue", "Filter not supported: colour = 'red'")


def test_a_job_runs_its_tasks_in_the_order_of_what_they_depend_on(lake):
    key = make(lake)
    job = lake.jobs.create(name="update", tasks=[task("b", key, "a"), task("a", key)]).job_id
    run = lake.jobs.run_now_and_wait(job)
    assert [(t.task_key, t.state.result_state.value) for t in run.tasks] == [
        ("a", "SUCCESS"),
        ("b", "SUCCESS"),
    ]
    assert run.state.result_state.value == "SUCCESS"
    assert [r.run_id for r in lake.jobs.list_runs(job_id=job)] == [run.run_id]
    assert [u.cause.value for u in lake.pipelines.list_updates(key).updates] == ["JOB_TASK", "JOB_TASK"]


def test_what_comes_after_a_failed_task_runs_only_where_run_if_says_so(lake):
    good, broken = make(lake), make(lake, "broken")
    after = [task("skipped", good, "bad"), task("watch", good, "bad", run_if=jobs.RunIf.ALL_DONE)]
    job = lake.jobs.create(tasks=[task("bad", broken), *after]).job_id
    number = lake.jobs.run_now(job).run_id
    until(lambda: lake.jobs.get_run(number).end_time is not None)
    run = lake.jobs.get_run(number)
    results = {t.task_key: t.state.result_state.value for t in run.tasks}
    assert results == {"bad": "FAILED", "skipped": "UPSTREAM_FAILED", "watch": "SUCCESS"}
    assert run.state.result_state.value == "FAILED"
    failed = next(t for t in run.tasks if t.task_key == "bad").run_id
    text = lake.jobs.get_run_output(failed).error
    assert text.endswith(" is FAILED.")
    assert run.state.state_message == f"Task bad failed with message: {text}"


def test_a_job_is_shown_with_defaults_changed_reset_and_removed(client):
    job = client.jobs.create(name="old", tasks=[task("a", "1")]).job_id
    settings = client.jobs.get(job).settings
    assert (settings.max_concurrent_runs, settings.tasks[0].run_if.value) == (1, "ALL_SUCCESS")
    client.jobs.update(job, new_settings=jobs.JobSettings(timeout_seconds=60, tasks=[task("b", "2")]))
    changed = client.jobs.get(job).settings
    assert (changed.name, changed.timeout_seconds, [t.task_key for t in changed.tasks]) == (
        "old",
        60,
        ["a", "b"],
    )
    client.jobs.reset(job, jobs.JobSettings(name="new"))
    assert [(j.settings.name, j.settings.timeout_seconds) for j in client.jobs.list()] == [("new", 0)]
    client.jobs.delete(job)
    assert refusal(lambda: client.jobs.delete(job)) == ("ResourceDoesNotExist", f"Job {job} does not exist.")


def test_tasks_depend_on_tasks_that_there_are(client):
    assert refusal(lambda: client.jobs.create(tasks=[task("a", "1", "b")])) == (
        "InvalidParameterValue", "Invalid dependency graph, task b does not exist.",
    )  # fmt: skip


def test_permissions_of_a_pipeline_keep_its_owner(client):
    key = make(client)
    entry = iam.AccessControlRequest(
        group_name="data-engineers", permission_level=iam.PermissionLevel.CAN_RUN
    )
    client.permissions.set("pipelines", key, access_control_list=[entry])
    shown = client.permissions.get("pipelines", key).access_control_list
    assert [(a.display_name, a.all_permissions[0].permission_level.value) for a in shown] == [
        ("admin@weir.local", "IS_OWNER"), ("data-engineers", "CAN_RUN"),
    ]  # fmt: skip
    wrong = iam.AccessControlRequest(group_name="x", permission_level=iam.PermissionLevel.CAN_QUERY)
    assert refusal(lambda: client.permissions.set("pipelines", key, access_control_list=[wrong]))[0] == (
        "InvalidParameterValue"
    )
    assert refusal(lambda: client.permissions.get("pipelines", "none"))[0] == "ResourceDoesNotExist"
