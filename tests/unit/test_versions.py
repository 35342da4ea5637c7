"""Versions of snapshots come back as they were given: type, zone and all."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from weir.model.versions import from_text, kind_of, to_text

BOGOTA, LISBON = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Lisbon")
NOON = dt.datetime.fromisoformat("2024-10-27T12:00:00.123456")
VERSIONS = {
    "whole number": [0, -(2**63), 2**63 - 1],
    "number": [1.5, -0.1, float("inf")],
    "text": ["", "v1", "é [x]\n"],
    "bytes": [b"", b"\x00\xff"],
    "date": [dt.date(2024, 1, 2)],
    "time": [NOON, NOON.replace(year=1, microsecond=0)],
    "time with a zone": [
        NOON.replace(tzinfo=dt.UTC),
        NOON.replace(tzinfo=BOGOTA),
        NOON.replace(hour=1, tzinfo=LISBON),
        NOON.replace(hour=1, tzinfo=LISBON, fold=1),
        NOON.replace(tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    ],
    "decimal": [Decimal("1.50"), Decimal("-1E+19"), Decimal("0.000000000000000001")],
}


@pytest.mark.parametrize(("kind", "version"), [(k, v) for k, found in VERSIONS.items() for v in found])
def test_a_version_comes_back_as_it_was(kind, version):
    back = from_text(to_text(version))
    assert (kind_of(version), kind_of(back), type(back), repr(back)) == (
        kind,
        kind,
        type(version),
        repr(version),
    )


def test_a_time_keeps_its_zone_over_the_hour_that_comes_twice():
    first, again = (from_text(to_text(NOON.replace(hour=1, tzinfo=LISBON, fold=f))) for f in (0, 1))
    assert (first.tzinfo, first.fold, again.tzinfo, again.fold) == (LISBON, 0, LISBON, 1)
    assert first.astimezone(dt.UTC) + dt.timedelta(hours=1) == again.astimezone(dt.UTC)


def test_a_zone_that_is_not_here_is_the_same_instant():
    assert from_text('{"time": "2024-01-01T12:00:00-05:00", "zone": "Mars/Base"}') == dt.datetime(
        2024, 1, 1, 17, tzinfo=dt.UTC
    )


@pytest.mark.parametrize(
    "value",
    [None, True, 2**63, -(2**63) - 1, float("nan"), Decimal("NaN"), Decimal("Infinity"), Decimal("1E+20"),
     Decimal("1E-19"), [1], (1,), {}, object(), dt.time(1), dt.timedelta(1), 1j],
)  # fmt: skip
def test_what_has_no_order_or_no_place_is_no_version(value):
    assert kind_of(value) is None
