"""Mistakes that only a run found once: each is told by validate, with its name, its line and what helps."""

from __future__ import annotations

import pytest

from weir.model.problems import Problem

HEAD = """
import dlt
from pyspark.sql import Window
from pyspark.sql import functions as F

@dlt.view
def s():
    return spark.readStream.format("rate").load().selectExpr("value AS id", "timestamp AS at", "'a' AS name",
        "named_struct('a', 1, 'm', map('k', 1)) AS odd", "array('id') AS named")

def batch(*columns):
    return lambda: spark.range(1).selectExpr(*columns)

def stream(change):
    return lambda: change(dlt.read_stream("s").select("id", "at"))
"""
COLUMNS = {
    "twice": ('dlt.table(batch("1 AS a", "2 AS A"), name="twice")', "DELTA_DUPLICATE_COLUMNS_FOUND"),
    "deep": ("""dlt.table(batch("array(named_struct('a', 1, 'A', 2)) AS x"), name="deep")""", "DELTA_DUPLICATE_COLUMNS_FOUND"),
    "void": ('dlt.table(batch("id", "NULL AS x"), name="void")', "DELTA_UNSUPPORTED_DATA_TYPES"),
    "voids": ("""dlt.table(batch("map('k', NULL) AS x"), name="voids")""", "DELTA_UNSUPPORTED_DATA_TYPES"),
    "span": ("""dlt.table(batch("INTERVAL '1' DAY AS x"), name="span")""", "DELTA_UNSUPPORTED_DATA_TYPES"),
    "spans": ("""dlt.table(batch("named_struct('y', make_interval(1)) AS x"), name="spans")""", "DELTA_UNSUPPORTED_DATA_TYPES"),
    "hour": ("""dlt.table(batch("TIME'12:00:00' AS x"), name="hour")""", "DELTA_UNSUPPORTED_DATA_TYPES"),
    "flow": ('dlt.table(stream(lambda s: s.selectExpr("NULL AS x")), name="flow", schema="x INT")', "DELTA_UNSUPPORTED_DATA_TYPES"),
    "sunk": ("""dlt.create_sink("sunk", "delta", {"path": "/tmp/sunk"})
dlt.append_flow(target="sunk", name="to_sunk")(stream(lambda s: s.selectExpr("INTERVAL '1' DAY AS x")))""", "DELTA_UNSUPPORTED_DATA_TYPES"),
    "ok": ('dlt.table(batch("id", "NULL AS x"), name="ok", schema="id BIGINT, x INT")', None),
    "seen": ('dlt.view(batch("1 AS a", "2 AS A", "NULL AS x"), name="seen")', None),
}  # fmt: skip
RULES = {
    "sub": ("id IN (SELECT id FROM prod.raw.other)", "has a subquery"),
    "sub2": ("id < (SELECT max(id) FROM ruled)", "has a subquery"),
    "sub3": ("EXISTS (SELECT 1 FROM ruled o WHERE o.id = id)", "has a subquery"),
    "udf": ('F.udf(lambda x: x > 0, "boolean")("id")', "has a function in Python"),
    "udf2": ('F.udf(lambda x: x, "long")("id") > 0', "has a function in Python"),
    "udf3": ("shout(id) > 0", "has a function in Python"),
    "sum": ("max(id) > 0", "does not fit its rows"),
}  # fmt: skip
STREAMS = {
    "ranked": (
        's.withColumn("n", F.row_number().over(Window.partitionBy("id").orderBy("at")))',
        "latest row of a key",
    ),
    "sorted": ('s.orderBy("id")', "a table has none"),
    "counted": ('s.groupBy("id").agg(F.countDistinct("at"))', "approx_count_distinct"),
    "sampled": ("s.sample(0.5)", "hash of the key"),
    "joined": ('s.join(dlt.read_stream("s").select("id"), "id", "left")', "add a watermark"),
}


def problems_of(pipeline, source: str) -> list[Problem]:
    return pipeline(f"{HEAD}\n{source}\n").problems()


