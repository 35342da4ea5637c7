"""Spark reserves hardly any word: each may name a column, a table, an alias or a field."""

from __future__ import annotations

import pytest

from weir.define.sql.source import SqlText
from weir.define.sql.statement import read

WORDS = [
    "all", "and", "any", "as", "asc", "between", "by", "case", "catalog", "check", "column", "columns",
    "comment", "create", "cross", "date", "day", "delay", "delete", "desc", "distinct", "distribute", "div",
    "drop", "else", "end", "except", "exclude", "exists", "explode", "extract", "false", "fetch", "filter",
    "first", "following", "for", "format", "from", "full", "function", "group", "grouping", "having",
    "hour", "identifier", "if", "ignore", "ilike", "in", "include", "inner", "insert", "intersect",
    "interval", "into", "is", "key", "last", "left", "like", "limit", "list", "map", "merge", "minus",
    "month", "natural", "next", "no", "not", "null", "nulls", "of", "offset", "on", "only", "option", "or",
    "order", "out", "outer", "over", "overlaps", "partition", "percent", "pivot", "position", "preceding",
    "qualify", "range", "recursive", "rename", "replace", "right", "row", "rows", "rlike", "schema",
    "select", "semi", "set", "show", "some", "sort", "source", "start", "stream", "struct", "system",
    "table", "tablesample", "target", "then", "time", "timestamp", "to", "transform", "true", "type",
    "unbounded", "union", "unique", "unknown", "unpivot", "update", "use", "using", "value", "values",
    "version", "view", "watermark", "when", "where", "window", "with", "within", "without", "year", "zone",
]  # fmt: skip
# A query in which a word is a name, and how many tables it reads.
QUERIES = {
    "SELECT {w}, a FROM raw.kafka": 1,
    "SELECT a, {w} FROM raw.kafka": 1,
    "SELECT DISTINCT {w} FROM raw.kafka UNION ALL SELECT {w} FROM raw.b": 2,
    "SELECT {w} + 1, a - {w}, 2 * {w} FROM raw.kafka": 1,
    "SELECT a > {w} FROM raw.kafka t WHERE t.{w} - 1 > 0": 1,
    "SELECT a FROM raw.kafka t WHERE a = {w} GROUP BY {w} ORDER BY {w}, a": 1,
    "SELECT coalesce({w}, 1), ({w} IS NULL), struct({w} AS {w}) FROM raw.kafka": 1,
    "SELECT CASE WHEN {w} > 1 THEN {w} ELSE {w} END AS z FROM raw.kafka": 1,
    "SELECT {w}.x, b AS {w}, c FROM raw.kafka": 1,
    "SELECT 1 AS {w} FROM raw.kafka": 1,
    "SELECT a::STRUCT<{w}: INT> FROM raw.kafka": 1,
    "SELECT * EXCEPT ({w}) FROM raw.{w} JOIN raw.b ON b.{w} = 1": 2,
    "SELECT transform(a, {w} -> {w}.x) FROM raw.kafka AS {w}": 1,
    "FROM raw.kafka |> SELECT {w}, a |> WHERE {w} > 1 |> JOIN raw.b USING (a)": 2,
    "WITH {w} AS (SELECT 1 FROM raw.a) SELECT * FROM {w}, raw.b": 2,
}


@pytest.mark.parity("same", "8.2", "Columns, tables, aliases and fields called like words of SQL")
@pytest.mark.parametrize("query", QUERIES)
def test_a_word_of_sql_is_a_name_where_a_name_stands(query):
    tables = {}
    for word in WORDS:
        statement = read(SqlText(query.format(w=word), lambda _: None), {})
        tables[word] = [r.parts[0] for r in statement.references]
    assert tables == dict.fromkeys(WORDS, ["raw"] * QUERIES[query])
