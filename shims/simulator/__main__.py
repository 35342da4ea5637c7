"""`python -m simulator --out FOLDER --arrive`: lets 90 days arrive, or else one more day."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.files import arrival_files, replace_file, write
from simulator.manifest import manifest
from simulator.settings import SimulatorSettings

MANIFEST = "manifest.json"


def main() -> None:
    """Let one arrival of data come as files."""
    options = _parser().parse_args()
    given = {
        name: value for name in vars(SimulatorSettings()) if (value := getattr(options, name)) is not None
    }
    arrive(options.out, given, write)


def arrive(landing: Path, given: dict[str, int], deliver: Callable[[Path, dict[str, str]], None]) -> None:
    """Let the next data arrive.

    Args:
        landing: Remembers how often data has arrived.
        given: Settings that the first arrival fixes for the folder.
        deliver: Takes the arrival's files, path below the landing folder -> content.
    """
    before = _read(landing / MANIFEST)
    settings = _settings(landing, given, before.get("settings"))
    arrival = len(before.get("arrivals", [])) + 1
    deliver(landing, arrival_files(settings, arrival))
    # The manifest last: an arrival that was cut short is written again, byte for byte.
    expected = json.dumps(manifest(settings, arrival), indent=1, ensure_ascii=False)
    replace_file(landing / MANIFEST, expected + "\n")
    days = settings.days_of(arrival)
    print(f"arrival {arrival}: days {days[0]} to {days[-1]} in {landing}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the landing folder")
    parser.add_argument("--arrive", action="store_true", required=True, help="let the next data arrive")
    for name, value in vars(SimulatorSettings()).items():
        parser.add_argument(f"--{name}", type=int, help=f"default {value}")
    return parser


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _settings(landing: Path, given: dict[str, int], before: dict[str, int] | None) -> SimulatorSettings:
    """The first arrival fixes them for the folder."""
    settings = SimulatorSettings(**((before or {}) | given))
    if before and settings != SimulatorSettings(**before):
        raise SystemExit(f"simulator: {landing} has {before}; take another folder for {given}")
    return settings


if __name__ == "__main__":
    main()
