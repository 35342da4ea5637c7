"""What no rule on a single row can say: a key stands once in its table, a reference leads somewhere.

    unique("altrupets_silver.users", "user_id")
    references("altrupets_silver.visits", ["clinic", "vet"], "altrupets_silver.vets", ["clinic", "id"])

Each call, at the top level of a source file, defines a private table of keys with a rule that stops its
update; the table that is checked is written all the same, since it must be there to be read.
"""

import re
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

import dlt

Columns = str | Sequence[str]


def unique(table: str, columns: Columns, name: str | None = None) -> None:
    """Stop the update where a key stands in several rows; NULL is a key like any other.

    Args:
        table: A table or view of the pipeline, or any other that Spark can read.
        columns: The column or columns of the key.
        name: Of the table of keys; TABLE_unique_COLUMNS by default.
    """
    key = _listed(columns)

    @dlt.table(
        name=name or _name(_last(table), "unique", *key),
        comment=f"Keys of {table} and in how many rows each stands: {', '.join(key)}",
        temporary=True,
    )
    @dlt.expect_or_fail("unique_key", "num_entries = 1")
    def keys() -> DataFrame:
        counted = _keys(table, key).groupBy(*_numbered(key)).agg(F.count("*").alias("num_entries"))
        return counted.select(_shown(key), "num_entries")


def references(
    table: str, columns: Columns, other: str, other_columns: Columns | None = None, name: str | None = None
) -> None:
    """Stop the update where a key has no row in another table; a key with a NULL in it refers to none.

    Args:
        table: The table that refers.
        columns: Its column or columns that refer.
        other: The table that is referred to.
        other_columns: The columns there, in the same order; of the same names by default.
        name: Of the table of keys; TABLE_COLUMNS_in_OTHER by default.

    Raises:
        ValueError: The two lists of columns differ in length.
    """
    key, other_key = _listed(columns), _listed(other_columns or columns)
    if len(key) != len(other_key):
        raise ValueError(f"{len(key)} columns of {table} can't refer to {len(other_key)} of {other}")

    @dlt.table(
        name=name or _name(_last(table), *key, "in", _last(other)),
        comment=f"Keys of {table} that refer to {other}: {', '.join(key)}",
        temporary=True,
    )
    @dlt.expect_or_fail("key_exists", "r_key IS NOT NULL")
    def keys() -> DataFrame:
        numbered = _numbered(key)
        mine = _keys(table, key).dropDuplicates().where(" AND ".join(f"{k} IS NOT NULL" for k in numbered))
        theirs = _keys(other, other_key).dropDuplicates().withColumn("r_key", F.col("k0"))
        return mine.join(theirs, numbered, "left").select(_shown(key), "r_key")


def _listed(columns: Columns) -> list[str]:
    return [columns] if isinstance(columns, str) else list(columns)


def _last(table: str) -> str:
    return table.rpartition(".")[2].strip("`")


def _name(*parts: str) -> str:
    """A single plain name, whatever its parts are made of: a private table belongs to no schema."""
    return re.sub(r"\W+", "_", "_".join(parts), flags=re.ASCII)


def _numbered(columns: Sequence[str]) -> list[str]:
    return [f"k{number}" for number, _ in enumerate(columns)]


def _keys(table: str, columns: Sequence[str]) -> DataFrame:
    """The columns under names of ours, as theirs may be anything."""
    quoted = [f"`{column.replace('`', '``')}`" for column in columns]
    named = zip(quoted, _numbered(columns), strict=True)
    return SparkSession.active().read.table(table).select(*(F.col(q).alias(n) for q, n in named))


def _shown(columns: Sequence[str]) -> Column:
    """The key as a map of texts: names that a table could not have as columns stay readable."""
    named = zip(columns, _numbered(columns), strict=True)
    return F.create_map(*(part for c, k in named for part in (F.lit(c), F.col(k).cast("string")))).alias(
        "key"
    )
