"""`weir show` tells what it leaves out: rows, and columns that have no room."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from click.testing import CliRunner
from deltalake import write_deltalake

from weir.cli import weir
from weir.run.lake.storage import Storage


def shown(storage: Path, *flags: str) -> list[str]:
    result = CliRunner().invoke(weir, ["show", "t", "--storage", str(storage), *flags])
    assert result.exit_code == 0, result.output
    return [line.rstrip() for line in result.output.splitlines()]


def test_more_rows_are_told(tmp_path):
    place = Storage(tmp_path / "lake").table("main.default.t")
    place.mkdir(parents=True)
    write_deltalake(place, pa.table({"n": pa.array(range(11))}))
    assert shown(tmp_path / "lake")[-1] == "10 of 11 rows: -n 11 shows all"
    assert shown(tmp_path / "lake", "-n", "11")[-1] == "10"


def test_more_columns_are_told(tmp_path):
    place = Storage(tmp_path / "lake").table("main.default.t")
    place.mkdir(parents=True)
    names = [f"column_with_a_name_{n}" for n in range(16)]
    write_deltalake(place, pa.table({name: pa.array(["x" * 40]) for name in names}))
    lines = shown(tmp_path / "lake")
    assert (lines[0], lines[-1]) == ("main.default.t", "and 2 more columns")
    assert " ".join(lines[1:4]).count("column_with_") == 14
