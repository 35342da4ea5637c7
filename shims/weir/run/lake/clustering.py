"""By which columns a table is clustered: Delta keeps it beside its metadata, under physical names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_DOMAIN = "delta.clustering"
_PHYSICAL = "delta.columnMapping.physicalName"


def clustering_of(table: Path, version: int, schema_json: str) -> tuple[tuple[str, ...], ...]:
    """The columns at a version, or fields nested in them; none where the log does not tell.

    Args:
        table: Its folder.
        schema_json: Its schema, which knows the names of columns.
    """
    for number in range(version, -1, -1):
        domains = _domains(table / "_delta_log", number)
        if domains is not None:
            columns = json.loads(domains["configuration"])["clusteringColumns"]
            fields = json.loads(schema_json)["fields"]
            return tuple(tuple(_logical(column, fields)) for column in columns)
    return ()


def _domains(log: Path, version: int) -> Mapping[str, Any] | None:
    """What a commit says of the clustering, or the checksum of the version: that has all there is."""
    for domain in (*_actions(log / f"{version:020}.json"), *_checksum(log / f"{version:020}.crc")):
        if domain["domain"] == _DOMAIN:
            return domain
    return None


def _actions(commit: Path) -> Iterator[Mapping[str, Any]]:
    for line in commit.read_text(encoding="utf-8").split("\n") if commit.exists() else ():
        if _DOMAIN in line and "domainMetadata" in (action := json.loads(line)):
            yield action["domainMetadata"]


def _checksum(file: Path) -> list[Mapping[str, Any]]:
    text = file.read_text(encoding="utf-8") if file.exists() else "{}"
    return json.loads(text).get("domainMetadata") or []


def _logical(column: list[str], fields: list[Any]) -> Iterator[str]:
    """A path of physical names as the names that people write."""
    for part in column:
        field = next(f for f in fields if f["metadata"].get(_PHYSICAL, f["name"]) == part)
        yield field["name"]
        fields = field["type"]["fields"] if isinstance(field["type"], dict) else []
