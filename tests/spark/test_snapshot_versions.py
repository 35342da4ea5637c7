"""Versions of historical snapshots over updates: a function is asked with what it gave, type and zone included."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from weir.run.flow.changes import flow as change_flow

NOON = dt.datetime.fromisoformat("2024-10-26T12:00:00")
BOGOTA, LISBON = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Lisbon")
AUTUMN = (
    dt.datetime(2024, 10, 27, 1, 45, tzinfo=LISBON),
    dt.datetime(2024, 10, 27, 1, 15, tzinfo=LISBON, fold=1),
)
VERSIONS = {
    "aware": [NOON.replace(tzinfo=BOGOTA), NOON.replace(hour=13, tzinfo=BOGOTA)],
    "autumn": [*AUTUMN],
    "naive": [NOON, NOON.replace(hour=13)],
    "day": [dt.date(2024, 1, 1), dt.date(2024, 1, 2)],
    "exact": [Decimal("1.5"), Decimal("10.25")],
    "texts": ["v1", "v2"],
}
HISTORIES = {"aware", "naive", "exact"}
SOURCE = f"""
import dlt
import datetime
import zoneinfo
from decimal import Decimal
from pathlib import Path

VERSIONS = {VERSIONS!r}
SEEN = Path("SEEN-FILE")

def asked(name):
    def give(latest):
        with SEEN.open("a") as file:
            print(name, repr(latest), file=file)
        shots = spark.read.table("shots")
        number = 0 if latest is None else VERSIONS[name].index(latest) + 1
        if number > shots.agg({{"n": "max"}}).collect()[0][0]:
            return None
        return shots.filter(f"n = {{number}}").drop("n"), VERSIONS[name][number]
    return give

for name in VERSIONS:
    dlt.create_streaming_table(name)
    dlt.apply_changes_from_snapshot(name, asked(name), ["id"], 2 if name in {HISTORIES!r} else 1)
"""
UTC = dt.UTC


@pytest.mark.parity("same", "3.8", "A version comes back as it was given: its type, the zone of a time")
@pytest.mark.long("spark/test_change_options.py::test_historical_snapshots")
def test_a_function_is_asked_with_the_version_that_it_gave(pipeline, tmp_path, monkeypatch):
    monkeypatch.setattr(change_flow, "FILES_BEFORE_COMPACTION", 0)
    seen = tmp_path / "seen"
    p = pipeline(SOURCE.replace("SEEN-FILE", str(seen)))
    for rows in ([{"n": 0, "id": 1, "v": "a"}], [{"n": 1, "id": 1, "v": "b"}]):
        p.feed("shots", rows)
        assert [d.error for d in p.update().datasets if d.error] == []
    asked = [f"{n} {v!r}" for n, (a, b) in VERSIONS.items() for v in (None, a, a, b)]
    assert sorted(seen.read_text().splitlines()) == sorted(asked)
    noon, hour = NOON.replace(tzinfo=UTC), dt.timedelta(hours=1)
    starts = {
        "naive": (noon, noon + hour),
        "aware": (noon + 5 * hour, noon + 6 * hour),
        "exact": VERSIONS["exact"],
    }
    for name in VERSIONS:
        first, then = starts.get(name, (None, None))
        kept = [(1, "a", first, then), (1, "b", then, None)] if name in HISTORIES else [(1, "b")]
        assert [tuple(r.values()) for r in p.rows(name, "2")] == kept


MISTAKES = {
    "lambda v: None": "FIRST_SNAPSHOT_EMPTY",
    "lambda v: (spark.range(1), 1 if v is None else '2')": "INVALID_SNAPSHOT_VERSION_TYPE",
    "lambda v: (spark.range(1), True)": "INVALID_SNAPSHOT",
    "lambda v: (spark.range(1), float('nan'))": "INVALID_SNAPSHOT",
    "lambda v: (spark.readStream.format('rate').load(), 1)": "INVALID_SNAPSHOT",
}
UNFIT = {
    "lambda v: (spark.range(1).toDF('no'), 1)": "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA",
    "lambda v: (spark.sql('SELECT 1 AS id, 2 AS ID'), 1)": "DELTA_DUPLICATE_COLUMNS_FOUND",
    "lambda v: (spark.sql('SELECT 1 AS id, NULL AS x'), 1)": "DELTA_UNSUPPORTED_DATA_TYPES",
    "lambda v: (spark.range(1) if v is None else spark.range(1).selectExpr('CAST(id AS STRING) AS id'), (v or 0) + 1)":
        "CANNOT_CHANGE_COLUMN_TYPE",
}  # fmt: skip


@pytest.mark.parity(
    "same",
    "3.8",
    "Invalid results of a snapshot function are refused by name: no first one, another type of version",
)
def test_what_is_no_snapshot_is_refused_by_name(pipeline):
    wrong = {**{f: f"APPLY_CHANGES_FROM_SNAPSHOT_ERROR.{c}" for f, c in MISTAKES.items()}, **UNFIT}
    targets = [
        f'dlt.create_streaming_table("t{n}")\ndlt.apply_changes_from_snapshot("t{n}", {f}, ["id"], 1)\n'
        for n, f in enumerate(wrong)
    ]
    result = pipeline("import dlt\n" + "".join(targets)).update()
    told = {f: (d.error or "").partition("]")[0] for f, d in zip(wrong, result.datasets, strict=True)}
    assert told == {f: f"[{condition}" for f, condition in wrong.items()}
