"""Everything that the workspace answers: the support list."""

from __future__ import annotations

from collections.abc import Iterator

from weir.workspace import (
    alerts,
    clusters,
    dashboards,
    deployments,
    files,
    grants,
    identity,
    jobs,
    permissions,
    pipelines,
    runs,
    secrets,
    securables,
    statements,
    tables,
    tags,
    volume_files,
    warehouses,
)
from weir.workspace.calls import Call, Json, Route
from weir.workspace.world import World

WORKSPACE_ID = "4242424242424242"


def config(world: World, _call: Call) -> Json:
    """What clients ask first: where tokens come from, and which workspace this is."""
    return {"oidc_endpoint": f"{world.url}/oidc", "workspace_id": WORKSPACE_ID}


def telemetry(_world: World, _call: Call) -> Json:
    """Nothing is kept of what clients tell of themselves."""
    return {"errors": [], "numProtoSuccess": 0}


PUBLIC = (Route("GET", "/.well-known/databricks-config", config),)
SERVICES = (
    identity, files, securables, tables, grants, tags, volume_files, pipelines, jobs, runs, secrets,
    warehouses, statements, alerts, permissions, clusters, dashboards, deployments,
)  # fmt: skip
ROUTES = (
    *(route for service in SERVICES for route in service.ROUTES),
    Route("POST", "/telemetry-ext", telemetry),
)


def support() -> Iterator[tuple[str, str]]:
    """Each endpoint, with what it does."""
    for route in sorted((*PUBLIC, *ROUTES), key=lambda r: (r.path, r.method)):
        yield f"{route.method} {route.path}", route.does
