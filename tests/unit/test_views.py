"""The views over what Databricks records: each column exists there, and the names are those of the users' document."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from pipelines.comun.days import day
from weir.bundle.functions import read_functions
from weir.run.listeners.records import SCHEMAS
from weir.workspace.commands import statements

FILE = Path(__file__).parents[2] / "deploy/views.sql"
ENTITY = "STRUCT<job_info: STRUCT<job_id: STRING>, dlt_pipeline_info: STRUCT<dlt_pipeline_id: STRING>>"
LINEAGE = {
    "entity_type": "STRING", "entity_id": "STRING", "source_table_full_name": "STRING",
    "target_table_full_name": "STRING", "target_table_catalog": "STRING", "event_time": "TIMESTAMP",
    "entity_metadata": ENTITY,
}  # fmt: skip
# The columns of system tables that are read, as their reference pages list them.
SYSTEM = {
    "access": {
        "table_lineage": LINEAGE,
        "column_lineage": {**LINEAGE, "source_column_name": "STRING", "target_column_name": "STRING"},
    },
    "billing": {
        "usage": {
            "sku_name": "STRING", "cloud": "STRING", "usage_unit": "STRING", "usage_start_time": "TIMESTAMP",
            "custom_tags": "MAP<STRING, STRING>", "billing_origin_product": "STRING",
            "usage_quantity": "DECIMAL(38, 18)",
        },
        "list_prices": {
            "sku_name": "STRING", "cloud": "STRING", "usage_unit": "STRING", "currency_code": "STRING",
            "price_start_time": "TIMESTAMP", "price_end_time": "TIMESTAMP",
            "pricing": "STRUCT<effective_list: STRUCT<default: DECIMAL(38, 18)>>",
        },
    },
}  # fmt: skip
SELF = {"information_schema": {"information_schema_catalog_name": {"catalog_name": "STRING"}}}


@pytest.fixture(scope="module")
def views():
    """Name -> what it selects, with all of its columns looked up."""
    made = {}
    for text in statements(FILE.read_text(encoding="utf-8")):
        if "VIEW" in text and "WITH METRICS" not in text:
            view = sqlglot.parse_one(text, "databricks")
            made[view.this.sql("databricks")] = qualify(
                view.expression, schema={"system": SYSTEM, "": SELF, "here": SELF}, dialect="databricks",
                catalog="here", validate_qualify_columns=True,
            )  # fmt: skip
    return made


def test_lineage_has_the_columns_of_the_users_document_there_and_here(views):
    for table, others in (("data_lineage", ["pipeline", "flow"]), ("column_lineage", ["pipeline", "flow"])):
        columns = [e.alias for e in views[f"system.{table}"].selects]
        assert columns == [name for name in SCHEMAS[table] if name not in others] != []
        wanted = {"source_table", "target_table", "transformation_logic", "execution_timestamp", "job_id"}
        assert wanted <= set(columns)


def test_costs_are_told_by_day_tag_layer_and_workload(views):
    view = views["monitoreo.costos"]
    assert [e.alias for e in view.selects] == [
        "fecha", "proyecto", "ambiente", "capa", "carga", "producto", "unidad", "cantidad", "costo", "moneda",
    ]  # fmt: skip
    text = FILE.read_text(encoding="utf-8")
    assert day("u.usage_start_time") in text
    read = {t.sql("databricks").split(" AS ")[0].replace("`", "") for t in view.find_all(exp.Table)}
    assert read == {"system.billing.usage", "system.billing.list_prices"}


def test_measures_are_computed_from_the_facts_and_count_nobody_who_is_masked():
    (text,) = (t for t in statements(FILE.read_text(encoding="utf-8")) if "WITH METRICS" in t)
    metrics = yaml.safe_load(text.split("$$")[1])
    assert metrics["source"] == "altrupets_gold.powerbi_fact_rescues"
    assert [m["name"] for m in metrics["measures"]] == ["total_rescues", "avg_response_time", "success_rate"]
    expressions = [e["expr"] for kind in ("dimensions", "measures") for e in metrics[kind]]
    columns = {c.name for e in expressions for c in sqlglot.parse_one(e, "databricks").find_all(exp.Column)}
    assert columns == {"date", "region_key", "animal_key", "response_time_minutes", "success_flag"}


def test_views_are_no_functions_of_masks():
    assert read_functions(FILE, {"catalog": "c"}) == ()
