"""What a target's mode and presets do with resources, as the Databricks CLI does it: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.values import Json

NAMES = {
    "jobs": "name", "pipelines": "name", "alerts": "display_name", "dashboards": "display_name",
    "clusters": "cluster_name",
}  # fmt: skip
TAGS = {"jobs": "tags", "pipelines": "tags", "clusters": "custom_tags"}
CONCURRENT = 4  # runs of one job, where developers try things


@dataclass(frozen=True, slots=True)
class Presets:
    """What holds for all resources of a target.

    Attributes:
        paused: Do schedules start nothing?
        runs: How many runs of a job may be active, where it does not say.
    """

    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    paused: bool = False
    development: bool = False
    runs: int | None = None
    run_as: Mapping[str, str] = field(default_factory=dict[str, str])


def presets_of(whole: Mapping[str, Any], short_name: str) -> Presets:
    """The presets of a target.

    Args:
        whole: Its `mode`, `presets` and `run_as`, with their values.
        short_name: Of whoever deploys.
    """
    given, developing = whole.get("presets") or {}, whole.get("mode") == "development"
    own = {"dev": short_name} if developing else {}
    status = given.get("trigger_pause_status", "PAUSED" if developing else "UNPAUSED")
    return Presets(
        given.get("name_prefix", f"[dev {short_name}] " if developing else ""),
        {**given.get("tags", {}), **own},
        status == "PAUSED",
        given.get("pipelines_development", developing),
        given.get("jobs_max_concurrent_runs", CONCURRENT if developing else None),
        whole.get("run_as") or {},
    )


def preset(kind: str, fields: Json, presets: Presets) -> Json:
    """The fields of a resource with what holds for all."""
    result = dict(fields)
    if kind in NAMES:
        result[NAMES[kind]] = presets.prefix + str(result.get(NAMES[kind], ""))
    if kind in TAGS and presets.tags:
        result[TAGS[kind]] = {**presets.tags, **result.get(TAGS[kind], {})}
    for name in ("schedule", "trigger", "continuous"):
        if isinstance(result.get(name), dict) and kind in {"jobs", "alerts"}:
            own = result[name].get("pause_status") or ("PAUSED" if presets.paused else "UNPAUSED")
            result[name] = {**result[name], "pause_status": "PAUSED" if presets.paused else own}
    if kind == "jobs":
        result = {"queue": {"enabled": True}, **result}
        if presets.runs and "max_concurrent_runs" not in result:
            result["max_concurrent_runs"] = presets.runs
    if kind == "pipelines" and presets.development:
        result["development"] = True
    if kind in {"jobs", "pipelines"} and presets.run_as:
        result = {"run_as": dict(presets.run_as), **result}
    return result
