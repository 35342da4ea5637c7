"""Runs of jobs: each task after those on which it depends, if `run_if` lets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from databricks.sdk.service import jobs

from weir.workspace import statements, updates
from weir.workspace.calls import ApiError, Call, Json, Route, not_found, page, wrong
from weir.workspace.files import on_disk
from weir.workspace.jobs import PATH, job
from weir.workspace.state import now
from weir.workspace.world import World

GOOD = frozenset({"SUCCESS"})
CONDITIONS: Mapping[str, Callable[[list[str]], bool]] = {
    "ALL_SUCCESS": lambda results: all(r in GOOD for r in results),
    "ALL_DONE": lambda _: True,
    "NONE_FAILED": lambda results: "FAILED" not in results and "UPSTREAM_FAILED" not in results,
    "AT_LEAST_ONE_SUCCESS": lambda results: any(r in GOOD for r in results),
    "ALL_FAILED": lambda results: all(r not in GOOD for r in results),
    "AT_LEAST_ONE_FAILED": lambda results: any(r not in GOOD for r in results),
}
PAUSE = 0.05  # seconds between two looks at an update


def run_now(world: World, call: Call) -> Json:
    """Start a run of a job."""
    known, key = job(world, call), world.state.number()
    tasks = known["settings"].get("tasks", [])
    order = _ordered(tasks)
    runs = [r for r in world.state.all("runs").values() if r["job_id"] == known["job_id"]]
    busy = sum("end_time" not in r for r in runs) >= known["settings"]["max_concurrent_runs"]
    own = {
        "run_id": key,
        "job_id": known["job_id"],
        "run_name": known["settings"]["name"],
        "start_time": now(),
    }
    own |= {"creator_user_name": call.user, "run_type": "JOB_RUN", "trigger": "ONE_TIME"}
    begun = [
        {**task, "run_id": world.state.number(), "state": {"life_cycle_state": "PENDING"}} for task in order
    ]
    state = {"life_cycle_state": "SKIPPED", "state_message": "Too many runs."} if busy else {
        "life_cycle_state": "RUNNING"}  # fmt: skip
    ended = {"end_time": now()} if busy else {}
    own["run_page_url"] = f"{world.url}/jobs/{known['job_id']}/runs/{key}"
    world.state.put("runs", str(key), {**own, "tasks": begun, "state": state, **ended})
    if not busy:
        threading.Thread(target=_run, args=(world, str(key), call.user), daemon=True).start()
    return {"run_id": key, "number_in_job": key}


def _ordered(tasks: list[Json]) -> list[Json]:
    by_key = {task["task_key"]: task for task in tasks}
    before = {key: [d["task_key"] for d in task.get("depends_on", [])] for key, task in by_key.items()}
    try:
        return [by_key[key] for key in TopologicalSorter(before).static_order()]
    except CycleError as error:
        raise wrong("The tasks depend on each other in a circle.") from error


def _run(world: World, key: str, user: str) -> None:
    results: dict[str, str] = {}
    messages: list[str] = []
    for task in (world.state.get("runs", key) or {"tasks": []})["tasks"]:
        before = [results[d["task_key"]] for d in task.get("depends_on", [])]
        if CONDITIONS[task["run_if"]](before):
            _set_task(world, key, task["task_key"], {"life_cycle_state": "RUNNING"})
            result, message = _result(world, task, user)
        else:
            result, message = "UPSTREAM_FAILED", "A task on which it depends did not end as run_if wants."
        results[task["task_key"]] = result
        messages += [f"Task {task['task_key']} failed with message: {message}"] if result == "FAILED" else []
        ended = {"life_cycle_state": "TERMINATED", "result_state": result, "state_message": message}
        _set_task(world, key, task["task_key"], ended)
    good = all(r in GOOD for r in results.values())
    state = {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS" if good else "FAILED"}
    with world.state.lock:
        text = {"state_message": " ".join(messages)} if messages else {}
        world.state.change("runs", key, state={**state, **text}, end_time=now())


def _set_task(world: World, key: str, task_key: str, state: Json) -> None:
    with world.state.lock:
        run = world.state.get("runs", key) or {"tasks": []}
        moment = {"end_time": now()} if "result_state" in state else {"start_time": now()}
        tasks = [{**t, "state": state, **moment} if t["task_key"] == task_key else t for t in run["tasks"]]
        world.state.change("runs", key, tasks=tasks)


def _result(world: World, task: Json, user: str) -> tuple[str, str]:
    """How a task ends, and what is said of it."""
    try:
        if "pipeline_task" in task:
            return _update(world, task["pipeline_task"])
        if file := task.get("sql_task", {}).get("file"):
            text = on_disk(world, file["path"]).read_text(encoding="utf-8")
            statements.run_text(world, text, task["sql_task"].get("parameters", {}), user)
            return "SUCCESS", ""
    except (ApiError, OSError) as error:
        return "FAILED", str(error)
    if world.recorded is not None:
        return "SUCCESS", ""
    kinds = [name for name in task if name.endswith("_task")]
    return "FAILED", f"This workspace runs pipeline_task and sql_task with a file, not {', '.join(kinds)}."


def _update(world: World, task: Json) -> tuple[str, str]:
    key = task["pipeline_id"]
    with world.state.lock:
        pipeline = world.state.find("pipelines", key, f"The specified pipeline {key} was not found.")
        update = updates.start(world, pipeline, task, "JOB_TASK")
    while (state := (world.state.get("updates", update) or {})["state"]) not in updates.ENDED:
        time.sleep(PAUSE)
    failed = state != "COMPLETED"
    return ("FAILED" if failed else "SUCCESS"), (f"Update {update} is {state}." if failed else "")


def _found(world: World, call: Call) -> Json:
    key = str(call.needs("run_id"))
    return world.state.find("runs", key, f"Run {key} does not exist.")


def get(world: World, call: Call) -> Json:
    """Get a run with its tasks and their states."""
    return _found(world, call)


def get_output(world: World, call: Call) -> Json:
    """What the run of a task says of its end."""
    key = call.needs("run_id")
    for run in world.state.all("runs").values():
        for task in run["tasks"]:
            if str(task["run_id"]) == str(key):
                state = task["state"]
                failed = {"error": state["state_message"]} if state.get("state_message") else {}
                return {"metadata": {**run, "tasks": [task], "state": state}, **failed}
    raise not_found(f"Run {key} is no run of a task.")


def list_(world: World, call: Call) -> Json:
    """List the runs, the newest first, in pages, by job, active or completed."""
    answer = page(call, "runs", list(_chosen(world, call)), 20, "limit")
    return {**answer, "has_more": "next_page_token" in answer}


def _chosen(world: World, call: Call) -> Iterator[Json]:
    hidden = () if call.flag("expand_tasks") else ("tasks",)
    for run in reversed(list(world.state.all("runs").values())):
        active = "end_time" not in run
        if call.query.get("job_id") not in {None, str(run["job_id"])}:
            continue
        if (call.flag("active_only") and not active) or (call.flag("completed_only") and active):
            continue
        yield {k: v for k, v in run.items() if k not in hidden}


def cancel(world: World, call: Call) -> None:
    """Stop the updates that a run has started."""
    for task in _found(world, call)["tasks"]:
        if "pipeline_task" in task:
            updates.stop(world, task["pipeline_task"]["pipeline_id"])


API = jobs.JobsAPI
ROUTES = (
    Route("POST", f"{PATH}/run-now", run_now, API.run_now, jobs.RunNowResponse),
    Route("GET", f"{PATH}/runs/get", get, gives=jobs.Run),
    Route("GET", f"{PATH}/runs/get-output", get_output, gives=jobs.RunOutput),
    Route("GET", f"{PATH}/runs/list", list_, gives=jobs.ListRunsResponse),
    Route("POST", f"{PATH}/runs/cancel", cancel, API.cancel_run),
)
