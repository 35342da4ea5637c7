"""Correctness before time: what the tables hold, against what the generator says they must."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.contenders import Contender
from bench.data import Expected
from bench.place import Place

TABLES = ("bronze_events", "silver_events", "gold_daily", "gold_countries")
RULES = 8


def facts(contender: Contender, place: Place) -> dict[str, str]:
    """What each table holds, in the words of `Expected.facts`."""
    return {table: _facts(contender.files(place, table)) for table in TABLES}


def _facts(files: list[str]) -> str:
    if not files:
        return "empty or missing"
    names = set(pq.read_schema(_local(files[0])).names)
    columns = sorted(names & ({"amount", "events"} if "ts" not in names else set()))
    table = pa.concat_tables(pq.read_table(_local(f), columns=columns) for f in files)
    text = f"{_rows(files)} rows"
    if "events" in columns:
        text += f" of {sum(table['events'].to_pylist())} events"
    if "amount" in columns:
        text += f", amount {sum(table['amount'].to_pylist()):.2f}"
    return text


def _rows(files: list[str]) -> int:
    return sum(pq.read_metadata(_local(f)).num_rows for f in files)


def _local(file: str) -> str:
    return file.removeprefix("file://")


def verdict(found: Mapping[str, str], now: Expected, before: Expected | None) -> str:
    """`right`; `late` where tables are as they should have been one phase ago; else `wrong`."""
    wanted = now.facts()
    if found == wanted:
        return "right"
    old = before.facts() if before else {}
    late = [t for t in TABLES if found[t] != wanted[t]]
    if all(found[t] == old.get(t) for t in late):
        return f"late: {', '.join(late)}"
    return "; ".join(f"wrong: {t} has {found[t]}, not {wanted[t]}" for t in late)


def rules(log: Path, now: Expected, before: Expected | None) -> str:
    """Did Weir's rules see every new row, and count those that break the one we know of?"""
    result = json.loads(log.read_text(encoding="utf-8"))
    silver = next(d for d in result["datasets"] if d["name"].endswith("silver_events"))
    found: dict[str, Any] = {r["name"]: r for r in silver["expectations"]}
    if len(found) != RULES:
        return f"wrong: {len(found)} rules"
    new = now.silver - (before.silver if before else 0)
    failed = now.unusual - (before.unusual if before else 0)
    usual = found["amount_usual"]
    counts = (usual["passed"] or 0, usual["failed"] or 0)
    return "right" if counts == (new - failed, failed) else f"wrong: rule counts {counts}"


def warm(log: Path) -> str:
    """Did a run use the warm engine, if it used Spark at all?"""
    remarks = log.with_suffix(f"{log.suffix}.err").read_text(encoding="utf-8")
    fine = "the warm engine is used" in remarks or "Spark is not started" in remarks
    return "right" if fine else f"wrong: {remarks.strip()}"
