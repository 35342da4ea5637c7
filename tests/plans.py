"""Random queries over the columns `k` and `v`: every tree of operators that a seed gives, the same each time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

Read = Callable[[str], DataFrame]
Unary = Callable[[DataFrame], DataFrame]
Binary = Callable[[DataFrame, DataFrame], DataFrame]


def _numbered(df: DataFrame) -> DataFrame:
    number = F.row_number().over(Window.partitionBy("k").orderBy("v"))
    return df.withColumn("n", number).where("n < 3").drop("n")


def _joined(how: str, condition: str = "a.k = b.k", hint: str = "merge") -> Binary:
    left = how in {"left_semi", "left_anti"}
    value = "a.v AS v" if left else "coalesce(a.v, b.v) AS v"

    def join(a: DataFrame, b: DataFrame) -> DataFrame:
        both = a.distinct().alias("a").join(b.alias("b").hint(hint), F.expr(condition), how)
        return both.selectExpr("a.k AS k", value).distinct()

    return join


UNARY: dict[str, Unary] = {
    "filter": lambda df: df.where("v <> 2"),
    "nothing": lambda df: df.where("v > 99"),
    "order": lambda df: df.orderBy("v", "k"),
    "range": lambda df: df.repartitionByRange(3, "v"),
    "repartition": lambda df: df.repartition(3),
    "coalesce": lambda df: df.coalesce(1),
    "distinct": lambda df: df.distinct(),
    "total": lambda df: df.groupBy("k").agg(F.sum("v").alias("v")),
    "sample": lambda df: df.sample(0.5, 11),
    "limit": lambda df: df.limit(2),
    "first": lambda df: df.orderBy(F.desc("v"), "k").limit(3),
    "number": _numbered,
    "itself": lambda df: df.alias("a").join(df.alias("b"), "k").selectExpr("k", "a.v AS v").distinct(),
    "twice": lambda df: df.union(df.limit(1)),
}
BINARY: dict[str, Binary] = {
    "union": lambda a, b: a.union(b),
    "except": lambda a, b: a.exceptAll(b),
    "intersect": lambda a, b: a.intersect(b),
    "cross": _joined("inner", "true", "shuffle_replicate_nl"),
    **{how: _joined(how) for how in ("inner", "left", "full", "left_semi", "left_anti")},
    **{f"broadcast {how}": _joined(how, hint="broadcast") for how in ("inner", "left", "left_anti")},
    **{f"{how} by less": _joined(how, "a.v < b.v", "broadcast") for how in ("inner", "left", "full")},
}


@dataclass(frozen=True)
class Query:
    """A query as text for people, the views that it reads, and how it is made of their frames."""

    text: str
    views: frozenset[str]
    frame: Callable[[Read], DataFrame]


def query(views: list[str], dice: random.Random, depth: int) -> Query:
    """A random query.

    Args:
        views: What it may read.
        depth: How many operators may stand on each other.
    """
    if depth == 0:
        name = dice.choice(views)
        return Query(name, frozenset([name]), lambda read: read(name))
    one = query(views, dice, depth - 1)
    if dice.random() < 0.6:
        word, unary = dice.choice(list(UNARY.items()))
        return Query(f"{word}({one.text})", one.views, lambda read: unary(one.frame(read)))
    other = query(views, dice, dice.randrange(depth))
    word, binary = dice.choice(list(BINARY.items()))
    text = f"{word}({one.text}, {other.text})"
    return Query(text, one.views | other.views, lambda read: binary(one.frame(read), other.frame(read)))


def queries(views: list[str], seed: int, count: int) -> list[Query]:
    """Some queries; those of one seed are always the same."""
    dice = random.Random(seed)
    return [query(views, dice, 1 + n % 4) for n in range(count)]
