"""What Spark can't do with a stream, and what to do instead; a watermark mends the fewest of them."""

from __future__ import annotations

BATCH = "do it in a materialized view that reads its source as a batch (spark.read.table, dlt.read)"
_SIDES = f"put the stream on the side whose rows are all kept, or {BATCH}"
WATERMARK = "add a watermark (withWatermark) before aggregating or joining, or read a batch"
# How Python says it -> how SQL does.
_IN_SQL = {
    "spark.read.table, dlt.read": "without STREAM",
    "withWatermark": "WATERMARK column DELAY OF INTERVAL 1 HOUR",
    "create_auto_cdc_flow": "AUTO CDC INTO",
    "once=True": "INSERT INTO ONCE",
}
# A part of Spark's message -> the way out. None of these becomes possible in another output mode.
_INSTEAD = {
    "Window function is not supported": "to keep the latest row of a key apply changes "
    f"(create_auto_cdc_flow) or drop duplicates; else {BATCH}",
    "Sorting is not supported": f"leave the order out, a table has none: sort where it is read; or {BATCH}",
    "Distinct aggregations are not supported": f"use approx_count_distinct, or {BATCH}",
    "a static DataFrame/Dataset on the left": _SIDES,
    "and a static DataFrame/D": _SIDES,
    "Union between streaming and batch": "let another append flow into it bring the batch (once=True)",
    "Except on a streaming": f"join with left_anti, or {BATCH}",
    "Intersect of streaming": f"join with left_semi, or {BATCH}",
    "Sampling is not supported": "filter by a hash of the key: pmod(hash(id), 10) = 0",
    "Offset is not supported": f"leave it out, or {BATCH}",
}


def is_impossible(message: str) -> bool:
    """Does it fail in every output mode, with a watermark or without?"""
    return any(part in message for part in _INSTEAD)


def way_out(message: str, *, sql: bool = False) -> str:
    """What to do instead of what Spark refuses, as Python or SQL says it."""
    way = next((hint for part, hint in _INSTEAD.items() if part in message), None)
    way = way or (WATERMARK if "watermark" in message.lower() else BATCH)
    for python, words in _IN_SQL.items() if sql else ():
        way = way.replace(python, words)
    return way
