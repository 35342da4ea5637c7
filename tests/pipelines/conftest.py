"""Two arrivals, each taken in by an update of every pipeline: run once for all tests that look at it.

Workers that run tests side by side share the lake: who begins with it makes it.
"""

import fcntl
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.lakes import ROOT, Arrival, Lake, take_in
from weir.bundle.sources import SourceArguments, all_settings
from weir.graph.analysis import Graph
from weir.pipeline import open_pipeline
from weir.pytest_plugin import pipeline
from weir.request import Request

__all__ = ["pipeline"]  # the kit's: a pipeline of the bundle, not one from a text


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The lake is made by who begins with it, while the other worker has tests of its own."""
    first = next((item for item in items if "arrivals" in getattr(item, "fixturenames", ())), None)
    if first is not None:
        items.remove(first)
        items.insert(0, first)


@pytest.fixture(scope="session")
def lake(engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "altrupets"
    folder.mkdir(exist_ok=True)
    return Lake(folder / "landing", folder / "storage", engine)


@pytest.fixture(scope="session")
def arrivals(lake: Lake) -> list[Arrival]:
    folder = lake.landing.parent
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return taken_in_once(lake, folder / "arrivals.pickle")


def taken_in_once(lake: Lake, told: Path) -> list[Arrival]:
    if not told.exists():
        told.write_bytes(pickle.dumps([take_in(lake) for _ in range(2)]))
    return pickle.loads(told.read_bytes())  # noqa: S301 - written by this very run


@pytest.fixture(params=[0, 1], ids=["the first arrival", "one more day"])
def arrival(arrivals: list[Arrival], request: pytest.FixtureRequest) -> Arrival:
    return arrivals[request.param]


@pytest.fixture(scope="package")
def graphs(spark: Any, lake: Lake, arrivals: list[Arrival]) -> list[Graph]:
    """The resolved graph of every pipeline, over the tables of the lake."""
    places = SourceArguments(
        storage=str(lake.storage), configuration={"altrupets.landing": str(lake.landing)}
    )
    opened = []
    for settings in all_settings(places, ROOT):
        with open_pipeline(Request(settings, session=spark)) as pipeline:
            opened.append(pipeline.graph)
    return opened
