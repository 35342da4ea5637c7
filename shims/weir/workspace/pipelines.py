"""Pipelines and their updates, as clients see them; `updates.py` runs them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from databricks.sdk.service import pipelines

from weir.run.lake.existing import PIPELINE
from weir.workspace import event_filters, updates
from weir.workspace.calls import ApiError, Call, Json, Route, exists, page, wrong
from weir.workspace.state import new_id, now
from weir.workspace.tables import drop_table
from weir.workspace.world import World

PATH = "/api/2.0/pipelines"
OUTSIDE_SPEC = ("run_as", "parameters", "allow_duplicate_names", "dry_run", "expected_last_modified")


def create(world: World, call: Call) -> Json:
    """Make a pipeline; `dry_run` only tells its settings."""
    name = call.needs("name")
    _free(world, call, name, "")
    key = new_id()
    if call.flag("dry_run"):
        return {"effective_settings": _spec(call, key)}
    shown = {k: call.body[k] for k in ("run_as", "parameters") if call.body.get(k)}
    own = {"pipeline_id": key, "name": name, "spec": _spec(call, key), "state": "IDLE", **shown}
    people = {"creator_user_name": call.user, "run_as_user_name": _run_as(call)}
    mode = {"effective_publishing_mode": "DEFAULT_PUBLISHING_MODE", "last_modified": now()}
    world.state.put("pipelines", key, {**own, **people, **mode})
    return {"pipeline_id": key}


def _run_as(call: Call) -> str:
    given = call.body.get("run_as") or {}
    return given.get("service_principal_name") or given.get("user_name") or call.user


def _spec(call: Call, key: str) -> Json:
    spec = {k: v for k, v in call.body.items() if k not in OUTSIDE_SPEC and v is not None}
    if "." in spec.get("target", "") or "." in spec.get("schema", ""):
        raise wrong(f'CreatePipeline target_schema_name "{spec.get("target")}" is not a valid name.')
    place = {} if spec.get("storage") or spec.get("catalog") else {"storage": f"dbfs:/pipelines/{key}"}
    return {**spec, **place, "id": key}


def _free(world: World, call: Call, name: str, own: str) -> None:
    others = {p["name"] for key, p in world.state.all("pipelines").items() if key != own}
    if name in others and not call.flag("allow_duplicate_names"):
        text = f"The pipeline name '{name}' is already used by another pipeline. This check can be skipped"
        raise exists(f"{text} by setting `allow_duplicate_names = true` in the request.")


def pipeline(world: World, call: Call) -> Json:
    """The pipeline that a path names.

    Raises:
        ApiError: There is none.
    """
    key = call.names["pipeline_id"]
    return world.state.find("pipelines", key, f"The specified pipeline {key} was not found.")


def get(world: World, call: Call) -> Json:
    """Get a pipeline with its last updates."""
    return {**pipeline(world, call), **_lately(world, call.names["pipeline_id"])}


def _lately(world: World, key: str) -> Json:
    latest = updates.of_pipeline(world, key)[:5]
    active = any(u["state"] not in updates.ENDED for u in latest)
    shown = [{"update_id": u["update_id"], "state": u["state"], "creation_time": str(u["creation_time"])}
             for u in latest]  # fmt: skip
    failed = bool(latest) and latest[0]["state"] == "FAILED"
    health = {"health": "UNHEALTHY" if failed else "HEALTHY"} if latest else {}
    return {"state": "RUNNING" if active else "IDLE", "latest_updates": shown, **health}


def list_(world: World, call: Call) -> Json:
    """List the pipelines, in pages, by a filter such as `name LIKE '%x%'`."""
    wanted = event_filters.pipelines(call.query.get("filter"))
    shown = ("pipeline_id", "name", "creator_user_name", "run_as_user_name")
    values = [
        {**{n: p[n] for n in shown}, **_lately(world, key)}
        for key, p in world.state.all("pipelines").items()
        if wanted(p)
    ]
    return page(call, "statuses", values, 25)


def edit(world: World, call: Call) -> None:
    """Replace the settings of a pipeline."""
    known = pipeline(world, call)
    last = call.body.get("expected_last_modified")
    if last is not None and int(last) != known["last_modified"]:
        raise wrong("The pipeline was changed since.", "RESOURCE_CONFLICT")
    key = call.names["pipeline_id"]
    name = call.body.get("name") or known["name"]
    _free(world, call, name, key)
    spec = {**_spec(call, key), "name": name}
    shown = (
        {"run_as": call.body["run_as"], "run_as_user_name": _run_as(call)} if "run_as" in call.body else {}
    )
    fields = {"name": name, "spec": spec, "parameters": call.body.get("parameters"), **shown}
    moment = max(now(), known["last_modified"] + 1)
    world.state.change("pipelines", key, **fields, last_modified=moment)


def delete(world: World, call: Call) -> None:
    """Remove a pipeline; with its tables unless `cascade` is false."""
    known, key = pipeline(world, call), call.names["pipeline_id"]
    updates.stop(world, key)
    if call.query.get("cascade", "true") == "true":
        for name in list(_tables_of(world, known["name"])):
            drop_table(world, name)
    for kind, name in (("pipelines", key), ("events", key), ("acls", f"pipelines/{key}")):
        world.state.remove(kind, name)


def _tables_of(world: World, name: str) -> Iterator[str]:
    for table in world.storage.tables():
        state = world.storage.state(table)
        if state is not None and state.properties.get(PIPELINE) == name:
            yield table
    yield from (
        t for t, v in world.state.all("recorded_tables").items() if v["properties"].get(PIPELINE) == name
    )


def start_update(world: World, call: Call) -> Json:
    """Start an update: Weir runs it on the uploaded files, or it ends as recorded."""
    known, key = pipeline(world, call), call.names["pipeline_id"]
    active = next((u for u in updates.of_pipeline(world, key) if u["state"] not in updates.ENDED), None)
    if active is not None:
        text = f"An active update {active['update_id']} already exists for pipeline '{known['name']}'."
        raise ApiError(HTTPStatus.CONFLICT, "RESOURCE_CONFLICT", text)
    cause = call.body.get("cause") or "API_CALL"
    return {"update_id": updates.start(world, known, call.body, cause)}


def get_update(world: World, call: Call) -> Json:
    """Get an update with its state."""
    pipeline(world, call)
    key = call.names["update_id"]
    update = world.state.find("updates", key, f"The specified update {key} was not found.")
    return {"update": update}


def list_updates(world: World, call: Call) -> Json:
    """List the updates of a pipeline, the newest first, in pages."""
    pipeline(world, call)
    return page(call, "updates", updates.of_pipeline(world, call.names["pipeline_id"]), 25)


def list_events(world: World, call: Call) -> Json:
    """List the events of a pipeline, the newest first, in pages, by level, type, update, id or time."""
    pipeline(world, call)
    events = (world.state.get("events", call.names["pipeline_id"]) or {"events": []})["events"]
    wanted = event_filters.events(call.query.get("filter"))
    ascending = "asc" in call.query.get("order_by", "timestamp desc")
    chosen = [e for e in events if wanted(e)]
    return page(call, "events", chosen if ascending else chosen[::-1], 100)


def stop(world: World, call: Call) -> Json:
    """Stop the update that runs, if one does."""
    pipeline(world, call)
    updates.stop(world, call.names["pipeline_id"])
    return {}


API, ONE = pipelines.PipelinesAPI, PATH + "/{pipeline_id}"
ROUTES = (
    Route("POST", PATH, create, API.create, pipelines.CreatePipelineResponse),
    Route("GET", PATH, list_),
    Route("GET", ONE, get, gives=pipelines.GetPipelineResponse),
    Route("PUT", ONE, edit, API.update),
    Route("DELETE", ONE, delete),
    Route("POST", f"{ONE}/updates", start_update, API.start_update, pipelines.StartUpdateResponse),
    Route("GET", f"{ONE}/updates", list_updates, gives=pipelines.ListUpdatesResponse),
    Route("GET", f"{ONE}/updates/{{update_id}}", get_update, gives=pipelines.GetUpdateResponse),
    Route("GET", f"{ONE}/events", list_events),
    Route("POST", f"{ONE}/stop", stop),
)
