"""Jobs (version 2.2): settings with the service's defaults; `runs.py` runs them."""

from __future__ import annotations

from databricks.sdk.service import jobs

from weir.workspace.calls import Call, Json, Route, page, wrong
from weir.workspace.state import now
from weir.workspace.world import World

PATH = "/api/2.2/jobs"
FILES = ("spark_python_task", "notebook_task")


def create(world: World, call: Call) -> Json:
    """Make a job; several may have one name."""
    key = world.state.number()
    given = {k: v for k, v in call.body.items() if k != "access_control_list"}
    own = {
        "job_id": key,
        "creator_user_name": call.user,
        "created_time": now(),
        "run_as_user_name": call.user,
    }
    world.state.put("jobs", str(key), {**own, "settings": settings(given)})
    return {"job_id": key}


def settings(given: Json) -> Json:
    """The settings of a job with what the service adds.

    Raises:
        ApiError: Two tasks have one key, or one depends on a task that there is not.
    """
    tasks = [_task(task) for task in given.get("tasks", [])]
    keys = [task["task_key"] for task in tasks]
    if len(keys) != len(set(keys)):
        raise wrong("Task keys of a job must be unique.")
    unknown = {d["task_key"] for task in tasks for d in task.get("depends_on", [])} - set(keys)
    if unknown:
        raise wrong(f"Invalid dependency graph, task {min(unknown)} does not exist.")
    defaults = {
        "name": "Untitled", "format": "MULTI_TASK", "timeout_seconds": 0, "max_concurrent_runs": 1,
        "email_notifications": {}, "webhook_notifications": {},
    }  # fmt: skip
    return {**defaults, **given, **({"tasks": tasks} if tasks else {})}


def _task(given: Json) -> Json:
    before = sorted(given.get("depends_on", []), key=lambda d: d["task_key"])
    task = {"run_if": "ALL_SUCCESS", "timeout_seconds": 0, "email_notifications": {}, **given}
    for kind in FILES:
        if kind in task:
            task[kind] = {"source": "WORKSPACE", **task[kind]}
    return {**task, "depends_on": before} if before else task


def _key(call: Call) -> str:
    key = str(call.needs("job_id"))
    if not key.isdigit():
        raise wrong(f"Failed to parse job id: {key}")
    return key


def job(world: World, call: Call) -> Json:
    """The job that a call names.

    Raises:
        ApiError: There is none.
    """
    return world.state.find("jobs", _key(call), f"Job {_key(call)} does not exist.")


def get(world: World, call: Call) -> Json:
    """Get a job."""
    return job(world, call)


def list_(world: World, call: Call) -> Json:
    """List the jobs, the newest first, in pages, by name; tasks only if `expand_tasks` is true."""
    name = call.query.get("name")
    values = [j for j in world.state.all("jobs").values() if name is None or j["settings"]["name"] == name]
    hidden = () if call.flag("expand_tasks") else ("tasks",)
    shown = [
        {**{k: j[k] for k in ("job_id", "creator_user_name", "created_time")},
         "settings": {k: v for k, v in j["settings"].items() if k not in hidden}}
        for j in reversed(values)
    ]  # fmt: skip
    answer = page(call, "jobs", shown, 20, "limit")
    return {**answer, "has_more": "next_page_token" in answer}


def reset(world: World, call: Call) -> None:
    """Replace all settings of a job; who it runs as stays where that is left out."""
    known, given = job(world, call), call.needs("new_settings")
    kept = {"run_as": known["settings"]["run_as"]} if "run_as" in known["settings"] else {}
    world.state.change("jobs", _key(call), settings=settings({**kept, **given}))


def update(world: World, call: Call) -> None:
    """Change the settings of a job that are given; tasks by their keys; remove some fields."""
    known = job(world, call)["settings"]
    new, gone = call.body.get("new_settings") or {}, call.body.get("fields_to_remove") or []
    tasks = {t["task_key"]: t for t in [*known.get("tasks", []), *new.get("tasks", [])]}
    for path in gone:
        tasks.pop(path.partition("/")[2], None)
    merged = {**known, **new, "tasks": list(tasks.values())}
    world.state.change(
        "jobs", _key(call), settings=settings({k: v for k, v in merged.items() if k not in gone})
    )


def delete(world: World, call: Call) -> None:
    """Remove a job."""
    job(world, call)
    world.state.remove("jobs", _key(call))


API = jobs.JobsAPI
ROUTES = (
    Route("POST", f"{PATH}/create", create, API.create, jobs.CreateResponse),
    Route("GET", f"{PATH}/get", get, gives=jobs.Job),
    Route("GET", f"{PATH}/list", list_, gives=jobs.ListJobsResponse),
    Route("POST", f"{PATH}/reset", reset, API.reset),
    Route("POST", f"{PATH}/update", update, API.update),
    Route("POST", f"{PATH}/delete", delete, API.delete),
)
