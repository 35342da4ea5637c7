"""Which errors are tried again: those of the outside world, however deep they stand."""

import pytest

from tests.unit.test_outcomes import failed
from weir.model.problems import Problem, WeirError
from weir.run.flow.retry import can_pass

PY4J = """An exception was raised by the Python Proxy. Return Message: Traceback (most recent call last):
  File "/v/site-packages/weir/run/flow/changes/apply.py", line 63, in record
    writer.save(target.memory)
"""
SAVE = "py4j.protocol.Py4JJavaError: An error occurred while calling o1.save.\n: org.apache.spark.SparkException: x\n\tat a.B.c(B.java:1)\n"
RULE = 'WEIR-EXPECTATION {"rules": ["r"], "row": {}}'


@pytest.mark.parametrize(
    ("chain", "passes"),
    [
        ([("java.net.ConnectException", "refused")], True),
        ([("io.delta.exceptions.ConcurrentAppendException", "x")], True),
        ([("org.apache.spark.SparkException", "x"), ("java.io.IOException", None)], True),
        ([("java.io.IOException", "x"), ("java.io.FileNotFoundException", "gone")], False),
        ([("org.apache.spark.SparkNumberFormatException", "[CAST_INVALID_INPUT]")], False),
        ([("java.io.IOException", RULE)], False),
        (
            [
                (
                    "py4j.Py4JException",
                    f"{PY4J}{SAVE}Caused by: java.net.SocketTimeoutException: Read timed out\n",
                )
            ],
            True,
        ),
        ([("py4j.Py4JException", f"{PY4J}{SAVE}Caused by: java.io.FileNotFoundException: gone\n")], False),
        ([("py4j.Py4JException", f"{PY4J}{SAVE}Caused by: a.SparkNumberFormatException: [CAST] x\n")], False),
        ([("py4j.Py4JException", f"{PY4J}delta.exceptions.captured.ConcurrentAppendException: x\n")], True),
        ([("py4j.Py4JException", f"{PY4J}ConnectionRefusedError: [Errno 111] Connection refused\n")], True),
        ([("py4j.Py4JException", f"{PY4J}requests.exceptions.ConnectionError: x\n")], True),
        ([("py4j.Py4JException", f"{PY4J}ValueError: a java.net.ConnectException is no cause\n")], False),
    ],
)
def test_an_error_can_pass_if_one_of_its_causes_can(chain, passes):
    assert can_pass(failed(*chain)) is passes


def test_a_problem_can_pass_if_what_it_came_from_can():
    wrong, busy = WeirError(Problem("A", "x")), WeirError(Problem("B", "y"))
    busy.__cause__ = ConnectionResetError("by peer")
    assert (can_pass(wrong), can_pass(busy)) == (False, True)
