"""The first update of each pipeline: what grants, tags and alerts name exists only after it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deploy.api import Api
from deploy.difference import Classes
from deploy.kinds.kind import Named
from deploy.kinds.pipelines import PATH
from deploy.values import Change, Json, Remote, Resource
from weir.model.problems import Problem, WeirError

ENDED = {"COMPLETED", "FAILED", "CANCELED"}
PAUSE = 2.0  # seconds between two looks at an update
COMPLETED = {"state": "COMPLETED"}


@dataclass(slots=True)
class Counts:
    """What the events of an update tell of rows and rules.

    Attributes:
        rules: Dataset and rule -> how many rows passed and failed.
        rows: Dataset -> how many rows were written.
    """

    rows: dict[str, int] = field(default_factory=dict[str, int])
    rules: dict[tuple[str, str], tuple[int, int]] = field(
        default_factory=dict[tuple[str, str], tuple[int, int]]
    )

    def add(self, event: Json) -> None:
        """Take an event into account."""
        progress = event.get("details", {}).get("flow_progress", {})
        origin = event.get("origin", {})
        name = origin.get("dataset_name") or origin.get("flow_name", "")
        written = (progress.get("metrics") or {}).get("num_output_rows")
        if written is not None:
            self.rows[name] = self.rows.get(name, 0) + int(written)
        for rule in (progress.get("data_quality") or {}).get("expectations", []):
            key = (rule["dataset"], rule["name"])
            passed, failed = self.rules.get(key, (0, 0))
            self.rules[key] = (passed + rule["passed_records"], failed + rule["failed_records"])

    def to_json(self) -> Json:
        """The numbers as data."""
        rules = [{"table": t, "rule": r, "passed": p, "failed": f} for (t, r), (p, f) in self.rules.items()]
        return {"tables": [{"table": t, "rows": n} for t, n in self.rows.items()], "rules": rules}


class Updates(Named):
    """Has a pipeline, whose id is the name, ever been brought up to date?"""

    classes = Classes()

    def get(self, api: Api, key: str) -> Remote | None:
        """COMPLETED once one was, or while a continuous one runs; else the state of the last one."""
        states = [u["state"] for u in _updates(api, key)]
        if not states:
            return None
        done = "COMPLETED" in states or (states[0] == "RUNNING" and _is_continuous(api, key))
        return Remote(key, COMPLETED if done else {"state": states[0]})

    def create(self, api: Api, resource: Resource) -> str:
        """Run an update, or wait for the one that runs."""
        run_update(api, resource.name, resource.key)
        return resource.name

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """The last one failed: run another."""
        del remote, changes
        self.create(api, resource)

    def delete(self, api: Api, key: str) -> None:
        """What was updated was updated."""


def _updates(api: Api, pipeline: str) -> Iterable[Json]:
    return (api.get(f"{PATH}/{pipeline}/updates") or {}).get("updates", []) if "$" not in pipeline else []


def _is_continuous(api: Api, pipeline: str) -> bool:
    """Does its update only end when somebody stops it?"""
    return bool((api.get(f"{PATH}/{pipeline}") or {}).get("spec", {}).get("continuous"))


def run_update(api: Api, pipeline: str, title: str, given: Mapping[str, object] | None = None) -> Counts:
    """Run an update of a pipeline, and tell its events; one that runs already is waited for.

    A continuous one is waited for until it runs.

    Args:
        pipeline: Its id.
        title: Its name in our files.
        given: What is asked of the update, such as `full_refresh`.

    Raises:
        WeirError: It did not complete.
    """
    active = next((u["update_id"] for u in _updates(api, pipeline) if u["state"] not in ENDED), None)
    update = active or api.send("POST", f"{PATH}/{pipeline}/updates", dict(given or {}))["update_id"]
    good = {"COMPLETED", "RUNNING"} if _is_continuous(api, pipeline) else {"COMPLETED"}
    counts, seen, state = Counts(), set[str](), ""
    while state not in ENDED | good:
        state = (api.get(f"{PATH}/{pipeline}/updates/{update}") or {}).get("update", {}).get("state", "")
        _tell(api, pipeline, update, seen, counts)
        if state not in ENDED | good:
            time.sleep(PAUSE)
    if state not in good:
        text = f"The update {update[:6]} of the pipeline `{title}` ended {state}."
        hint = "its errors are above; mend them and call apply again, which goes on from here"
        raise WeirError(Problem("UPDATE_NOT_COMPLETED", text, hint=hint))
    for (table, rule), (passed, failed) in counts.rules.items():
        api.say(f"{table}, rule {rule}: {passed} passed, {failed} failed")
    return counts


def _tell(api: Api, pipeline: str, update: str, seen: set[str], counts: Counts) -> None:
    wanted = f"update_id = '{update}'"
    for event in api.pages(f"{PATH}/{pipeline}/events", "events", filter=wanted, order_by="timestamp asc"):
        if event["id"] not in seen:
            seen.add(event["id"])
            counts.add(event)
            if event.get("level") != "METRICS":
                api.say(event["message"])
            for one in (event.get("error") or {}).get("exceptions", []):
                api.say(f"[{one['class_name']}] {one['message']}")
