"""What is wrong is found before anything is written: all of it at once, with place and hint."""

from __future__ import annotations

import pytest


def found(p):
    return {(x.condition, x.origin.line if x.origin else None, x.hint) for x in p.problems()}


def texts(p):
    return [x.message for x in p.problems()]


@pytest.mark.parity(
    "same",
    "5.6",
    "Causes and consequences are reported separately; nothing is written if definitions are wrong",
)
def test_an_unknown_dataset_names_the_closest_and_what_it_takes_along(pipeline):
    p = pipeline("""
import dlt

@dlt.table
def silver_events():
    return spark.range(3)

@dlt.table
def gold():
    return dlt.read("silver_event")

@dlt.table
def platinum():
    return dlt.read("gold")
""")
    (problem,) = p.problems()
    assert (problem.condition, problem.origin.line) == ("TABLE_OR_VIEW_NOT_FOUND", 10)
    assert problem.message == (
        "`silver_event` is neither a dataset of this pipeline nor a known outside table. "
        "Not resolved because of it: `main.default.platinum`."
    )
    assert problem.hint.startswith("did you mean `main.default.silver_events`?")
    assert p.version("silver_events") is None


def test_one_missing_outside_table_is_one_problem_and_the_rest_is_still_checked(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def a():
    return spark.readStream.table("prod.raw.orders")
@dlt.table
def b():
    return spark.sql("SELECT * FROM prod.raw.orders")
@dlt.table
def c():
    return spark.range(1)
""")
    (problem,) = p.problems()
    assert problem.hint == "if it is an outside table, pass --table prod.raw.orders=FOLDER"
    assert list(p.graph().datasets) == ["main.default.c"]


def test_one_missing_path_is_one_problem_whoever_reads_it(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def a():
    return spark.read.json("/Volumes/raw/in")
@dlt.table
def b():
    return spark.read.json("/Volumes/raw/in")
""")
    (problem,) = p.problems()
    assert problem.condition == "PATH_NOT_FOUND"
    assert problem.message == (
        "`/Volumes/raw/in` is not on this machine. Not resolved because of it: `main.default.b`."
    )
    assert problem.hint == "pass --map /Volumes/raw/in=FOLDER"


