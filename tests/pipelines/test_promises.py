"""What holds for every table of AltruPets: rules, an owner, a layer; and its contract where it has one."""

from __future__ import annotations

import pytest

from expectations.contracts import ContractError, published, reads
from expectations.layers import KEPT, properties
from tests.lakes import CATALOG, ROOT
from weir import engine
from weir.define.contracts import read_contracts
from weir.define.sources import SourceArguments, all_settings


@pytest.fixture(scope="module")
def tables(spark, tmp_path_factory):
    """Name without the catalog -> the definition of every published table of every pipeline."""
    storage = str(tmp_path_factory.mktemp("nothing"))
    found = {}
    for settings in all_settings(SourceArguments(storage=storage), ROOT):
        with engine.opened(engine.Request(settings, session=spark)) as opened:
            datasets = opened.pipeline.datasets.values()
            found |= {
                d.name.removeprefix(f"{CATALOG}."): d for d in datasets if "." in d.name and not d.private
            }
    return found


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


def test_a_published_table_has_the_rules_and_the_schema_of_its_contract(tables):
    contracts = [c.table for c in read_contracts(ROOT / "expectations/contracts").current]
    assert len(contracts) > 3
    for name in contracts:
        contract, table = published(name), tables[name]
        rules = {e.name: e.text for e in table.expectations}
        promised = {r.name: r.condition for r in contract.rules if r.action != "warn"}
        assert (table.schema, rules) == (contract.schema, promised)


def test_a_reader_names_the_version_that_it_was_written_for():
    assert reads("core.regiones", "1.0.0") == "core.regiones"
    for version in ("2.0.0", "1.7.0", "0.9.0"):
        with pytest.raises(
            ContractError, match=r"core.regiones is at version 1.0.0 of its contract; this reads"
        ):
            reads("core.regiones", version)
    with pytest.raises(ContractError, match=r"core.nada has no contract"):
        reads("core.nada", "1.0.0")


def test_a_layer_that_there_is_not():
    with pytest.raises(ValueError, match="'platinum' is none of bronze, silver, gold"):
        properties("platinum", "data-engineers")
