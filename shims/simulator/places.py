"""Costa Rica: its provinces with their cantons, and where these lie (latitude, longitude)."""

import csv
from pathlib import Path

FILE = Path(__file__).parents[2] / "expectations/cantones.csv"


def _cantons() -> dict[str, dict[str, tuple[float, float]]]:
    found: dict[str, dict[str, tuple[float, float]]] = {}
    with FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            place = float(row["latitud"]), float(row["longitud"])
            found.setdefault(row["provincia"], {})[row["canton"]] = place
    return found


CANTONS = _cantons()
