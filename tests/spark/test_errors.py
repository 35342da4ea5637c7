"""Errors of what runs inside of Spark are told as those of a plain query: condition, sentence, the user's line."""

from __future__ import annotations

import pytest

FAILING = """
import dlt
from pyspark.sql import functions as F

CAST = "CAST(name AS INT) AS seq"

@dlt.table
def plain():
    return spark.readStream.table("ev").selectExpr("id", CAST)

@dlt.table(schema="id BIGINT, seq INT, twice BIGINT GENERATED ALWAYS AS (id * 2)")
def generated():
    return spark.readStream.table("ev").selectExpr("id", CAST)

@dlt.view
def changes():
    return spark.readStream.table("ev").selectExpr("id", CAST)

dlt.create_streaming_table("customers")
dlt.apply_changes("customers", "changes", keys=["id"], sequence_by="seq")

@dlt.view
def shots():
    return spark.read.table("ev").selectExpr("id", CAST)

dlt.create_streaming_table("shown")
dlt.apply_changes_from_snapshot("shown", "shots", ["id"], 1)

dlt.create_streaming_table("asked")
dlt.apply_changes_from_snapshot("asked", lambda latest: int("x"), ["id"], 1)

@dlt.foreach_batch_sink
def casting(df, batch_id):
    df.selectExpr(CAST).collect()

@dlt.append_flow(target="casting")
def to_casting():
    return spark.readStream.table("ev")

@dlt.foreach_batch_sink
def wrapping(df, batch_id):
    try:
        df.selectExpr(CAST).collect()
    except Exception as error:
        raise RuntimeError("could not load") from error

@dlt.append_flow(target="wrapping")
def to_wrapping():
    return spark.readStream.table("ev")

@dlt.foreach_batch_sink
def leaving(df, batch_id):
    raise SystemExit(3)

@dlt.append_flow(target="leaving")
def to_leaving():
    return spark.readStream.table("ev")

@F.udf("int")
def shout(name):
    return len(name) + {}[name]

@dlt.table
def called():
    return spark.readStream.table("ev").select(shout("name").alias("n"))

dlt.create_streaming_table("twice")

@dlt.append_flow(target="twice")
def one():
    return spark.readStream.table("ev").selectExpr(CAST)

@dlt.append_flow(target="twice")
def other():
    return spark.readStream.table("ev").selectExpr("CAST(1 / (id - id) AS INT) AS seq")
"""
CAST = '[CAST_INVALID_INPUT] The value \'a\' of the type "STRING" cannot be cast to "INT" because it is malformed.'


@pytest.mark.parity(
    "same", "6.5", "The cause of a failed flow is reported with its own condition, whatever wraps it"
)
def test_the_cause_is_told_by_its_condition_wherever_it_was_raised(pipeline):
    p = pipeline(FAILING)
    p.feed("ev", [{"id": 1, "name": "a"}])
    errors = {d.name.removeprefix("main.default."): d.error for d in p.update().datasets if d.error}

    def at(code, function):
        line = [text.strip() for text in FAILING.split("\n")].index(code) + 1
        return f'  at File "{p.sources[0]}/pipeline.py", line {line}, in {function}'

    plain = errors["plain"]
    assert plain.startswith(CAST)
    assert [errors.pop(n) for n in ("plain", "generated", "customers", "shown")] == [plain] * 4
    assert errors.pop("casting") == f"{plain}\n{at('df.selectExpr(CAST).collect()', 'casting')}"
    raising = at('raise RuntimeError("could not load") from error', "wrapping")
    assert errors.pop("wrapping") == f"RuntimeError: could not load\n{raising}\n  from {plain}"
    assert errors.pop("leaving") == (
        f"RuntimeError: a handler ended with SystemExit\n{at('raise SystemExit(3)', 'leaving')}\n  from SystemExit: 3"
    )
    assert errors.pop("called") == f"KeyError: 'a'\n{at('return len(name) + {}[name]', 'shout')}"
    assert errors.pop("asked").startswith("[QUERY_FUNCTION_FAILED] ValueError: invalid literal for int()")
    one, other = errors.pop("twice").split("\n")
    assert (one, other.startswith("main.default.other: [DIVIDE_BY_ZERO]"), errors) == (
        f"main.default.one: {plain}", True, {},
    )  # fmt: skip
