"""Days are Costa Rica's, in the pipelines and in what the simulator says of them."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from pipelines.comun.days import ZONE
from simulator.settings import COSTA_RICA, day_of, midnight

ROOT = Path(__file__).parents[2]
# What asks the session for its zone, or (a window) counts days of UTC, unless it is given a day already.
OTHER_DAYS = re.compile(
    r"\b(?:to_date|trunc|date_trunc|date_format|window)\((?!CAST|min|max|date\b)|\bDATE\(|AS DATE\)|cast\(\"date\"",
    re.IGNORECASE,
)


def test_no_table_above_bronze_derives_a_day_otherwise():
    files = [f for layer in ("silver", "gold") for f in ROOT.glob(f"pipelines/*/{layer}/*.py")]
    assert [f.name for f in files if OTHER_DAYS.search(f.read_text(encoding="utf-8"))] == []
    assert len(files) > 30


def test_the_pattern_finds_what_would_be_another_day():
    wrong = [
        "DATE(event_timestamp)",
        "CAST(timestamp AS DATE)",
        'F.to_date("timestamp")',
        "date_trunc('DAY', recibida)",
        'F.window("event_timestamp", "1 day")',
        "date_format(event_timestamp, 'yyyyMMdd')",
    ]
    assert [text for text in wrong if not OTHER_DAYS.search(text)] == []
    assert OTHER_DAYS.search("to_date(CAST(date_key AS STRING), 'yyyyMMdd')") is None


def test_the_simulator_begins_its_days_in_costa_rica():
    assert str(COSTA_RICA) == ZONE
    assert midnight(1) == dt.datetime(2025, 1, 1, 6, tzinfo=dt.UTC)
    last = midnight(2) - dt.timedelta(seconds=1)
    assert [day_of(midnight(1)).day, day_of(last).day, day_of(midnight(2)).day] == [1, 1, 2]
