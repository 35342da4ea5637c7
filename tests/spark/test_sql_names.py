"""Names of random queries mean through Weir what they mean in plain Spark, over tables of the same names."""

from __future__ import annotations

import itertools
from contextlib import closing
from functools import reduce
from random import Random

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from tests.queries import CATALOG, ROWS, TABLES, Queries, shapes, type_of, value_of
from weir.model.definitions import Pipeline
from weir.model.names import Namespace
from weir.model.problems import WeirError
from weir.model.settings import Outside
from weir.run.code.call import in_force, load_time_call
from weir.run.code.intercept import intercepted
from weir.run.lake.storage import Storage
from weir.run.lake.world import World

QUERIES, TOGETHER = 100, 25
NAMESPACE = Namespace(CATALOG, "default")


@pytest.fixture
def tables(spark, tmp_path):
    """A random schema for each table, and where it lies."""
    found, numbers = shapes(Random(7)), itertools.count()
    for (schema, table), shape in found.items():
        ddl = ", ".join(f"`{name}` {type_of(inner)}" for name, inner in shape.items())
        rows = [value_of(shape, numbers) for _ in range(ROWS)]
        folder = tmp_path / f"{schema}.{table}"
        spark.createDataFrame(rows, ddl).coalesce(1).write.parquet(str(folder))
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        spark.sql(f"CREATE TABLE {schema}.{table} USING parquet LOCATION '{folder}'")
    yield found
    for schema, table in TABLES:
        spark.sql(f"DROP TABLE {schema}.{table}")
    for schema in {schema for schema, _ in found} - {"default"}:
        spark.sql(f"DROP SCHEMA {schema}")


def frame(spark, number, text):
    """The rows as texts, or the condition of the error."""
    try:
        return spark.sql(text).select(F.lit(number).alias("n"), F.to_json(F.struct("*")).alias("row"))
    except PySparkException as error:
        return error.getCondition()
    except WeirError as error:
        return error.problems[0].condition


def outcomes(frames):
    """The rows in some order where there are any: many queries in one job."""
    found = {n: [] for n, made in enumerate(frames) if not isinstance(made, str)}
    made = [frames[n] for n in found]
    for start in range(0, len(made), TOGETHER):
        rows = reduce(lambda a, b: a.unionAll(b), made[start : start + TOGETHER]).collect()
        for row in sorted(rows):
            found[row.n].append(row.row)
    return [found.get(n, made) for n, made in enumerate(frames)]


@pytest.mark.parity(
    "same", "8.2", "A name of several parts means what it means in Spark, in the scope where it stands"
)
@pytest.mark.parity(
    "differs", "8.2", "A qualifier that may be a column of a subquery", "the text is refused, an alias helps"
)
@pytest.mark.long("spark/test_sql.py::test_sql_means_what_it_says")
def test_names_of_random_queries_mean_what_they_mean_in_spark(spark, tables, tmp_path):
    maker = Queries(Random(11), tables)
    texts = [maker.query() for _ in range(QUERIES)]
    plain = outcomes([frame(spark, n, text) for n, text in enumerate(texts)])
    outside = Outside({f"{CATALOG}.{s}.{t}": str(tmp_path / f"{s}.{t}") for s, t in tables}, {})
    pipeline = Pipeline("random", NAMESPACE, {}, (), {})
    call = load_time_call(World(spark, pipeline, Storage(tmp_path / "storage"), outside))
    with closing(call), intercepted({}), in_force(call):
        frames = [frame(spark, n, text) for n, text in enumerate(texts)]
    compared = list(zip(texts, plain, outcomes(frames), strict=True))
    refused = [t for t, p, w in compared if w == "AMBIGUOUS_REFERENCE" != p]
    assert [c for c in compared if c[0] not in refused and c[1] != c[2]] == []
    assert len(refused) < QUERIES / 20
    assert sum(isinstance(p, list) for p in plain) > QUERIES / 3
