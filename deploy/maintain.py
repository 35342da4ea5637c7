"""The bundle's job `maintenance`: what `weir maintain` does here, done in a workspace by the same plan.

It looks after the tables of a catalog that say how, in their properties. Materialized views are left to the
platform: nobody may write into them there. What streams from a table, and what is computed from it, the
sources alone tell: `weir maintain --dry-run` names what would stop, and it is empty for these pipelines.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from weir.plan.maintenance import MaintainedTable, MaintenanceStep, Upkeep

SAID = ("retention.period", "pipelines.autoOptimize.zOrderCols", "delta.deletedFileRetentionDuration")


def main(arguments: Sequence[str] | None = None) -> int:
    """Maintain a catalog, one JSON line a table; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", help="where the bundle's files lie")
    parser.add_argument("--catalog", required=True)
    parser.add_argument("--now", default=dt.datetime.now(dt.UTC).date(), type=dt.date.fromisoformat)
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be done")
    asked = parser.parse_args(arguments)
    if asked.files:
        sys.path.append(f"{asked.files}/shims")
    from pyspark.sql import SparkSession

    from weir.plan.maintenance import MaintenanceRequest, plan_upkeep

    spark = SparkSession.builder.getOrCreate()
    found = list(tables(spark, asked.catalog))
    plan = plan_upkeep(found, MaintenanceRequest(asked.now))
    failed = False
    for report in maintained(spark, found, plan, dry_run=asked.dry_run):
        print(json.dumps(report), flush=True)
        failed |= report["error"] is not None
    return int(failed)


def tables(spark: SparkSession, catalog: str) -> Iterator[MaintainedTable]:
    """The tables of a catalog that say how they are looked after."""
    for (schema,) in spark.sql(f"SHOW SCHEMAS IN `{catalog}`").collect():
        if schema != "information_schema":
            for row in spark.sql(f"SHOW TABLES IN `{catalog}`.`{schema}`").where("NOT isTemporary").collect():
                yield from _table(spark, f"`{catalog}`.`{schema}`.`{row.tableName}`")


def _table(spark: SparkSession, at: str) -> Iterator[MaintainedTable]:
    from weir.plan.maintenance import MaintainedTable

    described = {r.col_name: r.data_type for r in spark.sql(f"DESCRIBE TABLE EXTENDED {at}").collect()}
    properties = {r.key: r.value for r in spark.sql(f"SHOW TBLPROPERTIES {at}").collect()}
    if properties.keys().isdisjoint(SAID) or "VIEW" in described["Type"]:
        return
    (detail,) = spark.sql(f"DESCRIBE DETAIL {at}").collect()
    yield MaintainedTable(
        at.replace("`", ""),
        at,
        properties,
        {f.name: f.dataType.simpleString() for f in spark.table(at).schema.fields},
        tuple(detail.partitionColumns),
        bool(detail.clusteringColumns),
        changes="pipelines.autocdc.scdType" in properties,
    )


def maintained(
    spark: SparkSession, found: Iterable[MaintainedTable], plan: Iterable[Upkeep], *, dry_run: bool
) -> Iterator[dict[str, Any]]:
    """Take the steps, table by table, and tell what they did."""
    for table, upkeep in zip(found, plan, strict=True):
        before, done, error = _size(spark, table), list[dict[str, Any]](), None
        try:
            for step in upkeep.steps:
                done.append({"statement": step.statement, "count": _count(spark, step, dry_run)})
        except Exception as failure:  # noqa: BLE001 - whatever stops one table stops no other
            error = str(failure)
        yield {
            "table": table.name,
            "steps": done,
            "held": [held.why for held in upkeep.hindrances],
            "before": before,
            "after": _size(spark, table),
            "error": error,
        }


def _count(spark: SparkSession, step: MaintenanceStep, dry_run: bool) -> int | None:
    """Take a step, or ask what it would do: the rows of a DELETE, the files that a VACUUM would remove."""
    text = step.preview if dry_run else step.statement
    rows = spark.sql(text).collect() if text else []
    if step.task == "delete":
        return rows[0][0]
    return len(rows) if dry_run and text else None


def _size(spark: SparkSession, table: MaintainedTable) -> dict[str, int]:
    (detail,) = spark.sql(f"DESCRIBE DETAIL {table.at}").collect()
    return {"files": detail.numFiles, "bytes": detail.sizeInBytes}


if __name__ == "__main__":
    sys.exit(main())
