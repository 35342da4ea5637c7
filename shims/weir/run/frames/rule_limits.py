"""What a rule asks besides its row: another table, or code in Python. Databricks takes neither (§2.1)."""

from __future__ import annotations

import sqlglot
from pyspark.sql import Column, DataFrame
from sqlglot import exp
from sqlglot.errors import SqlglotError

from weir.run.frames.below import is_remote, java_of
from weir.run.frames.fingerprint import CLASS

SUBQUERY, PYTHON = "a subquery", "a function in Python"
_SUBQUERIES = frozenset(["Exists", "InSubquery", "LateralSubquery", "ListQuery", "ScalarSubquery"])


def subquery_in(text: str) -> bool:
    """Is there a query in the text of a condition?

    >>> subquery_in("id IN (SELECT id FROM t)"), subquery_in("exists(a, x -> x > 0)")
    (True, False)
    """
    try:
        return sqlglot.parse_one(text, dialect="databricks").find(exp.Query) is not None
    except SqlglotError:
        return False  # Spark tells it better


def besides_the_row(df: DataFrame, condition: Column) -> str | None:
    """What a condition on a frame asks besides the row; not known over Spark Connect.

    Raises:
        AnalysisException: It does not resolve.
    """
    filtered = df.filter(condition)
    _ = filtered.schema
    if is_remote(df.sparkSession):
        return None
    plan = java_of(filtered)[1].queryExecution().analyzed()
    while plan.getClass().getSimpleName() != "Filter":
        plan = plan.children().head()
    names = {name.rpartition(".")[2] for name in CLASS.findall(plan.condition().toJSON())}
    if names & _SUBQUERIES:
        return SUBQUERY
    return PYTHON if any("Python" in name or "Pandas" in name for name in names) else None
