"""databricks.yml as the Databricks CLI would take it: every resource fits Databricks' own models."""

from __future__ import annotations

from pathlib import Path

import pytest
from databricks.bundles.alerts import Alert
from databricks.bundles.catalogs import Catalog
from databricks.bundles.clusters import Cluster
from databricks.bundles.jobs import Job
from databricks.bundles.pipelines import Pipeline
from databricks.bundles.schemas import Schema
from databricks.bundles.secret_scopes import SecretScope
from databricks.bundles.volumes import Volume

from expectations.alerts import ALERTS
from expectations.health import TABLES
from weir.bundle.bundle import read_bundle
from weir.bundle.governed import governance_of
from weir.bundle.located_yaml import LocatedValue, load_yaml

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "databricks.yml", *sorted((ROOT / "deploy").glob("*.yml"))]
MODELS = {
    "alerts": Alert,
    "catalogs": Catalog,
    "clusters": Cluster,
    "jobs": Job,
    "pipelines": Pipeline,
    "schemas": Schema,
    "secret_scopes": SecretScope,
    "volumes": Volume,
}
CLOUDS = {
    "aws": ("s3://altrupets-datalake/gold/", "kinesis", "c5.4xlarge"),
    "gcp": ("gs://altrupets-datalake/gold/", "pubsub", "c2-standard-16"),
    "azure": ("abfss://gold@altrupetsdl.dfs.core.windows.net/", "event_hubs", "Standard_F16s_v2"),
}


def plain(node: LocatedValue):
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    return [plain(child) for child in node.value] if isinstance(node.value, list) else node.value


@pytest.fixture(scope="module")
def resources():
    """Kind -> key -> what stands in the files."""
    top = load_yaml(FILES[0])
    for file in FILES[1:]:
        top = top.merged(load_yaml(file))
    return plain(top)["resources"]


def test_every_resource_fits_its_model(resources):
    assert set(resources) == set(MODELS)
    taken = {kind: [MODELS[kind].from_dict(r) for r in resources[kind].values()] for kind in MODELS}
    assert {kind: len(found) for kind, found in taken.items()} == {
        "alerts": 2, "catalogs": 1, "clusters": 3, "jobs": 3, "pipelines": 7, "schemas": 19,
        "secret_scopes": 1, "volumes": 2,
    }  # fmt: skip


def test_the_models_refuse_what_they_do_not_know(resources):
    with pytest.raises(ValueError, match="Unexpected field 'catalogue'"):
        Pipeline.from_dict({**resources["pipelines"]["core"], "catalogue": "x"})


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_target_says_where_on_its_cloud(stage, cloud):
    bundle = read_bundle(FILES[0], f"{stage}_{cloud}")
    gold, source, node = CLOUDS[cloud]
    user = bundle.values["workspace.current_user.short_name"]
    catalog = f"altrupets_catalog_dev_{user}" if stage == "dev" else "altrupets_catalog"
    assert (bundle.variables["gold_path"], bundle.variables["gold_node"]) == (gold, node)
    watching = bundle.pipelines["monitoreo"]
    for pipeline in bundle.pipelines.values():
        assert pipeline.namespace.catalog == catalog
        assert pipeline is watching or pipeline.configuration["altrupets.source"] == source
        assert pipeline.development == (stage == "dev")
    assert watching.configuration["altrupets.alerts.channels"] == ("slack, email" if stage == "prod" else "")
    assert watching.configuration["altrupets.alerts.state"] == f"/Volumes/{catalog}/monitoreo_gold/alertas"


def test_machines_by_workload(resources):
    found = {
        key: (c["autoscale"]["min_workers"], c["autoscale"]["max_workers"], c["autotermination_minutes"])
        for key, c in resources["clusters"].items()
    }
    assert found == {
        "bronze_ingestion": (2, 8, 30), "silver_processing": (1, 4, 60), "gold_analytics": (1, 2, 120),
    }  # fmt: skip


def test_each_layer_is_read_by_those_who_may(resources):
    readers = {
        schema: [grant["principal"] for grant in s["grants"]] for schema, s in resources["schemas"].items()
    }
    bronze, silver = ["data-engineers"], ["data-engineers", "data-analysts"]
    layers = {
        "gobierno": bronze,
        "event_logs": bronze,
        "bronze": bronze,
        "silver": silver,
        "gold": [*silver, "business-users"],
    }
    assert readers == {schema: layers.get(schema) or layers[schema.rsplit("_", 1)[-1]] for schema in readers}


def test_each_group_may_use_the_catalog_and_lacks_nothing_in_its_layers():
    governance = governance_of(read_bundle(FILES[0], "prod_aws"))
    lacks = {
        (group, layer): sorted(governance.lacks(group, f"altrupets_catalog.altrupets_{layer}.t"))
        for group in ("data-analysts", "business-users")
        for layer in ("bronze", "silver", "gold")
    }
    all_of_it = ["SELECT", "USE_SCHEMA"]
    assert lacks == {
        ("data-analysts", "bronze"): all_of_it, ("data-analysts", "silver"): [], ("data-analysts", "gold"): [],
        ("business-users", "bronze"): all_of_it, ("business-users", "silver"): all_of_it,
        ("business-users", "gold"): [],
    }  # fmt: skip


def test_in_production_nothing_that_holds_rows_is_destroyed():
    kept = {
        (kind, key)
        for kind, keyed in plain(read_bundle(FILES[0], "prod_aws").resources).items()
        for key, resource in keyed.items()
        if resource.get("lifecycle", {}).get("prevent_destroy")
    }
    pipelines = set(read_bundle(FILES[0], "prod_aws").pipelines) - {"core"}  # its table is read from files
    assert kept == {("catalogs", "altrupets"), ("volumes", "landing"), *(("pipelines", p) for p in pipelines)}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda a: a.name)
def test_databricks_tells_of_the_same_incidents(resources, alert):
    query = resources["alerts"][alert.name]["query_text"]
    tables = "" if len(alert.tables) == len(TABLES) else ", ".join(f"'{t}'" for t in alert.tables)
    assert query.endswith(f"WHERE {alert.condition}{f' AND table_name IN ({tables})' if tables else ''}")
