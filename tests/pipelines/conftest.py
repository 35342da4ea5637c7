"""Two arrivals, each taken in by an update of every pipeline: run once for all tests that look at it."""

import pytest

from tests.lakes import Arrival, Lake, take_in


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("altrupets")
    return Lake(folder / "landing", folder / "storage")


@pytest.fixture(scope="session")
def arrivals(lake: Lake) -> list[Arrival]:
    return [take_in(lake) for _ in range(2)]


@pytest.fixture(params=[0, 1], ids=["the first arrival", "one more day"])
def arrival(arrivals: list[Arrival], request: pytest.FixtureRequest) -> Arrival:
    return arrivals[request.param]
