"""`table_properties`: what starts with `pipelines.` means something to the engine and is checked (§1.3)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from weir.define.registry import wrong
from weir.model.changes import TOMBSTONE_SECONDS
from weir.model.origin import Origin
from weir.model.problems import closest

PREFIX = "pipelines."
KNOWN = {
    name.lower(): name
    for name in (
        "pipelines.reset.allowed", "pipelines.autoOptimize.managed", "pipelines.autoOptimize.zOrderCols",
        "pipelines.cdc.tombstoneGCThresholdInSeconds", "pipelines.trigger.interval", "pipelines.channel",
        "pipelines.pipelineId", "pipelines.trigger",
    )
}  # fmt: skip


def known_properties(properties: Mapping[str, str], origin: Origin) -> dict[str, str]:
    """The properties with keys of the engine as it writes them; a key that merely resembles one warns.

    Raises:
        DefinitionError: The engine has no such property, or it can't be what it is.
    """
    for key in properties:
        if PREFIX + key.lower() in KNOWN:
            meant = KNOWN[PREFIX + key.lower()]
            sentence = f"the table property '{key}' has no effect; did you mean '{meant}'?"
            warnings.warn_explicit(sentence, UserWarning, origin.file, origin.line)
    known = {_canonical(key, origin): value for key, value in properties.items()}
    if not (seconds := known.get(TOMBSTONE_SECONDS, "0")).isdecimal():
        raise wrong("INVALID_PIPELINE_SETTING", f"{TOMBSTONE_SECONDS} = {seconds!r} is not a valid value.",
                    origin, "write a whole number of seconds")  # fmt: skip
    return known


def _canonical(key: str, origin: Origin) -> str:
    if not key.lower().startswith(PREFIX):
        return key
    known = KNOWN.get(key.lower())
    if known is None:
        hint = closest(key, KNOWN.values()) or f"available: {', '.join(KNOWN.values())}"
        raise wrong(
            "UNKNOWN_PIPELINES_TABLE_PROPERTY", f"Unknown pipelines table property '{key}'.", origin, hint
        )
    return known
