"""`python -m simulator --out FOLDER --arrive`: lets 90 days arrive, or else one more day."""

import argparse
import json
from pathlib import Path
from typing import Any

from simulator.files import arrival_files, replace_file, write
from simulator.manifest import manifest
from simulator.settings import Settings

MANIFEST = "manifest.json"


def main() -> None:
    options = _parser().parse_args()
    landing: Path = options.out
    before = _read(landing / MANIFEST)
    settings = _settings(options, before.get("settings"))
    arrival = len(before.get("arrivals", [])) + 1
    write(landing, arrival_files(settings, arrival))
    # The manifest last: an arrival that was cut short is written again, byte for byte.
    expected = json.dumps(manifest(settings, arrival), indent=1, ensure_ascii=False)
    replace_file(landing / MANIFEST, expected + "\n")
    days = settings.days_of(arrival)
    print(f"arrival {arrival}: days {days[0]} to {days[-1]} in {landing}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the landing folder")
    parser.add_argument("--arrive", action="store_true", required=True, help="let the next data arrive")
    for name, value in vars(Settings()).items():
        parser.add_argument(f"--{name}", type=int, help=f"default {value}")
    return parser


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _settings(options: argparse.Namespace, before: dict[str, int] | None) -> Settings:
    """The first arrival fixes them for the folder."""
    options_given = {name: getattr(options, name) for name in vars(Settings())}
    given = {name: value for name, value in options_given.items() if value is not None}
    settings = Settings(**((before or {}) | given))
    if before and settings != Settings(**before):
        raise SystemExit(f"simulator: {options.out} has {before}; take another folder for {given}")
    return settings


if __name__ == "__main__":
    main()
