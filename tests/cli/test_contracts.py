"""`weir contracts check`: what a new version breaks, and for whom."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import write_deltalake

from weir.cli import weir
from weir.model.problems import WeirError

ROOT = Path(__file__).parents[2]
CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: pets
version: 1.0.0
status: active
schema:
  - name: pets
    physicalName: shop.pets
    properties:
      - {name: id, physicalType: BIGINT, required: true, primaryKey: true}
      - {name: kind, physicalType: STRING, enum: [{value: cat}, {value: dog}]}
      - {name: age, physicalType: INT}
    quality:
      - {name: grown, type: custom, engine: dlt, implementation: age > 0, severity: drop}
      - {name: named, type: custom, engine: dlt, implementation: id > 9, severity: warn}
"""
BUNDLE = """
resources:
  pipelines:
    vet:
      libraries: [{glob: {include: vet/**}}]
"""
READER = """
import dlt
from expectations.contracts import reads

@dlt.table
def visits():
    return spark.read.table(reads("shop.pets", "1.0.0"))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A bundle whose pipeline reads a table under contract, which was released."""
    contracts = tmp_path / "expectations/contracts"
    (contracts / "released/shop.pets").mkdir(parents=True)
    for file in ("shop.pets.yaml", "released/shop.pets/1.0.0.yaml"):
        (contracts / file).write_text(CONTRACT)
    (tmp_path / "vet").mkdir()
    (tmp_path / "vet/visits.py").write_text(READER)
    (tmp_path / "databricks.yml").write_text(BUNDLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(folder, *changes):
    """The problems once texts of the contract are replaced."""
    file = folder / "expectations/contracts/shop.pets.yaml"
    text = CONTRACT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    code, found = call()
    assert code == (2 if found["problems"] else 0)
    return [(p["condition"], p["message"]) for p in found["problems"]]


def call(*arguments):
    result = CliRunner().invoke(weir, ["contracts", "check", *arguments, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


def version(text):
    return ("version: 1.0.0\n", f"version: {text}\n")


def test_an_untouched_contract_is_fine(folder):
    assert check(folder) == []
    assert call()[1]["contracts"] == [
        {"contract": "shop.pets", "version": "1.0.0", "released": "1.0.0", "readers": ["vet"], "table": None}
    ]


# Change of the contract -> what it breaks.
BREAKING = {
    ("      - {name: age, physicalType: INT}\n", ""): "`age` is gone",
    ("age, physicalType: INT", "age, physicalType: BIGINT"): "`age` was INT and is BIGINT",
    ("required: true, ", ""): "`id` may be NULL",
    ("{value: dog}", "{value: dog}, {value: fox}"): "`kind` may also be fox",
    (", enum: [{value: cat}, {value: dog}]", ""): "`kind` may hold anything",
    (", primaryKey: true", ""): "the primary key was (id) and is ()",
    ("name: grown", "name: adult"): "the rule `grown` is gone",
    ("age > 0", "age > -1"): "the rule `grown` was `age > 0` and is `age > -1`",
    ("age > 0, severity: drop", "age > 0, severity: warn"): "the rule `grown` is gone",
}  # fmt: skip


@pytest.mark.parametrize("change", list(BREAKING), ids=list(BREAKING.values()))
def test_what_breaks_is_refused_with_what_and_for_whom(folder, change):
    (found,) = check(folder, change, version("1.4.0"))
    assert found == (
        "CONTRACT_BREAKING_CHANGE",
        f"`shop.pets` 1.4.0 breaks 1.0.0: {BREAKING[change]}. It breaks: vet (at vet/visits.py:7).",
    )


def test_a_major_version_still_breaks_those_who_read_the_old_one(folder):
    gone = ("      - {name: age, physicalType: INT}\n", "")
    assert check(folder, gone, version("2.0.0")) == [
        (
            "CONTRACT_READER_BROKEN",
            "vet reads `shop.pets` 1.0.0, which 2.0.0 breaks: `age` is gone.",
        )
    ]
    (folder / "vet/visits.py").write_text(READER.replace("1.0.0", "2.0.0"))
    assert check(folder, gone, version("2.0.0")) == []


def test_what_breaks_nobody_needs_a_minor_version_and_words_a_patch(folder):
    grown = ("      - {name: age,", "      - {name: fur, physicalType: STRING}\n      - {name: age,")
    words = ("name: age, ", "name: age, description: in years, ")
    for change, least in ((grown, "1.1.0"), (words, "1.0.1")):
        (found,) = check(folder, change)
        assert found == (
            "CONTRACT_VERSION_NOT_RAISED",
            "`shop.pets` 1.0.0 is not what was released as 1.0.0.",
        )
        assert check(folder, change, version(least)) == []


def test_a_version_that_there_never_was(folder):
    (folder / "vet/visits.py").write_text(READER.replace("1.0.0", "1.3.0"))
    assert check(folder) == [
        ("CONTRACT_VERSION_NOT_FOUND", "vet reads `shop.pets` 1.3.0, which was never released.")
    ]


def test_the_table_as_it_is(folder):
    path = folder / ".weir/tables/main/shop/pets"
    rows = pa.table({"id": pa.array([1], pa.int64()), "kind": ["cat"], "age": ["old"], "owner": ["ana"]})
    write_deltalake(path, rows)
    assert check(folder) == [
        (
            "CONTRACT_TABLE_DIFFERS",
            "The table `main.shop.pets` is not what `shop.pets` 1.0.0 promises: "
            "`age` is STRING and not INT, `owner` is not promised.",
        )
    ]


# Change of the contract -> why it can't be read, and where.
UNREADABLE = {
    version("one"): ("`one` is not a version like 1.0.0", 5),
    ("physicalName: shop.pets", "physicalNome: shop.pets"): ("it describes not one table with a physicalName", 8),
    ("age, physicalType: INT", "age"): ("`age` has no physicalType", 8),
    ("status: active", "estado: active"): ("estado: Extra inputs are not permitted", 6),
}  # fmt: skip


@pytest.mark.parametrize("change", list(UNREADABLE))
def test_a_contract_that_is_none(folder, change):
    file = folder / "expectations/contracts/shop.pets.yaml"
    file.write_text(CONTRACT.replace(*change))
    with pytest.raises(WeirError) as refused:
        call()
    (problem,) = refused.value.problems
    why, line = UNREADABLE[change]
    assert (problem.condition, problem.origin.line) == ("CONTRACT_NOT_READABLE", line)
    assert problem.message.endswith(f": {why}.")


def test_no_contracts(folder):
    shutil.rmtree(folder / "expectations/contracts")
    with pytest.raises(WeirError, match="CONTRACT_NOT_FOUND"):
        call()


def test_altrupets_keeps_its_promises(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert call("--storage", "/nowhere")[1]["problems"] == []
