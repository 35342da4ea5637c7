"""The dashboards of the bundle: every chart shows columns that its query gives, of tables that there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlglot
from databricks.sdk.service import dashboards
from sqlglot import exp

from tests.workspaces import refusal

FOLDER = Path(__file__).parents[2] / "deploy/dashboards"
FILES = sorted(FOLDER.glob("*.lvdash.json"))
PIPELINES = Path(__file__).parents[2] / "pipelines"
VIEWS = {"monitoreo.costos"}


def queries(file: Path) -> dict[str, sqlglot.Expression]:
    content = json.loads(file.read_text(encoding="utf-8"))
    return {d["name"]: sqlglot.parse_one("".join(d["queryLines"]), "databricks") for d in content["datasets"]}


def widgets(file: Path):
    (page,) = json.loads(file.read_text(encoding="utf-8"))["pages"]
    return [entry["widget"] for entry in page["layout"]]


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_each_chart_shows_columns_of_its_query(file):
    given = {name: {s.alias_or_name for s in query.selects} for name, query in queries(file).items()}
    for widget in widgets(file):
        (one,) = widget["queries"]
        shown = {field["name"] for field in one["query"]["fields"]}
        assert shown <= given[one["query"]["datasetName"]]
        encodings = widget["spec"]["encodings"]
        drawn = encodings["columns"] if "columns" in encodings else encodings.values()
        assert {entry["fieldName"] for entry in drawn} == shown
        assert {field["expression"] for field in one["query"]["fields"]} == {f"`{name}`" for name in shown}
    assert {widget["queries"][0]["query"]["datasetName"] for widget in widgets(file)} == given.keys()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_queries_read_tables_that_there_are(file):
    read = {f"{t.db}.{t.name}" for query in queries(file).values() for t in query.find_all(exp.Table) if t.db}
    known = {f"{f.parent.parent.name}.{f.stem}" for f in PIPELINES.rglob("*.py")}
    schemas = {"altrupets_gold": "monolito", "monitoreo_gold": "monitoreo"}
    logs = {f"monitoreo.eventos_{folder.name}" for folder in PIPELINES.iterdir()}
    tables = {t for t in read if t not in VIEWS | logs}
    assert {f"{schemas[t.split('.')[0]]}.{t.split('.')[1]}" for t in tables} <= known
    assert len(tables) > 0


def test_the_two_pages_are_those_of_the_team_and_of_the_board():
    pages = {f.name: json.loads(f.read_text(encoding="utf-8"))["pages"][0]["displayName"] for f in FILES}
    assert pages == {"operacion.lvdash.json": "Operación", "rescates.lvdash.json": "Rescates"}


def test_a_dashboard_is_made_published_and_put_into_the_trash(client):
    text = FILES[0].read_text(encoding="utf-8")
    made = client.lakeview.create(dashboards.Dashboard(display_name="Operación", serialized_dashboard=text))
    assert refusal(lambda: client.lakeview.get_published(made.dashboard_id))[0] == "ResourceDoesNotExist"
    client.lakeview.publish(made.dashboard_id, embed_credentials=False)
    changed = client.lakeview.update(made.dashboard_id, dashboards.Dashboard(display_name="Otra"))
    assert (changed.etag > made.etag, changed.serialized_dashboard) == (True, text)
    assert client.lakeview.get_published(made.dashboard_id).display_name == "Operación"
    client.lakeview.trash(made.dashboard_id)
    assert list(client.lakeview.list()) == []
    assert client.lakeview.get(made.dashboard_id).lifecycle_state.value == "TRASHED"
