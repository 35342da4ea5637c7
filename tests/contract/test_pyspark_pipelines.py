"""Apache Spark's own `pyspark.pipelines`: what its functions take by name, ours do, or refuse."""

import inspect

import pytest
from pyspark import pipelines as theirs

import dlt
from weir.model.problems import UnsupportedError

# Sinks refuse as a whole.
REFUSED = {
    ("create_sink", "name"),
    ("create_sink", "format"),
    ("create_sink", "options"),
}
PARAMETERS = [
    (name, parameter)
    for name in theirs.__all__
    for parameter in inspect.signature(getattr(theirs, name)).parameters
]


@pytest.mark.parity("same", "1.4", "Each parameter of pyspark.pipelines is accepted by name")
@pytest.mark.parametrize(("name", "parameter"), sorted({*PARAMETERS} - REFUSED))
def test_a_parameter_of_spark_is_one_of_ours(name, parameter):
    assert parameter in inspect.signature(getattr(dlt, name)).parameters


@pytest.mark.parity("refused", "1.4", "format of a table, other than delta", "leave it out: tables are Delta")
@pytest.mark.parametrize("name", ["table", "materialized_view", "create_streaming_table"])
def test_a_format_is_refused(name):
    with pytest.raises(UnsupportedError, match=r"format='parquet' is not supported here") as refused:
        getattr(dlt, name)(name="t", format="parquet")
    assert refused.value.problems[0].hint == "leave it out: tables are Delta"
    getattr(dlt, name)(name="t", format="delta")


def test_what_is_refused_is_theirs():
    assert {*PARAMETERS} >= REFUSED
