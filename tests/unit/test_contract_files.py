"""Contracts: what stands in them, what a new version breaks, and who reads which version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from weir.bundle.contracts import read_contracts, readers
from weir.model.contract import Contract, ContractColumn, ContractReader, breaks, least_version, numbers
from weir.model.names import Namespace
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.model.settings import Settings

TEXT = """
version: 1.2.0
schema:
  - physicalName: shop.pets
    properties:
      - {name: id, physicalType: bigint, required: true, primaryKey: true, primaryKeyPosition: 2}
      - {name: shop, physicalType: "decimal(5, 0)", primaryKey: true, primaryKeyPosition: 1}
      - name: kind
        physicalType: STRING
        enum: [{value: cat}, {value: dog}]
        quality: [{name: known, type: custom, engine: dlt, implementation: kind <> ''}]
    quality:
      - {name: named, type: custom, engine: dlt, implementation: id > 9, severity: warn}
"""
ID, KIND = (
    ContractColumn("id", "BIGINT", required=True),
    ContractColumn("kind", "STRING", values=frozenset({"cat", "dog"})),
)
PETS = Contract("pets", (1, 2, 3), (ID, KIND), ("id",), {"old": "id > 0"}, "", Origin("pets.yaml", 1))


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(WeirError) as told:
        read_contracts(folder)
    return told.value.problems


def wrong(text: str, folder: Path) -> tuple[str, int]:
    """What is told of a contract, and at which line."""
    (folder / "pets.yaml").write_text(text)
    (problem,) = problems(folder)
    assert problem.condition == "CONTRACT_NOT_READABLE"
    assert problem.hint == "see https://bitol-io.github.io/open-data-contract-standard"
    begin, what = problem.message.split(": ", 1)
    assert (begin, problem.origin.file) == (
        "This is not a contract of the Open Data Contract Standard",
        str(folder / "pets.yaml"),
    )
    return what, problem.origin.line


def test_a_contract_promises_columns_a_key_and_the_rules_that_do_more_than_warn(tmp_path):
    (tmp_path / "pets.yaml").write_text(TEXT)
    (pets,) = read_contracts(tmp_path).current
    assert replace(pets, content="") == Contract(
        "shop.pets",
        (1, 2, 0),
        (ID, ContractColumn("shop", "DECIMAL(5,0)"), KIND),
        ("shop", "id"),
        {"known": "kind <> ''"},
        "",
        Origin(str(tmp_path / "pets.yaml"), 2),
    )
    assert pets.name == "`shop.pets` 1.2.0"


def test_the_last_release_is_the_greatest_number_not_the_last_name(tmp_path):
    released = tmp_path / "released" / "shop.pets"
    released.mkdir(parents=True)
    (tmp_path / "pets.yaml").write_text(TEXT)
    for version in ("1.9.0", "1.10.0"):
        (released / f"{version}.yaml").write_text(TEXT.replace("1.2.0", version))
    contracts = read_contracts(tmp_path)
    assert contracts.last_release("shop.pets").version == (1, 10, 0)
    assert contracts.last_release("shop.cages") is None
    assert contracts.last_release("shop.pets").content == contracts.current[0].content


def test_a_folder_without_contracts_is_told(tmp_path):
    assert problems(tmp_path) == (
        Problem(
            "CONTRACT_NOT_FOUND",
            f"No contract lies in `{tmp_path.name}`.",
            Origin(str(tmp_path), 1),
            "a contract is a file TABLE.yaml there",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("1.2.0", "1.2.x", ("`1.2.x` is not a version like 1.0.0.", 2)),
        ("physicalName: shop.pets", "name: pets", ("it describes not one table with a physicalName.", 4)),
        (", physicalType: bigint", "", ("`id` has no physicalType.", 4)),
        ("    properties:", "    propertiesOf:", ("it has no columns.", 4)),
        ("1.2.0", "1.2", ('version: 1.2 is a number here; it needs quotes, as in version: "1.2".', 2)),
        ("1.2.0", '"1.2"', ("`1.2` is not a version like 1.0.0.", 2)),
        (
            "name: id,",
            "name: 7,",
            ('schema.0.properties.0.name: 7 is a number here; it needs quotes, as in name: "7".', 4),
        ),
        ("version: 1.2.0", "version: [1]", ("version: Input should be a valid string.", 2)),
    ],
)
def test_what_is_wrong_in_a_contract_is_told_at_its_line(old, new, told, tmp_path):
    assert wrong(TEXT.replace(old, new), tmp_path) == told


def test_a_list_is_no_contract(tmp_path):
    assert wrong("- a\n- b\n", tmp_path) == ("it is not a mapping.", 1)


def test_all_broken_contracts_are_told_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("a: [")
    (tmp_path / "b.yaml").write_text(TEXT.replace("1.2.0", "new"))
    assert [(p.condition, Path(p.origin.file).name) for p in problems(tmp_path)] == [
        ("YAML_SYNTAX_ERROR", "a.yaml"),
        ("CONTRACT_NOT_READABLE", "b.yaml"),
    ]


def test_readers_are_calls_that_name_a_table_under_contract_and_a_version(tmp_path):
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text(
        'reads("shop.pets", "1.0.0")\nother("shop.pets", "2.0.0", 3)\n'
        'reads("shop.cages", "1.0.0")\nreads("shop.pets", "newest")\nreads(pets, "1.0.0")\n'
    )
    bad.write_text("def (")
    notebook = tmp_path / "nb.py"
    notebook.write_text('# MAGIC %md\n# COMMAND ----------\nreads("shop.pets", "3.0.0")\n')
    settings = Settings("vet", Namespace(), (bad, good, notebook), (), tmp_path)
    assert readers((settings,), frozenset({"shop.pets"})) == (
        ContractReader("vet", "shop.pets", (1, 0, 0), Origin(str(good), 1)),
        ContractReader("vet", "shop.pets", (2, 0, 0), Origin(str(good), 2)),
        ContractReader("vet", "shop.pets", (3, 0, 0), Origin(str(notebook), 3)),
    )


def test_a_version_has_three_numbers():
    assert numbers("1.20.3") == (1, 20, 3)
    assert [numbers(text) for text in ("", "1.2", "1.2.3.4", "1.2.x", "1.-2.3", "1..3")] == [None] * 6


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"columns": (ID,)}, "`kind` is gone"),
        ({"columns": (replace(ID, type="INT"), KIND)}, "`id` was BIGINT and is INT"),
        ({"columns": (replace(ID, required=False), KIND)}, "`id` may be NULL"),
        ({"columns": (ID, replace(KIND, values=frozenset()))}, "`kind` may hold anything"),
        ({"columns": (ID, replace(KIND, values=frozenset({"cat", "eel", "ape"})))},
         "`kind` may also be ape, eel"),
        ({"key": ("id", "kind")}, "the primary key was (id) and is (id, kind)"),
        ({"rules": {}}, "the rule `old` is gone"),
        ({"rules": {"old": "id > 1"}}, "the rule `old` was `id > 0` and is `id > 1`"),
    ],
)  # fmt: skip
def test_a_promise_that_is_taken_back_asks_for_a_major_version(change, broken):
    new = replace(PETS, **change)
    assert breaks(PETS, new) == (broken,)
    assert least_version(PETS, new) == (2, 0, 0)


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({"columns": (ID, KIND, ContractColumn("age", "INT"))}, (1, 3, 0)),
        ({"columns": (ID, replace(KIND, required=True))}, (1, 3, 0)),
        ({"columns": (ID, replace(KIND, values=frozenset({"cat"})))}, (1, 3, 0)),
        ({"rules": {"old": "id > 0", "new": "id < 9"}}, (1, 3, 0)),
        ({"content": "another text"}, (1, 2, 4)),
        ({}, (1, 2, 3)),
    ],
)
def test_what_breaks_nothing_asks_for_less(change, version):
    new = replace(PETS, **change)
    assert (breaks(PETS, new), least_version(PETS, new)) == ((), version)
