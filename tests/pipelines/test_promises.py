"""What holds for every table of AltruPets: rules, an owner, a layer; and its contract where it has one."""

from __future__ import annotations

import re

import pytest

from expectations.comments import columns_of
from expectations.contracts import ContractError, published, reads
from expectations.health import TABLES
from expectations.layers import KEPT, properties
from expectations.privacy import masked
from tests.lakes import CATALOG, ROOT
from weir.bundle.bundle import read_bundle
from weir.bundle.contracts import read_contracts
from weir.bundle.located_yaml import load_yaml
from weir.bundle.sources import SourceArguments, all_settings
from weir.pipeline import open_pipeline
from weir.plan.order import PipelineTables, upstream
from weir.request import Request
from weir.run.frames.schemas import declared


@pytest.fixture(scope="module")
def pipelines(spark, tmp_path_factory):
    """Key in the bundle -> the pipeline, resolved where no table exists."""
    storage = str(tmp_path_factory.mktemp("nothing"))
    keys = read_bundle(ROOT / "databricks.yml", None).pipelines
    found = {}
    for key, settings in zip(keys, all_settings(SourceArguments(storage=storage), ROOT), strict=True):
        with open_pipeline(Request(settings, session=spark)) as opened:
            found[key] = opened
    return found


@pytest.fixture(scope="module")
def tables(pipelines):
    """Name without the catalog -> the definition of every published table of every pipeline."""
    datasets = [d for opened in pipelines.values() for d in opened.pipeline.datasets.values()]
    return {d.name.removeprefix(f"{CATALOG}."): d for d in datasets if "." in d.name and not d.private}


def layer(name):
    schema = name.split(".")[0]
    return "silver" if schema == "core" else schema.rsplit("_", 1)[-1]


def test_every_table_has_rules_an_owner_and_a_layer(tables):
    assert len(tables) > 30
    assert {layer(name) for name in tables} == set(KEPT)
    assert [name for name, t in tables.items() if not t.expectations] == []
    assert [name for name, t in tables.items() if not t.comment] == []
    assert [n for n, t in tables.items() if t.table_properties.get("quality") != layer(n)] == []
    assert [n for n, t in tables.items() if "altrupets.owner" not in t.table_properties] == []


# A word of English in a comment: business users read Spanish.
ENGLISH = re.compile(r"\b(?:the|of|its|which|each|when|where|and|with|by)\b", re.IGNORECASE)


def test_every_column_of_silver_and_gold_says_in_spanish_what_it_is(tables):
    columns = {
        (name, column.split()[0]): column
        for name, table in tables.items()
        if layer(name) != "bronze"
        for column in columns_of(table.schema)
    }
    assert len(columns) > 200
    assert [key for key, column in columns.items() if not re.search(r"COMMENT '.{3,}'", column)] == []
    told = [*columns.values(), *(table.comment for table in tables.values())]
    assert [text for text in told if ENGLISH.search(text.partition("COMMENT ")[2] or text)] == []


def test_every_silver_and_gold_table_is_watched_with_its_rules(tables):
    watched = {w.table: {r.name for r in w.rules} for w in TABLES}
    promised = {
        name: {e.name for e in table.expectations}
        for name, table in tables.items()
        if layer(name) != "bronze" and not name.startswith("monitoreo_gold.")
    }
    promised["altrupets_silver.users_history"].remove("change_whole")  # of changes, not of what they make
    assert {name: watched.get(name, set()) >= rules for name, rules in promised.items()} == dict.fromkeys(
        watched, True
    )
    assert len({watched.table for watched in TABLES}) == len(TABLES)


def test_a_published_table_has_the_rules_and_the_schema_of_its_contract(tables):
    contracts = [c.table for c in read_contracts(ROOT / "expectations/contracts").current]
    assert len(contracts) > 3
    for name in contracts:
        contract, table = published(name), tables[name]
        rules = {e.name: e.text for e in table.expectations}
        promised = {r.name: r.condition for r in contract.rules if r.action != "warn"}
        assert (declared(table.schema), rules) == (declared(contract.schema), promised)


def test_a_schema_without_the_column_to_mask():
    with pytest.raises(ValueError, match="no column user_id STRING in id INT"):
        masked("id INT", "user_id")


def test_the_job_runs_each_pipeline_after_those_that_it_reads(pipelines):
    seen = {
        key: PipelineTables(frozenset(opened.pipeline.datasets), opened.graph.outside, sound=True)
        for key, opened in pipelines.items()
    }
    # Where no table is, it is seen to miss the first alone.
    watched = frozenset(f"{CATALOG}.{w.table}" for w in TABLES)
    seen["monitoreo"] = PipelineTables(seen["monitoreo"].tables, watched, sound=True)
    tasks = load_yaml(ROOT / "deploy/jobs.yml").get("resources", "jobs", "update").items_of("tasks")
    after = {
        task.get("task_key").value: {d.get("task_key").value for d in task.items_of("depends_on")}
        for task in tasks
    }
    assert after.pop("views") == {"monolito", "monitoreo"}
    assert after.pop("governance") == set()  # the functions that tables name
    assert after == {key: set(upstream(key, seen)) or {"governance"} for key in seen}


def test_a_reader_names_the_version_that_it_was_written_for():
    assert reads("core.regiones", "1.0.0") == "core.regiones"
    for version in ("2.0.0", "1.7.0", "0.9.0"):
        with pytest.raises(
            ContractError, match=r"core.regiones is at version 1.1.0 of its contract; this reads"
        ):
            reads("core.regiones", version)
    with pytest.raises(ContractError, match=r"core.nada has no contract"):
        reads("core.nada", "1.0.0")


def test_a_layer_that_there_is_not():
    with pytest.raises(ValueError, match="'platinum' is none of bronze, silver, gold"):
        properties("platinum", "data-engineers")
