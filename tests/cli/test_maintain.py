"""`weir maintain` as a user and a script meet it."""

from __future__ import annotations

import datetime as dt
import json
import sys

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from weir.cli import main

SOURCE = """
import dlt

@dlt.table(table_properties={"retention.period": "2 years", "retention.column": "at"})
def bronze():
    return spark.readStream.table("raw")

@dlt.table
def silver():
    return dlt.read_stream("bronze")
"""
SOURCES = ("p.py", "--table", "raw=raw")


@pytest.fixture
def call(spark, tmp_path, monkeypatch, capfd):
    """Call `weir` in a folder with sources and rows: exit code, stdout and stderr."""
    (tmp_path / "p.py").write_text(SOURCE)
    rows = pa.table({"at": [dt.date(2020, 1, 1), dt.date(2026, 1, 1)]})
    write_deltalake(tmp_path / "raw", rows)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str):
        monkeypatch.setattr(sys, "argv", ["weir", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return ended.value.code, out, err

    assert run("run", *SOURCES)[0] == 0
    return run


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_dry_run_prints_the_statements_and_a_run_what_was_freed(call, tmp_path):
    held = (
        "default.bronze: delete held back: the flow main.default.silver streams from it and would fail or read "
        "rows again; let it skip such commits: .option('skipChangeCommits', 'true') on the reader"
    )
    bronze, silver = (f"delta.`{tmp_path}/.weir/tables/main/default/{t}`" for t in ("bronze", "silver"))
    assert lines(call("maintain", *SOURCES, "--dry-run", "--now", "2025-01-01")[1]) == [
        "table statement would take away",
        f"default.bronze OPTIMIZE {bronze}",
        f"default.bronze VACUUM {bronze} RETAIN 168 HOURS 0 files",
        f"default.silver OPTIMIZE {silver}",
        f"default.silver VACUUM {silver} RETAIN 168 HOURS 0 files",
        held,
    ]

    skipping = "spark.readStream.option('skipChangeCommits', 'true').table('bronze')"
    (tmp_path / "p.py").write_text(SOURCE.replace('dlt.read_stream("bronze")', skipping))
    code, out, _ = call("maintain", *SOURCES, "--json", "--now", "2025-01-01")
    result = json.loads(out)
    report = result["tables"][0]
    sizes = report.pop("before"), report.pop("after")
    assert (code, result["pipeline"], result["dry_run"], report) == (
        0,
        "p.py",
        False,
        {
            "table": "main.default.bronze",
            "steps": [
                {
                    "step": "delete",
                    "statement": f"DELETE FROM {bronze} WHERE `at` < DATE '2023-01-01'",
                    "count": 1,
                },
                {"step": "optimize", "statement": f"OPTIMIZE {bronze}", "count": None},
                {"step": "vacuum", "statement": f"VACUUM {bronze} RETAIN 168 HOURS", "count": 0},
            ],
            "held": [],
            "error": None,
        },
    )
    assert [(size["files"], size["files_on_disk"]) for size in sizes] == [(1, 1), (1, 2)]
    size = sizes[1]
    again = lines(call("maintain", *SOURCES, "--force-vacuum", "bronze")[1])
    assert again[:2] == [
        "table rows deleted files bytes files on disk bytes on disk",
        f"default.bronze 0 1 {size['bytes']} 2 {size['bytes_on_disk']}",
    ]

    code, _, err = call("maintain", *SOURCES, "--force-vacuum", "brnze")
    assert (code, lines(err)[0]) == (2, "[DATASET_NOT_FOUND] The pipeline has no table `brnze`.")
