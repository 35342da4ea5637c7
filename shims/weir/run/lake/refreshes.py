"""What a refresh was made of stands in the commit that wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from weir.model.lineage import TableRead
from weir.model.refresh import RefreshInputs
from weir.run.lake.storage import Storage

KEY = "weir/refresh"


def commit_metadata(inputs: RefreshInputs) -> str:
    """The metadata of the commit that writes what these inputs gave."""
    return json.dumps({KEY: asdict(inputs)})


def last_refresh(storage: Storage, name: str) -> RefreshInputs | None:
    """What the last commit of a materialized view was made of; None if it is an ALTER's or a hand's."""
    try:
        inputs: Mapping[str, Any] = json.loads(storage.last_commit(name).get("userMetadata") or "")[KEY]
        return RefreshInputs(**{**inputs, "tables": tuple(TableRead(**t) for t in inputs["tables"])})
    except (ValueError, TypeError, KeyError):
        return None
