"""The input: JSON lines from a seed, and what every table must hold once they are read.

Rows obey the rules that drop or fail, so the contenders without rules write the same tables; some
break the rules that only warn, so those rules count something.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

SEED = 20260501
SIZES = {"small": 800, "large": 1_000_000}
ROWS_PER_FILE = 125_000
BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
TYPES = ("Rescue_Requested", "Rescue_Closed", "Adoption_Requested", "Adoption_Closed", "Donation")
COUNTRIES = ("cr", "pa", "ni", "mx", "xx")
DAYS = 30


@dataclass
class Expected:
    """What the tables hold after some rows.

    Attributes:
        bronze: All rows.
        silver: Those with a user.
        days: The keys of `gold_daily`.
        countries: The keys of `gold_countries`.
        amount: The sum over silver, which both gold tables must add up to.
        unusual: Rows of silver that break a rule that only warns.
    """

    bronze: int = 0
    silver: int = 0
    days: set[tuple[str, str]] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    amount: Decimal = Decimal(0)
    unusual: int = 0

    def add(self, row: dict) -> None:
        self.bronze += 1
        if row["user"]["id"] is None:
            return
        self.silver += 1
        self.days.add((row["ts"][:10], row["event_type"]))
        self.countries.add(row["user"]["country"])
        self.amount += Decimal(row["amount"])
        self.unusual += Decimal(row["amount"]) >= 900  # noqa: PLR2004 - the rule `amount_usual`

    def facts(self) -> dict[str, str]:
        """As `check.facts` reads them from tables."""
        amount = f"{self.amount:.2f}"
        return {
            "bronze_events": f"{self.bronze} rows",
            "silver_events": f"{self.silver} rows, amount {amount}",
            "gold_daily": f"{len(self.days)} rows of {self.silver} events, amount {amount}",
            "gold_countries": f"{len(self.countries)} rows of {self.silver} events, amount {amount}",
        }


@dataclass(frozen=True)
class Input:
    """Files on the disk, made once for all runs of a size."""

    first: tuple[Path, ...]
    more: Path
    after_first: Expected
    after_more: Expected


def make(folder: Path, rows: int) -> Input:
    """Write the first files and the one with one per cent more."""
    folder.mkdir(parents=True)
    random = Random(SEED)  # noqa: S311 - repeatable on purpose
    expected = Expected()
    starts = range(0, rows, ROWS_PER_FILE)
    first = tuple(
        _write(folder / f"events-{n}.json", _rows(random, s, min(s + ROWS_PER_FILE, rows)), expected)
        for n, s in enumerate(starts)
    )
    before = deepcopy(expected)
    more = _write(folder / "more.json", _rows(random, rows, rows + rows // 100), expected)
    return Input(first, more, before, expected)


def _write(file: Path, rows: Iterator[dict], expected: Expected) -> Path:
    with file.open("w", encoding="utf-8") as lines:
        for row in rows:
            expected.add(row)
            lines.write(json.dumps(row) + "\n")
    return file


def _rows(random: Random, start: int, end: int) -> Iterator[dict]:
    for number in range(start, end):
        when = BEGIN + timedelta(seconds=random.randrange(DAYS * 86_400))
        user = f"u-{random.randrange(20_000)}" if number % 50 else None
        yield {
            "event_id": f"e-{number:08}",
            "event_type": random.choice(TYPES),
            "user": {"id": user, "country": random.choice(COUNTRIES)},
            "ts": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "amount": f"{random.randrange(100_000) / 100:.2f}",
        }
