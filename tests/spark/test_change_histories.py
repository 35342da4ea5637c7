"""Random histories, delivered in any way, end in what plain Python says of them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from pyspark.sql import functions as F

from tests.histories import Change, histories, latest, random_histories, versions
from tests.killing import ends
from weir.model.changes import Columns
from weir.run.frames.changes.history import Shape, compact, visible
from weir.run.lake.failpoints import FAIL_AT
from weir.testing import INTERPRETED

WEIR = Path(sys.executable).with_name("weir")

KINDS = {
    f"SCD type {scd}, NULLs {'keep' if ignore else 'overwrite'}": (scd, ignore)
    for scd in (1, 2) for ignore in (False, True)
}  # fmt: skip
EVENTS = "key struct<id: bigint>, seq bigint, op string, row struct<id: bigint, a: bigint, b: bigint>, \
kept array<string>, batch int"


def expected(history, scd, *, ignore_nulls):
    if scd == 1:
        row = latest(history, ignore_nulls=ignore_nulls)
        return [row] if row else []
    return list(versions(history, ignore_nulls=ignore_nulls))


def event(change, batch, *, ignore_nulls):
    upsert = change.op == "u"
    kept = [f"`{n}`" for n in "ab" if ignore_nulls and upsert and getattr(change, n) is None]
    row = (change.id, change.a, change.b) if upsert else None
    return (change.id,), change.at, change.op, row, kept, batch


@pytest.mark.parametrize("kind", list(KINDS))
def test_reconciling_two_batches(spark, kind):
    scd, ignore = KINDS[kind]
    shape = Shape(("id",), scd, Columns(("a",)), partial=ignore, nested=ignore)

    @settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(histories(100))
    def check(found):
        events = [event(c, c.at % 2, ignore_nulls=ignore) for h in found for c in h]
        arrived = spark.createDataFrame(events, EVENTS).withColumn("at", F.timestamp_seconds("batch"))
        batches = [compact(arrived.filter(f"batch = {n}"), shape) for n in (0, 1)]
        once, again = batches[0].unionByName(batches[1]), batches[1]
        rows = visible(compact(once, shape).unionByName(again), shape).collect()
        shown = [(r["row"].id, *rest(r, scd)) for r in rows]
        want = [(h[0].id, *v) for h in found for v in expected(h, scd, ignore_nulls=ignore)]
        assert sorted(shown, key=str) == sorted(want, key=str)

    check()


def rest(row, scd):
    ends = (row["start"], row["end"]) if scd == 2 else ()
    return (row["row"].a, row["row"].b, *ends)


SOURCE = """
import dlt
for scd in (1, 2):
    dlt.create_streaming_table(f"pets_{scd}")
    dlt.apply_changes(
        target=f"pets_{scd}", source="changes", keys=["id"], sequence_by="at", stored_as_scd_type=scd,
        apply_as_deletes="op = 'd'", except_column_list=["op", "at"], ignore_null_updates=scd == 1,
        track_history_column_list=["a"] if scd == 2 else None,
    )
"""
SCHEMA = pa.schema([(n, pa.string() if n == "op" else pa.int64()) for n in ("id", "at", "op", "a", "b")])
KEYS, LENGTH = 300, 4
FOUND = random_histories(KEYS, LENGTH, seed=2026)


def in_turn(count):
    """Each batch has some changes of every key."""
    return [[c for h in FOUND for c in h[n::count]] for n in range(count)]


def shuffled(count):
    changes = [c for h in FOUND for c in h]
    random.Random(7).shuffle(changes)
    return [changes[n::count] for n in range(count)]


def feed(pets, changes: list[Change]):
    pets.feed("changes", [asdict(c) for c in changes], SCHEMA)


def want(scd):
    rows = [(h[0].id, *v) for h in FOUND for v in expected(h, scd, ignore_nulls=scd == 1)]
    return sorted(rows, key=str)


SCHEDULES = {
    "one batch": in_turn(1),
    "one event of each key an update": in_turn(LENGTH),
    "shuffled batches": shuffled(3),
    "batches that come twice": [b for b in shuffled(2) for _ in range(2)],
}
POINTS = ("changes-recorded", "changes-shown")


def assert_all_there(pets):
    for scd in (1, 2):
        rows = [tuple(r.values()) for r in pets.rows(f"pets_{scd}")]
        assert sorted(rows, key=str) == want(scd)


@pytest.mark.parity(
    "same",
    "3.3",
    "Shuffled, late and repeated changes end in the same rows; ties of a sequence are undefined",
)
@pytest.mark.long("spark/test_change_histories.py::test_killed_between_two_commits")
@pytest.mark.parametrize("schedule", list(SCHEDULES))
def test_delivered_by_a_schedule(pipeline, schedule):
    pets = pipeline(SOURCE)
    for batch in SCHEDULES[schedule]:
        feed(pets, batch)
        assert pets.update().state == "COMPLETED"
    assert_all_there(pets)


@pytest.mark.long("spark/test_change_histories.py::test_killed_between_two_commits")
def test_failed_between_two_commits(pipeline, monkeypatch):
    """The second attempt gets past where the first failed, and fails behind it."""
    pets = pipeline(SOURCE, configuration={"pipelines.maxFlowRetryAttempts": "0"})
    first, second = shuffled(2)
    feed(pets, first)
    pets.update()
    feed(pets, second)
    for point in POINTS:
        with monkeypatch.context() as context:
            context.setenv(FAIL_AT, point)
            assert pets.update().state == "FAILED"
    assert pets.update().state == "COMPLETED"
    assert_all_there(pets)


@pytest.mark.parity(
    "same", "4.2", "AUTO CDC is exactly once: an update killed between its two commits and run again"
)
def test_killed_between_two_commits(pipeline, warm):
    pets = pipeline(SOURCE)
    first, second = shuffled(2)
    feed(pets, first)
    pets.update()
    feed(pets, second)
    for point in POINTS:
        assert killed_at(point, pets) == -9
    assert pets.update().state == "COMPLETED"
    assert_all_there(pets)


def killed_at(point, pets):
    """The exit code of a process that is killed at a point of its update."""
    places = [f"--storage={pets.folder / 'storage'}", *(f"--table={n}={p}" for n, p in pets.outside.items())]
    entries = [f"--conf={name}={value}" for name, value in INTERPRETED.items()]
    command = [WEIR, "run", pets.sources[0], "--name=local", *places, *entries]
    environment = os.environ | {FAIL_AT: f"kill:{point}"}
    return ends(subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment))