@pytest.mark.parity(
    "same", "4.9", "Columns that Delta can't store, or that are there twice, are refused at any depth"
)
@pytest.mark.parity("same", "2.1", "A rule with a subquery or a Python function is refused")
@pytest.mark.parity("same", "4.8", "What a stream can't do is refused, with a hint that works")
def test_columns_rules_and_streams(pipeline):
    rules = "\n".join(
        f'@dlt.expect("{n}", {c if n in {"udf", "udf2"} else repr(c)})' for n, (c, _) in RULES.items()
    )
    ruled = f'spark.udf.register("shout", lambda x: x, "long")\n{rules}\ndef ruled():\n    return spark.range(1)\n'
    ruled = ruled.replace("\n@dlt.expect", "\n@dlt.table\n@dlt.expect", 1)
    streams = "\n".join(f'dlt.table(stream(lambda s: {q}), name="{n}")' for n, (q, _) in STREAMS.items())
    found = problems_of(pipeline, "\n".join([*(c for c, _ in COLUMNS.values()), ruled, streams]))
    assert all(p.hint and p.origin and p.origin.file.endswith("pipeline.py") for p in found)
    told = {p.message.split("`")[1].removeprefix("main.default."): p for p in found}
    expected = {("to_sunk" if n == "sunk" else n): c for n, (_, c) in COLUMNS.items() if c}
    assert {n: told[n].condition for n in expected} == expected
    assert {n: said in told[n].message for n, (_, said) in RULES.items()} == dict.fromkeys(RULES, True)
    assert {n: hint in told[n].hint for n, (_, hint) in STREAMS.items()} == dict.fromkeys(STREAMS, True)
    assert len(found) == len(expected) + len(RULES) + len(STREAMS)


CHANGES = {
    "map": ({"sequence_by": "map(id, 1)"}, "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
    "odd": ({"sequence_by": "odd"}, "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
    "span": ({"sequence_by": "make_interval(1)"}, "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
    "day": ({"sequence_by": "INTERVAL '1' DAY"}, "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
    "null": ({"sequence_by": "NULL"}, "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
    "last": ({"sequence_by": "max(at)"}, "INVALID_WHERE_CONDITION"),
    "text": ({"apply_as_deletes": "name"}, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"),
    "number": ({"apply_as_truncates": "id"}, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"),
    "where": ({"where": "id + 1"}, "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN"),
    "typo": ({"where": "idd > 0"}, "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
    "nosql": ({"apply_as_deletes": "id >> > 0"}, "PARSE_SYNTAX_ERROR"),
    "nokey": ({"keys": ["nope"]}, "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA"),
    "mapkey": ({"keys": ["odd"]}, "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_KEY"),
    "nocolumn": ({"column_list": ["id", "nope"]}, "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA"),
    "noexcept": ({"except_column_list": ["nope"]}, "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA"),
    "unkept": ({"column_list": ["name"]}, "AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA"),
    "untracked": ({"column_list": ["id"], "stored_as_scd_type": 2, "track_history_column_list": ["name"]}, "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA"),
    "update": ({"columns_to_update": "name"}, "NOT_EXPECTED_TYPE"),
    "own": ({"source": "own"}, "AUTOCDC_RESERVED_COLUMN_NAME_CONFLICT"),
    "twins": ({"source": "twins"}, "DELTA_DUPLICATE_COLUMNS_FOUND"),
    "voided": ({"source": "voided"}, "DELTA_UNSUPPORTED_DATA_TYPES"),
    "nowhere": ({"source": "nowhere"}, "TABLE_OR_VIEW_NOT_FOUND"),
    "right": ({"keys": ["ID"], "sequence_by": "struct(at, id)", "columns_to_update": "named"}, None),
}  # fmt: skip
SOURCES = """
for name, column in {"own": "1 AS __start_at", "twins": "1 AS NAME", "voided": "NULL AS x"}.items():
    dlt.view(lambda column=column: dlt.read_stream("s").selectExpr("*", column), name=name)
"""


@pytest.mark.parity("same", "3.5", "AUTO CDC: invalid arguments are found before anything is written")
def test_changes(pipeline):
    calls = []
    for name, (arguments, _) in CHANGES.items():
        given = {"target": f"into_{name}", "source": "s", "keys": ["id"], "sequence_by": "at", **arguments}
        written = ", ".join(f"{k}={v!r}" for k, v in given.items())
        calls += [f"dlt.create_streaming_table('into_{name}')", f"dlt.apply_changes({written})"]
    p = pipeline("\n".join([HEAD, SOURCES, *calls]))
    lines = (p.sources[0] / "pipeline.py").read_text().split("\n")
    found = {lines[x.origin.line - 1].split("'")[1].removeprefix("into_"): x.condition for x in p.problems()}
    assert found == {n: condition for n, (_, condition) in CHANGES.items() if condition}


@pytest.mark.parity("same", "4.9", "A pipeline of views alone is refused, by a run too")
def test_views_alone(pipeline):
    assert [(p.condition, p.origin.line) for p in problems_of(pipeline, "")] == [("RUN_EMPTY_PIPELINE", 6)]
