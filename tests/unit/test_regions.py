"""The reference data of `core.regiones`: all of Costa Rica's cantons, by their official codes."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import dist, sqrt

from expectations.contracts import published
from expectations.regions import regions
from simulator.places import CANTONS
from simulator.requests import JITTER

# Province -> how many cantons it has; their codes have no gap. The newest: 216 (2017), 612 (2021), 613 (2022).
PROVINCES = {
    "San José": 20, "Alajuela": 16, "Cartago": 8, "Heredia": 10, "Guanacaste": 11, "Puntarenas": 13, "Limón": 6,
}  # fmt: skip


def rows():
    columns = published("core.regiones").columns
    return [dict(zip(columns, row, strict=True)) for row in regions()]


def test_there_are_84_cantons_in_seven_provinces_by_their_codes():
    assert Counter(row["provincia"] for row in rows()) == PROVINCES
    codes = [
        f"{province}{canton:02d}"
        for province, count in enumerate(PROVINCES.values(), 1)
        for canton in range(1, count + 1)
    ]
    assert [row["codigo_canton"] for row in rows()] == codes
    assert len(codes) == 84
    names = list(PROVINCES)
    assert {row["codigo_provincia"]: row["provincia"] for row in rows()} == {
        str(number): name for number, name in enumerate(names, 1)
    }


def test_known_codes():
    known = {row["codigo_canton"]: row["canton"] for row in rows()}
    assert {code: known[code] for code in ("101", "119", "120", "212", "216", "606", "612", "613", "706")} == {
        "101": "San José", "119": "Pérez Zeledón", "120": "León Cortés Castro", "212": "Sarchí",
        "216": "Río Cuarto", "606": "Quepos", "612": "Monteverde", "613": "Puerto Jiménez", "706": "Guácimo",
    }  # fmt: skip


def test_each_has_a_place_of_its_own_that_no_other_is_mistaken_for():
    places = [(row["latitud"], row["longitud"]) for row in rows()]
    assert all(8.0 < latitude < 11.3 and -86.0 < longitude < -82.5 for latitude, longitude in places)
    assert min(dist(one, other) for one, other in combinations(places, 2)) > 2 * sqrt(2) * JITTER


def test_the_simulator_has_the_same():
    assert {(p, c): place for p, cantons in CANTONS.items() for c, place in cantons.items()} == {
        (row["provincia"], row["canton"]): (row["latitud"], row["longitud"]) for row in rows()
    }
