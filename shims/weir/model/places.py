"""Paths of a workspace and of cloud storage: one place has several spellings."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(/.*)", re.IGNORECASE | re.DOTALL)
_PATTERN = re.compile(r"/[^/]*[*?\[{].*", re.DOTALL)
LOCAL = frozenset({"dbfs", "file"})
SAME_STORAGE = {"s3a": "s3", "s3n": "s3", "abfs": "abfss", "wasb": "wasbs"}
CLOUD = frozenset({"abfss", "adl", "gs", "s3", "wasbs"})
# Roots of a workspace's paths -> how many parts name what `--map` is given for.
ROOTS = {
    "Volumes": 4, "Workspace": 2, "mnt": 2, "FileStore": 2, "databricks-datasets": 2, "Repos": 2,
    "Shared": 2,
}  # fmt: skip


def canonical(path: str) -> str:
    """The one spelling of a place: `/mnt/x` for `dbfs:/mnt/x` and `/dbfs/mnt/x`, `s3://` for `s3a://`.

    >>> canonical("dbfs:///mnt/x"), canonical("file:/dbfs/mnt/x"), canonical("S3A://bucket/x")
    ('/mnt/x', '/mnt/x', 's3://bucket/x')
    """
    match = _SCHEME.fullmatch(path)
    if match and match[1].lower() not in LOCAL:
        scheme = match[1].lower()
        return f"{SAME_STORAGE.get(scheme, scheme)}:{match[2]}"
    plain = f"/{match[2].lstrip('/')}" if match else path
    return plain.removeprefix("/dbfs") if plain.startswith("/dbfs/") else plain


def in_cloud(path: str) -> bool:
    """Is it a place of a cloud's storage?"""
    match = _SCHEME.fullmatch(canonical(path))
    return bool(match and match[1] in CLOUD)


def of_workspace(path: str) -> bool:
    """Is it a place of a workspace, if this machine has none of that name?"""
    return path.lower().startswith("dbfs:") or canonical(path).split("/")[:2][-1] in ROOTS


def without_pattern(path: str) -> str:
    """What of a path stands before a part that is a pattern."""
    return _PATTERN.sub("", path) or "/"


def prefix_to_map(path: str) -> str:
    """What a user gives `--map` for: the bucket or container, the mount, the volume.

    >>> prefix_to_map("s3://lake/raw/orders"), prefix_to_map("/dbfs/mnt/raw/in/*.json")
    ('s3://lake', '/mnt/raw')
    """
    place = without_pattern(canonical(path))
    parts = place.split("/")
    length = 3 if in_cloud(path) else 1 + ROOTS.get(parts[1] if parts[0] == "" else "", 1)
    return "/".join(parts[:length])
