"""The bundle's alerts of Databricks SQL, evaluated on what is measured here: they fire when they should."""

import datetime as dt

import pytest

from expectations.health import Watched
from pipelines.comun.measurements import measurements
from pipelines.comun.metrics import metrics
from tests.lakes import ROOT
from weir.bundle.bundle import read_bundle
from weir.workspace.alert_states import alert_state

NOW = dt.datetime.now(dt.UTC)
YOUNG, OLD = NOW - dt.timedelta(hours=1), NOW - dt.timedelta(hours=3)
WATCHED = [Watched("pets", ("id", "name"), "came", ())]
SCHEMA = "id INT, name STRING, came TIMESTAMP"
TABLE = "altrupets_catalog.monitoreo_gold.data_quality_metrics"


@pytest.fixture(scope="module")
def alerts():
    """Key in the bundle -> query and condition, as they are deployed."""
    bundle = read_bundle(ROOT / "databricks.yml", "prod_aws", {"var.run_as": "p"})
    found = bundle.resources.get("alerts").mapping()
    return {key: (bundle.text(node.get("query_text")), plain(bundle, node)) for key, node in found.items()}


def plain(bundle, node):
    value = node.get("evaluation")
    return {
        "source": {"name": bundle.text(value.get("source", "name"))},
        "comparison_operator": bundle.text(value.get("comparison_operator")),
        "threshold": {"value": {"double_value": value.get("threshold", "value", "double_value").value}},
    }


def states(spark, alerts, rows, measured_before=dt.timedelta()):
    """The state of each alert where a table has these rows, and was measured so long ago."""
    spark.createDataFrame(rows, SCHEMA).createOrReplaceTempView("pets")
    found = metrics(measurements(WATCHED), {"pets"})
    found.selectExpr(
        "* EXCEPT (measured_at, hours_since_update)",
        f"measured_at - INTERVAL '{measured_before.total_seconds():.0f}' SECOND AS measured_at",
        f"hours_since_update - {measured_before.total_seconds() / 3600} AS hours_since_update",
    ).createOrReplaceTempView("measured")
    evaluated = {}
    for key, (query, evaluation) in alerts.items():
        assert TABLE in query
        result = spark.sql(query.replace(TABLE, "measured"))
        evaluated[key] = alert_state(
            evaluation, result.columns, [[str(v) for v in r] for r in result.collect()]
        )
    return evaluated


def test_alerts_fire_when_they_should_and_not_before(spark, alerts):
    many = [(n, "x", YOUNG) for n in range(95)]
    some = [(n, None, YOUNG) for n in range(5)]
    quiet, late = {"data_completeness": "OK", "data_freshness": "OK"}, dt.timedelta(minutes=61)
    assert states(spark, alerts, many + some) == quiet
    assert states(spark, alerts, many[1:] + some) == quiet | {"data_completeness": "TRIGGERED"}
    assert states(spark, alerts, [(1, "x", OLD)]) == quiet | {"data_freshness": "TRIGGERED"}
    # What was young when it was measured has aged with the measurement, where updates have stopped.
    assert states(spark, alerts, [(1, "x", OLD)], late) == quiet | {"data_freshness": "TRIGGERED"}
    assert states(spark, alerts, [(1, "x", YOUNG)], late) == quiet
