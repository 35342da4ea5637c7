"""Every kind by its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.kinds.dashboards import Dashboards
from deploy.kinds.destinations import Destinations
from deploy.kinds.files import Files, Folders
from deploy.kinds.functions import Functions
from deploy.kinds.grants import Grants, Permissions
from deploy.kinds.jobs import Jobs
from deploy.kinds.kind import Kind
from deploy.kinds.listed import ALERTS, CLUSTERS, WAREHOUSES
from deploy.kinds.masks import Masks
from deploy.kinds.pipelines import Pipelines
from deploy.kinds.secrets import ScopeAcls, Scopes, Secrets
from deploy.kinds.securables import CATALOGS, LOCATIONS, SCHEMAS, VOLUMES
from deploy.kinds.tags import Tags
from deploy.kinds.updates import Updates

OF_BUNDLES = (
    "external_locations", "catalogs", "schemas", "volumes", "secret_scopes", "sql_warehouses", "clusters",
    "pipelines", "jobs", "alerts", "dashboards",
)  # fmt: skip


def kinds(folder: Path) -> Mapping[str, Kind]:
    """The kinds.

    Args:
        folder: Below which the files of the bundle lie.
    """
    return {
        "external_locations": LOCATIONS, "catalogs": CATALOGS, "schemas": SCHEMAS, "volumes": VOLUMES,
        "secret_scopes": Scopes(), "scope_acls": ScopeAcls(), "secrets": Secrets(),
        "sql_warehouses": WAREHOUSES, "clusters": CLUSTERS, "destinations": Destinations(),
        "grants": Grants(), "table_grants": Grants(),
        "permissions": Permissions(), "functions": Functions(), "files": Files(folder), "folders": Folders(),
        "pipelines": Pipelines(), "jobs": Jobs(), "updates": Updates(), "tags": Tags(), "masks": Masks(),
        "alerts": ALERTS, "dashboards": Dashboards(),
    }  # fmt: skip
