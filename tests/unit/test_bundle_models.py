"""databricks.yml as the Databricks CLI would take it: every resource fits Databricks' own models."""

from __future__ import annotations

from pathlib import Path

import pytest
from databricks.bundles.alerts import Alert
from databricks.bundles.catalogs import Catalog
from databricks.bundles.dashboards import Dashboard
from databricks.bundles.external_locations import ExternalLocation
from databricks.bundles.jobs import Job
from databricks.bundles.pipelines import Pipeline
from databricks.bundles.schemas import Schema
from databricks.bundles.secret_scopes import SecretScope
from databricks.bundles.volumes import Volume

from expectations.alerts import ALERTS
from expectations.health import FED, TABLES
from weir.bundle.bundle import read_bundle
from weir.bundle.governed import governance_of
from weir.bundle.located_yaml import LocatedValue, load_yaml

ROOT = Path(__file__).parents[2]
FILES = [ROOT / "databricks.yml", *sorted((ROOT / "deploy").glob("*.yml"))]
MODELS = {
    "alerts": Alert,
    "catalogs": Catalog,
    "dashboards": Dashboard,
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
        "alerts": 2, "catalogs": 1, "dashboards": 2, "jobs": 3, "pipelines": 7, "schemas": 20,
        "secret_scopes": 1, "volumes": 1,
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
    if stage == "dev":  # a lake of its own: no rows among production's
        gold = gold.replace("altrupets-datalake", "altrupets-datalake-dev").replace("etsdl", "etsdldev")
    assert (bundle.variables["gold_path"], bundle.variables["gold_node"]) == (gold, node)
    for pipeline in bundle.pipelines.values():
        assert pipeline.namespace.catalog == catalog
        assert pipeline.configuration["altrupets.source"] == source
        assert pipeline.development == (stage == "dev")


def test_what_needs_a_stream_of_updates_runs_here_alone():
    files = {
        target: {glob for glob, _ in read_bundle(FILES[0], target).pipelines["monitoreo"].includes}
        for target in ("local", "dev_aws", "prod_aws", "prod_aws_continuo")
    }
    gold, hook = "pipelines/monitoreo/gold", "pipelines/monitoreo/alertas.py"
    measured = {f"{gold}/measurements.py", f"{gold}/data_quality_metrics.py"}
    assert files.pop("local") == measured | {f"{gold}/table_health.py", hook}
    assert files == dict.fromkeys(files, measured)


NODES = {
    "aws": ("i3.xlarge", "r5.2xlarge", "c5.4xlarge"),
    "gcp": ("n2-highmem-4", "n2-highmem-8", "c2-standard-16"),
    "azure": ("Standard_L8s_v3", "Standard_E8ds_v5", "Standard_F16s_v2"),
}
# Which of a cloud's three kinds of machines, least and most workers, how long they stay when idle.
WORKLOADS = {
    "bronce": (0, 2, 8, "30m"),
    **dict.fromkeys(
        ("monolito", "core", "rescate", "adopcion", "ms_auxilio", "ms_rescate"), (1, 1, 4, "60m")
    ),
    "monitoreo": (2, 1, 2, "120m"),
}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_continuous_target_has_machines_by_workload(cloud):
    bundle = read_bundle(FILES[0], f"prod_{cloud}_continuo")
    found = plain(bundle.resources)["pipelines"]
    taken = {key: Pipeline.from_dict(pipeline) for key, pipeline in found.items()}
    assert {key: pipeline.serverless for key, pipeline in taken.items()} == dict.fromkeys(WORKLOADS, False)
    clusters = {key: pipeline["clusters"] for key, pipeline in found.items()}
    kinds = [f"${{var.{layer}_node}}" for layer in ("bronze", "silver", "gold")]
    assert [bundle.variables[kind[6:-1]] for kind in kinds] == list(NODES[cloud])
    assert {
        key: (
            kinds.index(one["node_type_id"]),
            one["autoscale"]["min_workers"],
            one["autoscale"]["max_workers"],
            found[key]["configuration"]["pipelines.clusterShutdown.delay"],
        )
        for key, (one,) in clusters.items()
    } == WORKLOADS
    disks = {key for key, (one,) in clusters.items() if "aws_attributes" in one}
    assert disks == (set(WORKLOADS) - {"bronce"} if cloud == "aws" else set())  # i3 has its own


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_other_targets_are_serverless(stage, cloud):
    found = plain(read_bundle(FILES[0], f"{stage}_{cloud}").resources)["pipelines"].values()
    assert {(pipeline["serverless"], "clusters" in pipeline) for pipeline in found} == {(True, False)}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_bronze_runs_all_the_time_in_a_pipeline_of_its_own_where_a_target_says_so(cloud):
    bundles = {form: read_bundle(FILES[0], f"prod_{cloud}{form}") for form in ("", "_continuo")}
    files = {
        form: {key: {glob for glob, _ in p.includes if "monolito" in glob} for key, p in b.pipelines.items()}
        for form, b in bundles.items()
    }
    bronze, others = (
        "pipelines/monolito/bronze/**",
        {f"pipelines/monolito/{x}/**" for x in ("silver", "gold")},
    )
    assert (files[""]["monolito"], "bronce" in files[""]) == (others | {bronze}, False)
    assert (files["_continuo"]["monolito"], files["_continuo"]["bronce"]) == (others, {bronze})
    continuous = {key for b in bundles.values() for key, p in b.pipelines.items() if p.continuous}
    assert continuous == {"bronce"}
    one = bundles["_continuo"].pipelines["bronce"]
    assert one.configuration["pipelines.trigger.interval"] == "30 seconds"
    assert bundles[""].pipelines["monolito"].configuration.items() <= one.configuration.items()


@pytest.mark.parametrize("form", ["", "_continuo"])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_production_owns_the_places_of_its_lake_and_developers_have_another(cloud, form):
    production, developer = (read_bundle(FILES[0], t) for t in (f"prod_{cloud}{form}", f"dev_{cloud}"))
    places = plain(production.resources)["external_locations"]
    assert {key: str(ExternalLocation.from_dict(place).url) for key, place in places.items()} == {
        layer: f"${{var.{layer}_path}}" for layer in ("bronze", "silver", "gold")
    }
    for layer in places:
        root = f"${{resources.external_locations.{layer}.url}}"
        assert production.variables[f"{layer}_root"] == root
        assert developer.variables[f"{layer}_root"] == developer.variables[f"{layer}_path"]
        assert developer.variables[f"{layer}_path"] != production.variables[f"{layer}_path"]
    assert "external_locations" not in plain(developer.resources)


def test_each_layer_is_read_by_those_who_may(resources):
    readers = {
        schema: [grant["principal"] for grant in s["grants"]] for schema, s in resources["schemas"].items()
    }
    bronze, silver = ["data-engineers"], ["data-engineers", "data-analysts"]
    layers = {
        "gobierno": bronze,
        "event_logs": bronze,
        "system": bronze,
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


@pytest.mark.parametrize("form", ["", "_continuo"])
def test_in_production_nothing_that_holds_rows_is_destroyed(form):
    kept = {
        (kind, key)
        for kind, keyed in plain(read_bundle(FILES[0], f"prod_aws{form}").resources).items()
        for key, resource in keyed.items()
        if resource.get("lifecycle", {}).get("prevent_destroy")
    }
    pipelines = set(read_bundle(FILES[0], f"prod_aws{form}").pipelines) - {
        "core"
    }  # its table is read from files
    assert kept == {
        ("catalogs", "altrupets"),
        ("volumes", "landing"),
        *(("external_locations", layer) for layer in ("bronze", "silver", "gold")),
        *(("pipelines", p) for p in pipelines),
    }


@pytest.mark.parametrize("alert", ALERTS, ids=lambda a: a.name)
def test_databricks_tells_of_the_same_incidents(resources, alert):
    query = resources["alerts"][alert.name]["query_text"]
    assert query.endswith(f"WHERE {alert.condition}")
    measured = {watched.table for watched in TABLES} if "completeness" in alert.name else FED
    assert measured >= set(alert.tables)
