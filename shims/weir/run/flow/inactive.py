"""Tables whose definition is gone: they stay, can be read, and are refreshed no more (§4.6)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from pyspark.sql import SparkSession

from weir.run.lake.existing import INACTIVE, PIPELINE, is_inactive
from weir.run.lake.paths import delta_at
from weir.run.lake.storage import Storage
from weir.run.lake.world import World


def left_over(world: World) -> Mapping[str, bool]:
    """The pipeline's tables that it no longer defines -> whether they are marked already."""
    defined = world.pipeline.datasets.keys() | world.outside.tables.keys()
    states = {n: world.storage.state(n) for n in world.storage.tables() if n not in defined}
    owner = world.pipeline.name
    return {n: is_inactive(s) for n, s in states.items() if s and s.properties.get(PIPELINE) == owner}


def deactivate(session: SparkSession, storage: Storage, name: str) -> None:
    """Mark a table, for `weir list`."""
    session.sql(f"ALTER TABLE {delta_at(storage.table(name))} SET TBLPROPERTIES ('{INACTIVE}' = 'true')")


def drop(storage: Storage, name: str) -> None:
    """Remove a table: gone at once, whenever a kill comes."""
    aside = storage.dropped(name)
    shutil.rmtree(aside, ignore_errors=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    storage.table(name).rename(aside)
    shutil.rmtree(aside)
