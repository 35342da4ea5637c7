"""What tests of the workspace share: one that runs nothing, and what a call answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError

from weir.testing.workspace import Faults, Outcome, workspace
from weir.workspace.server import Server


def outcome_of(name: str) -> Outcome:
    """Updates make two tables; those of the pipeline `broken` fail."""
    if name == "broken":
        return Outcome("FAILED")
    return Outcome(
        tables={"lake.gold.rescues": {"id": "BIGINT", "rescuer": "STRING"}, "lake.gold.days": {"day": "DATE"}}
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    with workspace(tmp_path, recorded=outcome_of) as server:
        yield server


@pytest.fixture
def client(served: Server) -> WorkspaceClient:
    return served.client()


@pytest.fixture
def lake(client: WorkspaceClient) -> WorkspaceClient:
    """A client of a workspace with a catalog, a schema and a warehouse."""
    client.catalogs.create("lake")
    client.schemas.create("gold", "lake")
    client.warehouses.create(name="bi", cluster_size="Small", max_num_clusters=1)
    return client


def faulty(folder: Path, faults: Faults) -> Any:
    return workspace(folder, recorded=outcome_of, faults=faults)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """The class of the error that a call ends with, and its text."""
    with pytest.raises(DatabricksError) as caught:
        call()
    return type(caught.value).__name__, str(caught.value).partition(" Config:")[0]
