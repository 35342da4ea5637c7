"""What only Delta knows of a definition is told before anything runs, with its place."""

import pytest

WRONG = {
    "unresolved": 'schema="id BIGINT, g INT GENERATED ALWAYS AS (nope + 1)"',
    "random": 'schema="id BIGINT, g DOUBLE GENERATED ALWAYS AS (rand())"',
    "other_type": 'schema="id BIGINT, g DATE GENERATED ALWAYS AS (id)"',
    "chained": 'schema="id BIGINT, g BIGINT GENERATED ALWAYS AS (id), h BIGINT GENERATED ALWAYS AS (g)"',
    "no_constant": 'schema="id BIGINT, n INT DEFAULT nope", table_properties=defaults',
    "text": "schema=\"id BIGINT, n INT DEFAULT 'x'\", table_properties=defaults",
    "all_of_it": 'partition_cols=["id"]',
    "nested": 'schema="id BIGINT, a ARRAY<INT>", partition_cols=["a"]',
    "unskippable": 'schema="id BIGINT, a ARRAY<INT>", cluster_by=["a"]',
    "unknown": 'table_properties={"delta.feature.nope": "supported"}',
    "no_boolean": 'table_properties={"delta.appendOnly": "perhaps"}',
    "keyed": 'schema="id BIGINT PRIMARY KEY"',
    "keyed_by_two": 'schema="id BIGINT NOT NULL, k INT, CONSTRAINT pk PRIMARY KEY (ID, k)"',
    "keyed_by_none": 'schema="id BIGINT NOT NULL, CONSTRAINT pk PRIMARY KEY (other)"',
}
TABLE = "\n@dlt.table({arguments})\ndef {name}():\n    return spark.readStream.table('ev')\n"
HEAD = 'import dlt\ndefaults = {"delta.feature.allowColumnDefaults": "supported"}\n'
CONDITIONS = {
    "unresolved": "UNRESOLVED_COLUMN.WITH_SUGGESTION",
    "random": "UNSUPPORTED_EXPRESSION_GENERATED_COLUMN",
    "other_type": "UNSUPPORTED_EXPRESSION_GENERATED_COLUMN",
    "chained": "UNSUPPORTED_EXPRESSION_GENERATED_COLUMN",
    "no_constant": "INVALID_DEFAULT_VALUE.NOT_CONSTANT",
    "text": "INVALID_DEFAULT_VALUE.DATA_TYPE",
    "all_of_it": "ALL_PARTITION_COLUMNS_NOT_ALLOWED",
    "nested": "INVALID_PARTITION_COLUMN_DATA_TYPE",
    "unskippable": "DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED",
    "unknown": "DELTA_UNSUPPORTED_FEATURES_IN_CONFIG",
    "no_boolean": "INVALID_TABLE_DEFINITION",
    "keyed": "PRIMARY_KEY_COLUMN_IS_NULLABLE",
    "keyed_by_two": "PRIMARY_KEY_COLUMN_IS_NULLABLE",
    "keyed_by_none": "COLUMN_NOT_FOUND_IN_TABLE",
}


@pytest.mark.parity(
    "same", "1.3", "Expressions, defaults, keys and layout of a definition are checked before anything runs"
)
def test_a_definition_that_delta_refuses_is_a_problem_with_its_place(pipeline):
    p = pipeline(HEAD + "".join(TABLE.format(name=n, arguments=a) for n, a in WRONG.items()))
    p.feed("ev", [{"id": 1}])
    problems = p.problems()
    assert {
        x.message.partition("main.default.")[2].partition("`")[0]: x.condition for x in problems
    } == CONDITIONS
    lines = {n: 4 + 4 * number for number, n in enumerate(WRONG)}
    assert {x.origin.line for x in problems} == {*lines.values()}
    assert p.storage.tables() == []
    unresolved = next(x for x in problems if x.condition.startswith("UNRESOLVED"))
    assert unresolved.message == (
        "Delta does not make a table of the definition of `main.default.unresolved`: A column, variable, or "
        "function parameter with name `nope` cannot be resolved."
    )


ODD = """
import dlt
from pyspark.sql.types import *
columns = StructType([
    StructField("id", LongType(), False, {"unit": "pieces"}),
    StructField("s", StructType([StructField("a", LongType(), True, {"scale": 2})]), True, {"comment": "c"}),
])

@dlt.table(schema=columns, cluster_by=["id"], comment="all", table_properties={"quality": "gold"})
def t():
    return spark.readStream.table("ev").selectExpr("id", "named_struct('a', id) AS s")
"""


def test_the_metadata_of_a_struct_type_stays(pipeline):
    p = pipeline(ODD)
    p.feed("ev", [{"id": 1}])
    assert (p.update().exit_code, p.plan().setup) == (0, ())
    state = p.storage.state("main.default.t")
    assert ('"unit":"pieces"' in state.schema_json, '"scale":2' in state.schema_json) == (True, True)
    assert (state.clustering, state.comment, state.properties["quality"]) == ((("id",),), "all", "gold")
    assert p.rows("t") == [{"id": 1, "s": {"a": 1}}]