@pytest.mark.parity("same", "4.9", "A cycle is refused")
def test_a_cycle_is_shown_with_its_whole_path(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def a():
    return dlt.read("c")
@dlt.table
def b():
    return dlt.read("a")
@dlt.table
def c():
    return dlt.read("b")
@dlt.table
def below():
    return dlt.read("a")
""")
    (problem,) = p.problems()
    assert problem.condition == "PIPELINE_GRAPH_CYCLE"
    path = ["main.default.a", "main.default.c", "main.default.b", "main.default.a"]
    assert " -> ".join(f"`{n}`" for n in path) in problem.message


def test_a_chain_of_views_may_be_a_cycle_too(pipeline):
    p = pipeline("""
import dlt
@dlt.view
def a():
    return dlt.read("b")
@dlt.view
def apart():
    return spark.readStream.format("rate").load()
@dlt.view
def b():
    return dlt.read("a")
""")
    assert [x.condition for x in p.problems()] == ["PIPELINE_GRAPH_CYCLE"]


@pytest.mark.parity("same", "5.6", "All problems are reported at once")
def test_all_problems_of_all_files_come_together(pipeline):
    p = pipeline(
        {
            "broken.py": "import dlt\n\n@dlt.table\ndef f(:\n    pass\n",
            "crash.py": "import dlt\n\n1 / 0\n",
            "forgot.py": "@dlt.table\ndef g():\n    return spark.range(1)\n",
            "good.py": """
import dlt
@dlt.table
def twice():
    return spark.range(1)
@dlt.table
def empty():
    spark.range(1)
@dlt.table(name="twice")
def again():
    return spark.range(2)
@dlt.table
@dlt.expect("typo", "idd > 0")
@dlt.expect("no_sql", "id >> > 0")
def ruled():
    return spark.range(1)
@dlt.table
def column():
    return spark.range(1).select("ide")
""",
        }
    )
    assert {(x.condition, x.origin.file.rsplit("/", 1)[1], x.origin.line) for x in p.problems()} == {
        ("PARSE_SYNTAX_ERROR", "broken.py", 4),
        ("PIPELINE_SOURCE_FAILED", "crash.py", 3),
        ("PIPELINE_SOURCE_FAILED", "forgot.py", 1),
        ("PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", "good.py", 9),
        ("QUERY_FUNCTION_RETURNS_NO_DATAFRAME", "good.py", 6),
        ("UNRESOLVED_COLUMN.WITH_SUGGESTION", "good.py", 13),
        ("INVALID_EXPECTATION", "good.py", 14),
        ("UNRESOLVED_COLUMN.WITH_SUGGESTION", "good.py", 19),
    }
    hints = {x.origin.line: x.hint for x in p.problems() if x.origin.file.endswith("good.py")}
    assert hints[13] == "did you mean `id`?"
    assert hints[19] == "did you mean `id`?"
    crash = next(x for x in p.problems() if x.origin.file.endswith("crash.py"))
    assert crash.message == "ZeroDivisionError: division by zero"
    assert "import dlt" in next(x.hint for x in p.problems() if x.origin.file.endswith("forgot.py"))


CHANGES = """
@dlt.view
def v():
    return spark.readStream.format("rate").load()
@dlt.view
def marked():
    return dlt.read_stream("v").selectExpr("*", "1 AS __start_at")
@dlt.view
def apart():
    return spark.readStream.format("rate").load()
@dlt.view
def b():
    return spark.range(1)
"""


def changes(**arguments):
    """A pipeline whose changes are right but for the given arguments."""
    named = {"target": "t", "source": "v", "keys": ["value"], "sequence_by": "timestamp", **arguments}
    declared = "" if named["target"] == "v" else "dlt.create_streaming_table('t')"
    call = f"dlt.apply_changes({', '.join(f'{k}={v!r}' for k, v in named.items())})\n"
    return call if arguments.get("name") == "g" else f"{CHANGES}{declared}\n{call}"


@pytest.mark.parity(
    "same",
    "4.9",
    "Batch into a streaming table, a stream into once, a stream into a materialized view, a table without a flow",
)
@pytest.mark.parity(
    "same", "3.5", "AUTO CDC: unknown, reserved and unselected columns, a sequence without order"
)
@pytest.mark.parity(
    "same", "3.1", "A target of AUTO CDC is a streaming table without a query, with one key and history"
)
@pytest.mark.parity("same", "2.5", "Targets of snapshots take no expectations")
@pytest.mark.parity(
    "refused",
    "1.6",
    "Commands in spark.sql inside a query function",
    "return a query",
)
@pytest.mark.parity(
    "refused",
    "6.6",
    "details:a.b on a column of JSON text, in F.expr",
    "get_json_object(details, '$.a.b')",
)
@pytest.mark.parity("refused", "1.1", "dbutils but for secrets", "the configuration: spark.conf.get(key)")
@pytest.mark.parametrize(
    ("source", "condition"),
    [
        (
            'dlt.create_streaming_table("t")\n@dlt.append_flow(target="t")\ndef f():\n    return spark.range(1)',
            "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE",
        ),
        (
            'dlt.create_streaming_table("t")\n@dlt.append_flow(target="t", once=True)\ndef f():\n'
            '    return spark.readStream.format("rate").load()',
            "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_ONCE_FLOW",
        ),
        (
            '@dlt.materialized_view\ndef t():\n    return spark.readStream.format("rate").load()',
            "INVALID_FLOW_QUERY_TYPE.STREAMING_RELATION_FOR_MATERIALIZED_VIEW",
        ),
        ('dlt.create_streaming_table("t")', "PIPELINE_DATASET_WITHOUT_FLOW"),
        (
            '@dlt.append_flow(target="nowhere")\ndef f():\n    return spark.range(1)',
            "PIPELINE_FLOW_TARGET_NOT_FOUND",
        ),
        ('@dlt.table\ndef f():\n    return spark.read.json("/no/such/path")', "PATH_NOT_FOUND"),
        ('@dlt.view(name="a.b")\ndef f():\n    return spark.range(1)', "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS"),
        ("x = 1", "RUN_EMPTY_PIPELINE"),
        ('@dlt.table(partition_cols=["day"])\ndef f():\n    return spark.range(1)', "COLUMN_NOT_FOUND_IN_TABLE"),
        (
            '@dlt.table\ndef f():\n    s = spark.readStream.format("rate").load()\n'
            '    return s.groupBy("value").count().join(s, "value")',
            "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
        ),
        ('@dlt.view\ndef v():\n    return spark.range(1)\n@dlt.table\ndef t():\n    return dlt.read_stream("v")',
         "INCOMPATIBLE_BATCH_VIEW_READ"),
        ('@dlt.table(schema="id BIGINT")\ndef f():\n    return spark.range(1).selectExpr("id", "1 AS extra")',
         "COLUMN_NOT_IN_DECLARED_SCHEMA"),
        ("""from pyspark.sql import functions as F\n@dlt.table\ndef f():
    return spark.sql("SELECT '{}' AS d").select(F.expr("d:a.b"))""",
         "COLUMN_IS_NOT_VARIANT_TYPE"),
        (changes(keys=["nope"]), "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA"),
        (changes(except_column_list=["value"]), "AUTOCDC_KEY_NOT_IN_SELECTED_SCHEMA"),
        (changes(sequence_by="map(value, 1)"), "AUTOCDC_MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE"),
        (changes(sequence_by="nope + 1"), "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
        (changes(source="marked", stored_as_scd_type=2), "AUTOCDC_RESERVED_COLUMN_NAME_CONFLICT"),
        (changes(target="v", source="apart", name="f"), "INVALID_FLOW_QUERY_TYPE.AUTOCDC_RELATION_FOR_TEMPORARY_VIEW"),
        (CHANGES + 'dlt.create_sink("t", "delta", {"path": "/tmp/t"})\ndlt.apply_changes("t", "v", ["value"], "timestamp")',
         "INVALID_FLOW_QUERY_TYPE.AUTOCDC_RELATION_FOR_SINK"),
        (changes() + changes(name="g", keys=["timestamp"]), "AUTOCDC_FLOWS_DO_NOT_AGREE"),
        (changes() + '@dlt.append_flow(target="t")\ndef more():\n    return dlt.read_stream("v")',
         "AUTOCDC_TARGET_WITH_OTHER_FLOWS"),
        (CHANGES + 'dlt.create_streaming_table("t", expect_all={"r": "id > 0"})\n'
         'dlt.apply_changes_from_snapshot("t", "b", ["id"], 1)',
         "APPLY_CHANGES_FROM_SNAPSHOT_EXPECTATIONS_NOT_SUPPORTED"),
        ('@dlt.table\ndef f():\n    return spark.readStream.format("cloudFiles").load("/x")', "CF_FILE_FORMAT_REQUIRED"),
        ('@dlt.table\ndef f():\n    return spark.read.format("cloudFiles").load("/x")', "AUTO_LOADER_IS_A_STREAM"),
        ('@dlt.table\ndef f():\n    return spark.readStream.format("kinesis").load()', "REQUIRED_PARAMETER_NOT_FOUND"),
        ('@dlt.table\ndef f():\n    return spark.readStream.format("pulsar").load()', "Unsupported"),
        ('@dlt.table\ndef f():\n    return spark.sql("DESCRIBE x")', "Unsupported"),
        ('@dlt.table\ndef f():\n    dbutils.fs.rm("/")', "Unsupported"),
        ('@dlt.table\ndef f():\n    dbutils.secrets.list("a")', "Unsupported"),
        ('dbutils.secrets.get("altrupets", "no-such")', "SECRET_NOT_FOUND"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_name(pipeline, source, condition):
    p = pipeline(f"import dlt\n{source}\n")
    problems = p.problems()
    assert [x.condition for x in problems] == [condition]
    assert problems[0].hint
    assert problems[0].origin is not None or condition == "RUN_EMPTY_PIPELINE"


@pytest.mark.parity(
    "differs",
    "1.6",
    "Actions inside a query function",
    "allowed: the function is called once its inputs exist",
)
def test_a_function_that_looks_at_data_waits_until_there_is_some(pipeline):
    p = pipeline("""
import dlt
@dlt.table
def bronze():
    return spark.read.table("events")

@dlt.table
def pivoted():
    latest = dlt.read("bronze").orderBy("x").collect()[-1]["x"]
    return dlt.read("bronze").where(f"x = {latest}")

@dlt.table
def below():
    return dlt.read("pivoted").selectExpr("x + 1 AS y")
""")
    p.feed("events", [{"x": 1}, {"x": 5}])
    assert p.problems() == ()
    assert p.update().exit_code == 0
    assert (p.rows("pivoted"), p.rows("below")) == ([{"x": 5}], [{"y": 6}])
