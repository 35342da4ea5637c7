"""Changes that are read a single time: of a batch, of a stream, in Python and in SQL (specification §4.7)."""

from __future__ import annotations

import pytest

from weir.model.settings import Selection

PYTHON = """
import dlt
from pyspark.sql.functions import lit

@dlt.view
def old_pets():
    return spark.read.table("history").where("id < 9")

dlt.create_streaming_table("pets")
dlt.create_auto_cdc_flow(name="before", target="pets", source="old_pets", keys=["id"], sequence_by=lit(0),
    except_column_list=["at"], once=True)
dlt.create_auto_cdc_flow(name="now", target="pets", source="changes", keys=["id"], sequence_by="at",
    except_column_list=["at"])
"""
SQL = """
CREATE STREAMING TABLE versions;
CREATE FLOW loaded AS AUTO CDC ONCE INTO versions FROM (SELECT * FROM history WHERE id < 9)
KEYS (id) SEQUENCE BY at STORED AS SCD TYPE 2;
CREATE FLOW live AS AUTO CDC INTO versions FROM STREAM(changes) KEYS (id) SEQUENCE BY at STORED AS SCD TYPE 2
"""


def values(under_test, table):
    return sorted((tuple(r.values()) for r in under_test.rows(table)), key=str)


@pytest.mark.parity(
    "same",
    "4.7",
    "create_auto_cdc_flow(once=True) and AUTO CDC ONCE of a batch: read a single time, beside streams",
)
@pytest.mark.long("spark/test_change_histories.py::test_killed_between_two_commits")
def test_a_batch_of_changes_is_applied_a_single_time(pipeline):
    p = pipeline({"pets.py": PYTHON, "versions.sql": SQL})
    p.feed("history", [{"id": 1, "at": 1, "name": "Ada"}, {"id": 2, "at": 1, "name": "Bob"}])
    p.feed("changes", [{"id": 1, "at": 5, "name": "Eva"}])
    state = p.update()
    assert state.state == "COMPLETED", [d.error for d in state.datasets]
    assert values(p, "pets") == [(1, "Eva"), (2, "Bob")]
    assert values(p, "versions") == [(1, 1, "Ada", 1, 5), (1, 5, "Eva", 5, None), (2, 1, "Bob", 1, None)]
    p.feed("history", [{"id": 3, "at": 1, "name": "Kim"}, {"id": 9, "at": 1, "name": "-"}])
    p.feed("changes", [{"id": 2, "at": 6, "name": "Ben"}])
    assert {s.flow: str(s.verb) for s in p.plan().flows if s.verb == "skip"} == {
        "main.default.before": "skip", "main.default.loaded": "skip"
    }  # fmt: skip
    p.update()
    assert values(p, "pets") == [(1, "Eva"), (2, "Ben")]
    p.update(Selection(full_refresh_all=True))
    assert values(p, "pets") == [(1, "Eva"), (2, "Ben"), (3, "Kim")]
    assert [row[:3] for row in values(p, "versions")] == [
        (1, 1, "Ada"), (1, 5, "Eva"), (2, 1, "Bob"), (2, 6, "Ben"), (3, 1, "Kim")
    ]  # fmt: skip


def test_a_batch_that_is_not_applied_once_is_refused(pipeline):
    p = pipeline({"pets.py": PYTHON.replace(", once=True", ""), "versions.sql": SQL.replace("ONCE ", "")})
    p.feed("history", [{"id": 1, "at": 1, "name": "Ada"}])
    p.feed("changes", [{"id": 1, "at": 5, "name": "Eva"}])
    assert [(problem.condition, problem.origin.line) for problem in p.problems()] == [
        ("INCOMPATIBLE_BATCH_VIEW_READ", 10), ("INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE", 3)
    ]  # fmt: skip
