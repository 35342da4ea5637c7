"""Jobs; several may have one name."""

from __future__ import annotations

from deploy.api import Api
from deploy.difference import Classes
from deploy.values import Change, Remote, Resource

PATH = "/api/2.2/jobs"


class Jobs:
    """The settings of jobs."""

    classes = Classes(
        defaults={
            "schedule.pause_status": "UNPAUSED", "trigger.pause_status": "UNPAUSED", "schedule": "",
            "trigger": "", "continuous": "", "max_concurrent_runs": 1, "timeout_seconds": 0,
            "tasks.run_if": "ALL_SUCCESS", "tasks.timeout_seconds": 0, "tasks.disabled": False,
        },
        closed=frozenset({"tags"}),
        keyed={
            "tasks": "task_key", "tasks.depends_on": "task_key", "environments": "environment_key",
            "job_clusters": "job_cluster_key", "parameters": "name", "health.rules": "metric",
        },
        sets=frozenset({"email_notifications.on_failure", "email_notifications.on_success"}),
    )  # fmt: skip

    def find(self, api: Api, name: str) -> list[Remote]:
        """The jobs of this name."""
        listed = api.pages(f"{PATH}/list", "jobs", name=name)
        return [r for job in listed if (r := self.get(api, str(job["job_id"])))]

    def get(self, api: Api, key: str) -> Remote | None:
        """The job with this id."""
        answer = api.get(f"{PATH}/get", job_id=key)
        return Remote(key, answer["settings"]) if answer else None

    def create(self, api: Api, resource: Resource) -> str:
        """Make a job."""
        return str(api.send("POST", f"{PATH}/create", resource.fields)["job_id"])

    def update(self, api: Api, remote: Remote, resource: Resource, changes: tuple[Change, ...]) -> None:
        """Replace all its settings."""
        del changes
        api.send("POST", f"{PATH}/reset", {"job_id": int(remote.id), "new_settings": dict(resource.fields)})

    def delete(self, api: Api, key: str) -> None:
        """Remove it."""
        api.remove(lambda: api.send("POST", f"{PATH}/delete", {"job_id": int(key)}))
