"""What masks give whom, and that nothing computes with what they give."""

from __future__ import annotations

import datetime as dt
import json

import pyarrow as pa
import pytest

from tests.lakes import ROOT
from weir.bundle.bundle import read_bundle
from weir.bundle.functions import create_temporary, temporary_name
from weir.bundle.governed import governance_of
from weir.testing import PipelineUnderTest

NOON = dt.datetime(2025, 3, 1, 18, tzinfo=dt.UTC)
MESSAGE = json.dumps(
    {
        "schema_version": 2,
        "animal": {"especie": "gato", "edad_meses": 3, "estado": "sano", "dueño": "ana"},
        "ubicacion_gps": {"lat": 9.93, "lon": -84.08},
        "teléfono": "8888-8888",
        "processing_time": 12,
    },
    ensure_ascii=False,
)
WITHOUT_PLACE = {
    "schema_version": "2",
    "animal": {"especie": "gato", "edad_meses": "3", "estado": "sano"},
    "processing_time": "12",
    "ubicacion_gps": "MASKED",
}
EVENT = pa.schema(
    [("event_id", pa.string()), ("event_type", pa.string()), ("user_id", pa.string()),
     ("event_timestamp", pa.timestamp("us", "UTC")), ("payload", pa.string()),
     ("ingestion_timestamp", pa.timestamp("us", "UTC"))]
)  # fmt: skip
VERSION = pa.schema(
    [("user_id", pa.string()), ("user_type", pa.string()), ("user_location", pa.string()),
     ("__START_AT", pa.timestamp("us", "UTC")), ("__END_AT", pa.timestamp("us", "UTC"))]
)  # fmt: skip


@pytest.fixture
def seen(spark):
    """What the functions give to a member of a group, by name: `seen("data-analysts", "ocultar('x')")`."""
    functions = governance_of(read_bundle(ROOT / "databricks.yml", "prod_aws")).functions

    def ask(group, call):
        own = spark.newSession()
        own.sql(
            f"CREATE TEMPORARY FUNCTION is_account_group_member(g STRING) RETURNS BOOLEAN RETURN g = '{group}'"
        )
        for function in functions.values():
            own.sql(create_temporary(function, functions, "ana"))
        name, arguments = call.split("(", 1)
        full = temporary_name(f"altrupets_catalog.gobierno.{name}")
        return own.sql(f"SELECT {full}({arguments}").first()[0]

    return ask


@pytest.fixture
def monolito(spark, tmp_path):
    return PipelineUnderTest(
        spark, tmp_path, [ROOT / "pipelines/monolito"], {"altrupets.landing": str(tmp_path)}
    )


def test_engineers_and_admins_see_what_is_there_and_others_what_tells_of_nobody(seen):
    told = f"sin_lugar('{MESSAGE}')"
    for group in ("admins", "data-engineers"):
        assert (seen(group, "ocultar('ana')"), seen(group, told)) == ("ana", MESSAGE)
        assert seen(group, "aproximar(9.9281D)") == 9.9281
        assert seen(group, "es_actual(TIMESTAMP '2025-01-01')")
    assert (seen("data-analysts", "ocultar('ana')"), seen("data-analysts", "ocultar(NULL)")) == (
        "MASKED",
        None,
    )
    assert json.loads(seen("data-analysts", told)) == WITHOUT_PLACE
    assert json.loads(seen("data-analysts", "sin_lugar('torn {')")) == {"ubicacion_gps": "MASKED"}
    assert seen("data-analysts", "aproximar(9.9281D)") == 9.9
    assert [seen("x", f"es_actual({v})") for v in ("NULL", "TIMESTAMP '2025-01-01'")] == [True, False]


def test_the_function_of_the_users_document(seen):
    assert [seen("x", f"mask_sensitive_data('{role}', 'd')") for role in ("admin", "data-engineer", "analyst")] == [
        "d", "d", "MASKED"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "masked", [{"user_id": "MASKED"}, {"payload": json.dumps(WITHOUT_PLACE)}], ids=["a user", "a message"]
)
def test_an_update_stops_where_its_owner_is_told_masks(monolito, masked):
    event = {"event_id": "1", "user_id": "ana", "event_timestamp": NOON, "payload": MESSAGE} | masked
    monolito.feed("altrupets_silver.events", [event], EVENT)
    monolito.feed("altrupets_silver.users_history", [], VERSION)
    checked = monolito.compute("altrupets_silver.events_enriched")
    assert (checked.result.state, "not_masked" in checked.result.error) == ("FAILED", True)
    assert checked.rows == []


def test_a_mask_that_is_sent_as_a_user_is_put_aside_and_stops_nothing(monolito):
    sent = {
        "event_id": "1",
        "event_type": "vet_visit",
        "user_id": "MASKED",
        "timestamp": "2025-03-01T18:00:00Z",
    }
    raw = {"raw_data": json.dumps(sent | {"payload": {}}), "ingestion_timestamp": NOON,
           "ingestion_method": "streaming", "source_file": "1"}  # fmt: skip
    checked = monolito.compute("altrupets_silver.events_quarantine", {"altrupets_bronze.raw_events": [raw]})
    assert [row["reasons"] for row in checked.rows] == [["not_masked"]]
