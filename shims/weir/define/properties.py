"""`table_properties`: what starts with `pipelines.` means something to the engine and is checked (§1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from weir.define.registry import warn, wrong
from weir.model.changes import TOMBSTONE_SECONDS
from weir.model.maintenance import MANAGED
from weir.model.origin import Origin

PREFIX = "pipelines."
KNOWN = {
    name.lower(): name
    for name in (
        "pipelines.reset.allowed", MANAGED, "pipelines.autoOptimize.zOrderCols", TOMBSTONE_SECONDS,
        "pipelines.trigger.interval", "pipelines.channel", "pipelines.pipelineId", "pipelines.trigger",
    )
}  # fmt: skip
# What only Databricks has and no row depends on -> the value that Delta refuses, None for any.
ELSEWHERE = {
    "delta.feature.catalogmanaged": None,
    "delta.feature.catalogowned-preview": None,
    "delta.isolationlevel": "writeserializable",
    "delta.parquet.compression.codec": None,
    "delta.universalformat.enabledformats": None,
}
_BOOLEAN = ("pipelines.reset.allowed", MANAGED)


def known_properties(properties: Mapping[str, str], origin: Origin) -> dict[str, str]:
    """The properties with keys of the engine as it writes them, without those that have no effect here.

    A key that is left out, or that merely resembles one of the engine, warns.

    Raises:
        DefinitionError: A property of the engine can't be what it is.
    """
    known: dict[str, str] = {}
    for key, value in properties.items():
        name = key.lower()
        if name.startswith(PREFIX) and name not in KNOWN:
            warn(f"Unknown pipelines table property '{key}' has no effect{_hint(name)}", origin)
            continue
        if name in ELSEWHERE and ELSEWHERE[name] in {None, value.lower()}:
            warn(
                f"the table property '{key}' has no effect here: only on Databricks can it be {value!r}",
                origin,
            )
            continue
        if PREFIX + name in KNOWN:
            meant = KNOWN[PREFIX + name]
            warn(f"the table property '{key}' has no effect; did you mean '{meant}'?", origin)
        known[KNOWN.get(name, key)] = value
    _check(known, origin)
    return known


def _hint(name: str) -> str:
    if name == "pipelines.metastore.tablename":
        return "; the table is published under its own name"
    ends = {known.removeprefix(PREFIX): full for known, full in KNOWN.items()}
    near = get_close_matches(name.removeprefix(PREFIX), ends, 1, 0.75)
    return f"; did you mean `{ends[near[0]]}`?" if near else ""


def _check(known: Mapping[str, str], origin: Origin) -> None:
    for key in _BOOLEAN:
        if known.get(key, "true").lower() not in {"true", "false"}:
            raise _invalid(key, known[key], origin, "write true or false")
    if not (seconds := known.get(TOMBSTONE_SECONDS, "0")).isdecimal():
        raise _invalid(TOMBSTONE_SECONDS, seconds, origin, "write a whole number of seconds")


def _invalid(key: str, value: str, origin: Origin, hint: str) -> Exception:
    return wrong("INVALID_PIPELINE_SETTING", f"{key} = {value!r} is not a valid value.", origin, hint)
