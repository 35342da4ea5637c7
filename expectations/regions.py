"""The reference data of `core.regiones`: Costa Rica's seven provinces with their 84 cantons.

Codes are those of the country's territorial division: the first digit is the province. A place is that of the
canton's seat, to about a kilometre.
"""

import csv
from pathlib import Path

FILE = Path(__file__).with_name("cantones.csv")


def regions() -> list[tuple[str, str, float, float, str, str, str]]:
    """One row a canton, as the contract of `core.regiones` has its columns."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [
            (
                row["provincia"],
                row["canton"],
                float(row["latitud"]),
                float(row["longitud"]),
                row["codigo"][0],
                row["codigo"],
                row["cabecera"],
            )
            for row in csv.DictReader(lines)
        ]
