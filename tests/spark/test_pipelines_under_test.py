"""A whole pipeline under test: rows arrive, it is updated, it fails where the test says, and goes on."""

from __future__ import annotations

import pytest

from tests.tiers import short
from weir.model.problems import WeirError

SOURCES = """
import dlt
from pyspark.sql import functions as F

@dlt.table
@dlt.expect("sound", "id IS NOT NULL")
def people():
    return spark.readStream.table("main.raw.people")

@dlt.table
def seen():
    return dlt.read("people").select("id", F.current_timestamp().alias("at"))

dlt.create_streaming_table("latest")
dlt.create_auto_cdc_flow(target="latest", source="people", keys=["id"], sequence_by="seq")
"""


def states(result):
    return {d.name.rpartition(".")[2]: str(d.state) for d in result.datasets}


@pytest.mark.parametrize("where", short(["at a record", "between commits"], "at a record"))
def test_late_and_repeated_changes_a_new_column_and_a_failure_in_between(pipeline, where):
    shelter = pipeline(SOURCES)
    shelter.now = "2025-03-01 10:00"
    shelter.feed("main.raw.people", "id | town | seq\n1 | Limón | 2")
    assert set(states(shelter.update()).values()) == {"COMPLETED"}
    assert shelter.rows("seen") == "id | at\n1 | 2025-03-01 10:00"

    shelter.feed(
        "main.raw.people", "id | town | seq | age\n1 | late | 1 | 3\n1 | Limón | 2 |\n2 | Heredia | 1 | 4"
    )
    failing = (
        shelter.failing("people", "id = 2") if where == "at a record" else shelter.failing_between_commits()
    )
    with failing:
        failed = "people" if where == "at a record" else "latest"
        assert states(shelter.update())[failed] == "FAILED"
    assert shelter.rows("latest").only("id", "town") == "id | town\n1 | Limón"

    shelter.now = "2025-03-02"
    assert set(states(shelter.update()).values()) == {"COMPLETED"}
    assert shelter.rows("latest").only("id", "town", "age") == "id | town | age\n1 | Limón |\n2 | Heredia | 4"
    assert {row["at"].day for row in shelter.rows("seen")} == {2}

    with pytest.raises(WeirError, match="no table `persons`"), shelter.failing("persons", "id = 2"):
        shelter.update()
