"""Mistakes in SQL that Spark sees alone: each is told with its line, a sentence and a hint of SQL's own."""

from __future__ import annotations

import pyarrow as pa
import pytest

from weir.model.changes import CLAUSES

ORDERS = pa.schema([("id", pa.int64()), ("amount", pa.float64()), ("region", pa.string())])
# A statement in a line of its own, then the condition and the hint; without them it is right.
MISTAKES = (
    ("CREATE MATERIALIZED VIEW a1 AS SELECT idd FROM shop.orders",
     "UNRESOLVED_COLUMN.WITH_SUGGESTION", "did you mean `id`?"),
    ("CREATE MATERIALIZED VIEW a2 AS SELECT id FORM shop.orders",
     "PARSE_SYNTAX_ERROR", "correct the SQL text at the place that the message names"),
    ("CREATE MATERIALIZED VIEW a3 AS SELECT id FROM shop.order",
     "TABLE_OR_VIEW_NOT_FOUND", "did you mean `main.shop.orders`? (if it is an outside table, pass --table main.shop.order=FOLDER)"),
    ("CREATE MATERIALIZED VIEW a4 AS SELECT region, sum(amount) AS n FROM shop.orders",
     "MISSING_GROUP_BY", "Spark's documentation explains the condition MISSING_GROUP_BY"),
    ("CREATE MATERIALIZED VIEW a5 AS SELECT id, FROM shop.orders",
     "PARSE_SYNTAX_ERROR", "correct the SQL text at the place that the message names"),
    ("CREATE MATERIALIZED VIEW a6 AS SELECT id FROM shop.orders GROUP region",
     "PARSE_SYNTAX_ERROR", "correct the SQL text at the place that the message names"),
    ("CREATE MATERIALIZED VIEW a7 AS SELECT summ(amount) AS n FROM shop.orders",
     "UNRESOLVED_ROUTINE", "if Databricks has it, register one of that name in Python, spark.udf.register"),
    ("CREATE MATERIALIZED VIEW a8 AS SELECT sum(amount) FROM shop.orders",
     "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "rename them, or set TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"),
    ("CREATE MATERIALIZED VIEW b1 AS SELECT id FROM shop.orders DROP TABLE x",
     "PARSE_SYNTAX_ERROR", "correct the SQL text at the place that the message names"),
    ("CREATE MATERIALIZED VIEW b2 AS SELECT id FROM shop.orders JION shop.orders r USING (id)",
     "PARSE_SYNTAX_ERROR", "correct the SQL text at the place that the message names"),
    ("CREATE MATERIALIZED VIEW b3 AS SELECT * FROM STREAM(shop.orders)",
     "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW", "leave STREAM out, or create a streaming table"),
    ("CREATE STREAMING TABLE b4 AS SELECT * FROM shop.orders",
     "APPEND_ONCE_FROM_BATCH_QUERY", "read with STREAM(table), create a materialized view, or write INSERT INTO ONCE"),
    ("CREATE STREAMING TABLE b5 AS SELECT * FROM STREAM(shop.orders) ORDER BY id",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "leave the order out, a table has none: sort where it is read; or do it in a materialized view that reads its source as a batch (without STREAM)"),
    ("CREATE STREAMING TABLE b7 AS SELECT *, row_number() OVER (PARTITION BY region ORDER BY id) AS n FROM STREAM(shop.orders)",
     "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING", "to keep the latest row of a key apply changes (AUTO CDC INTO) or drop duplicates; else do it in a materialized view that reads its source as a batch (without STREAM)"),
    ("CREATE STREAMING TABLE b8 AS SELECT * FROM STREAM(shop.orders) UNION ALL SELECT * FROM shop.orders",
     "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION", "let another append flow into it bring the batch (INSERT INTO ONCE)"),
    ("CREATE STREAMING TABLE b9 AS SELECT * FROM STREAM",
     "TABLE_OR_VIEW_NOT_FOUND", "if it is an outside table, pass --table main.default.stream=FOLDER"),
    ("CREATE STREAMING TABLE c1",
     "PIPELINE_DATASET_WITHOUT_FLOW", "give it a query, AS SELECT ..., or write CREATE FLOW ... AS INSERT INTO it BY NAME query"),
    ("CREATE STREAMING TABLE c2 (id BIGINTT) AS SELECT id FROM STREAM(shop.orders)",
     "PARSE_SYNTAX_ERROR", "write each column as NAME TYPE, with commas between them"),
    ("CREATE STREAMING TABLE c3 (id BIGINT amount DOUBLE) AS SELECT * FROM STREAM(shop.orders)",
     "PARSE_SYNTAX_ERROR", "write each column as NAME TYPE, with commas between them"),
    ("CREATE STREAMING TABLE c4 (CONSTRAINT a EXPECT (idd > 0)) AS SELECT * FROM STREAM(shop.orders)",
     "UNRESOLVED_COLUMN.WITH_SUGGESTION", "did you mean `id`?"),
    ("CREATE STREAMING TABLE c5 (CONSTRAINT a EXPECT (id > > 0)) AS SELECT * FROM STREAM(shop.orders)",
     "INVALID_EXPECTATION", 'write a boolean SQL expression, such as "amount > 0"'),
    ("CREATE STREAMING TABLE c6 CLUSTER BY (idd) AS SELECT * FROM STREAM(shop.orders)",
     "COLUMN_NOT_FOUND_IN_TABLE", "did you mean `id`?"),
    ("CREATE FLOW d1 AS INSERT INTO nowhere BY NAME SELECT * FROM STREAM(shop.orders)",
     "PIPELINE_FLOW_TARGET_NOT_FOUND", "declare it with CREATE STREAMING TABLE"),
    ("CREATE STREAMING TABLE d2; CREATE FLOW d2f AS INSERT INTO ONCE d2 BY NAME SELECT * FROM STREAM(shop.orders)",
     "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_ONCE_FLOW", "leave out STREAM, or ONCE"),
    ("CREATE STREAMING TABLE d3; APPLY CHANGES INTO d3 FROM STREAM(shop.orders) KEYS (idd) SEQUENCE BY amount",
     "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA", "did you mean `id`?"),
    ("CREATE STREAMING TABLE d4; APPLY CHANGES INTO d4 FROM STREAM(shop.orders) KEYS (id) SEQUENCE BY amout",
     "UNRESOLVED_COLUMN.WITH_SUGGESTION", "the source's columns are: id, amount, region"),
    ("CREATE STREAMING TABLE d5; APPLY CHANGES INTO d5 FROM STREAM(shop.orders) KEYS (id) APPLY AS DELETE WHEN amount SEQUENCE BY amount",
     "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "the source's columns are: id, amount, region"),
    ("CREATE STREAMING TABLE d51; APPLY CHANGES INTO d51 FROM STREAM(shop.orders) KEYS (id) SEQUENCE BY amount COLUMNS (amount)",
     "AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA", "add it to COLUMNS, or remove it from COLUMNS * EXCEPT"),
    ("CREATE TEMPORARY VIEW d6 AS SELECT 1 AS a; APPLY CHANGES INTO d6 FROM STREAM(shop.orders) KEYS (id) SEQUENCE BY amount",
     "PIPELINE_DUPLICATE_IDENTIFIERS.FLOW", "give one of the two another name"),
    ("CREATE TEMPORARY VIEW v AS SELECT * FROM STREAM(shop.orders)",
     "", ""),
    ("CREATE MATERIALIZED VIEW d7 AS SELECT * FROM v",
     "INCOMPATIBLE_STREAMING_VIEW_READ", "read it by STREAM(view)"),
    ("CREATE MATERIALIZED VIEW d8 AS SELECT 1 AS `a b`",
     "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "rename them, or set TBLPROPERTIES ('delta.columnMapping.mode' = 'name')"),
    ("CREATE STREAMING TABLE d9 (id BIGINT, CONSTRAINT c CHECK (id > 0)) AS SELECT id FROM STREAM(shop.orders)",
     "Unsupported", "let an expectation check the rows: CONSTRAINT rule EXPECT (condition) ON VIOLATION FAIL UPDATE"),
    ("CREATE MATERIALIZED VIEW e1 (a, b) AS SELECT 1 AS a",
     "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS", "name each column of the query, or none"),
    ("CREATE MATERIALIZED VIEW a.b.c.d AS SELECT 1 AS a",
     "INVALID_IDENTIFIER", "write catalog.schema.table, with backquotes around odd characters"),
    ("CREATE MATERIALIZED VIEW e2 AS SELECT * FROM STREAM(v) JOIN v USING (id)",
     "INCOMPATIBLE_STREAMING_VIEW_READ", "read it by STREAM(view)"),
    ("CREATE MATERIALIZED VIEW e4 AS SELECT 1 AS a; CREATE MATERIALIZED VIEW e4 AS SELECT 2 AS a",
     "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", "give one of the two another name"),
    ("CREATE FLOW e5 AS INSERT INTO e4 BY NAME SELECT 1 AS a",
     "MATERIALIZED_VIEW_WITH_MULTIPLE_QUERIES", "only streaming tables take append flows: let its query stream, or use CREATE STREAMING TABLE, without a query"),
)  # fmt: skip


@pytest.mark.parity(
    "same", "8", "Mistakes in queries, rules and clauses of SQL are told all at once, each in its line"
)
def test_mistakes_that_spark_sees_are_told_in_the_words_of_sql(pipeline):
    p = pipeline({"shop.sql": ";\n".join(text for text, _, _ in MISTAKES)})
    p.feed("shop.orders", [], ORDERS)
    problems = sorted(p.problems(), key=lambda problem: problem.origin.line)
    told = [(MISTAKES[problem.origin.line - 1][0], problem.condition, problem.hint) for problem in problems]
    assert told == [mistake for mistake in MISTAKES if mistake[1]]
    words = " ".join(f"{problem.message} {problem.hint}" for problem in problems)
    assert [argument for argument in CLAUSES if "_" in argument and argument in words] == []
    assert not any("\n" in problem.message or "Traceback" in problem.message for problem in problems)


@pytest.mark.parity("same", "8.3", "STREAM t LIMIT n keeps the first n rows of all updates together")
def test_a_limit_of_a_stream_counts_the_rows_of_all_updates(pipeline):
    p = pipeline({"shop.sql": "CREATE STREAMING TABLE t AS SELECT id FROM STREAM shop.orders LIMIT 3"})
    for first in (1, 3):
        p.feed("shop.orders", [{"id": first}, {"id": first + 1}], ORDERS)
        p.update()
    assert [row["id"] for row in p.rows("t")][:2] == [1, 2]
    assert len(p.rows("t")) == 3
