"""What BI tools are told of AltruPets' gold tables is what lies there."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import lkml
import pytest

from tests.lakes import ROOT, WEIR, Arrival, Lake

LOOKER = {"string": "string", "integer": "number", "long": "number", "double": "number", "boolean": "yesno",
          "date": "time", "timestamp": "time"}  # fmt: skip
TABLEAU = {"string": "string", "integer": "integer", "long": "integer", "double": "real",
           "boolean": "boolean", "date": "date", "timestamp": "datetime"}  # fmt: skip


@pytest.fixture(scope="module")
def exported(lake: Lake, arrivals: list[Arrival], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What BI tools are told of a target, out of the tables as they lie here."""
    out = tmp_path_factory.mktemp("bi")
    command = [
        WEIR,
        "bi",
        "export",
        "monolito",
        "--target",
        "prod_aws",
        "--storage",
        lake.storage,
        "--out",
        out,
    ]
    workspace = {
        "DATABRICKS_HOST": "https://altrupets.cloud.databricks.com",
        "BUNDLE_VAR_warehouse_id": "0a1b",
    }
    subprocess.run(command, cwd=ROOT, env=os.environ | workspace, check=True)
    return out


def test_bi_tools_are_told_the_columns_of_gold_as_they_are(
    lake: Lake, arrivals: list[Arrival], exported: Path
) -> None:
    there = {
        table: {
            field.name: field.type.type for field in lake.table(f"altrupets_gold.{table}").schema().fields
        }
        for table in (*arrivals[0].gold, "event_facts")
    }
    views = {file.name.split(".")[0]: looker_columns(file) for file in (exported / "looker/views").iterdir()}
    sources = {file.stem: tableau_columns(file) for file in (exported / "tableau").iterdir()}

    assert views == {t: {c: LOOKER[kind] for c, kind in columns.items()} for t, columns in there.items()}
    assert sources == {t: {c: TABLEAU[kind] for c, kind in columns.items()} for t, columns in there.items()}
    assert [file.name for file in (exported / "powerbi").iterdir()] == ["altrupets_gold.pbids"]


def test_looker_is_told_the_days_of_the_facts(exported: Path) -> None:
    (file,) = (exported / "looker").glob("*.model.lkml")
    model = lkml.load(file.read_text(encoding="utf-8"))

    joins = {e["name"]: [join["sql_on"] for join in e.get("joins", [])] for e in model["explores"]}
    assert joins["rescue_facts"] == ["${rescue_facts.date_key} = ${date_dimension.date_key}"]


def looker_columns(view: Path) -> dict[str, str]:
    """Column -> type, of the dimensions; measures may name no other column."""
    found = lkml.load(view.read_text(encoding="utf-8"))["views"][0]
    columns = {column(d): d["type"] for d in found["dimensions"] + found.get("dimension_groups", [])}
    assert {column(measure) for measure in found["measures"] if "sql" in measure} <= columns.keys()
    return columns


def column(field: dict[str, Any]) -> str:
    return re.search(r"\$\{TABLE\}\.`(\w+)`", field["sql"])[1]


def tableau_columns(source: Path) -> dict[str, str]:
    """Column -> type, said twice."""
    root = ET.fromstring(source.read_text(encoding="utf-8"))  # noqa: S314 - ours
    records = {r.findtext("remote-name"): r.findtext("local-type") for r in root.iter("metadata-record")}
    assert {c.get("name"): c.get("datatype") for c in root.findall("column")} == {
        f"[{name}]": kind for name, kind in records.items()
    }
    return records
