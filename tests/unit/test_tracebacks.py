"""Exceptions within printed tracebacks: which says most, where the user wrote it, what caused it."""

from __future__ import annotations

import traceback

import pytest

from weir.model.tracebacks import Cause, causes_in, has_traceback, summary, without_state

PY4J = """An exception was raised by the Python Proxy. Return Message: Traceback (most recent call last):
  File "/v/lib/python3.11/site-packages/py4j/clientserver.py", line 644, in _call_proxy
    return_value = getattr(self.pool[obj_id], method)(*params)
                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"""
SAVE = """  File "/v/lib/python3.11/site-packages/py4j/protocol.py", line 327, in get_return_value
    raise Py4JJavaError(
py4j.protocol.Py4JJavaError: An error occurred while calling o151.save.
: org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed while writing rows to file:/t. SQLSTATE: 58030
\tat org.apache.spark.sql.errors.QueryExecutionErrors$.taskFailed(QueryExecutionErrors.scala:843)
\tat java.base/java.lang.Thread.run(Thread.java:1570)
\tSuppressed: java.io.IOException: not this
\t\tat org.x.Y.close(Y.java:1)
"""
CAST = """Caused by: org.apache.spark.SparkNumberFormatException: [CAST_INVALID_INPUT] The value 'a' of the type "STRING" \
cannot be cast. SQLSTATE: 22018
== SQL (line 1, position 1) ==
CAST(name AS INT) AS x
^^^^^^^^^^^^^^^^^

\tat org.apache.spark.sql.errors.QueryExecutionErrors$.invalidInput(QueryExecutionErrors.scala:147)
\t... 11 more

"""
MINE = '  File "/home/me/p.py", line 6, in handler\n    n / 0\n    ~~^~~\n'
OURS = '  File "/v/lib/python3.11/site-packages/weir/run/flow/changes/apply.py", line 63, in record\n    writer.save(x)\n'
WORKER = (
    "[PYTHON_EXCEPTION] An exception was thrown from the Python worker: Traceback (most recent call last):\n"
)


def told(text: str) -> str:
    return summary([Cause("StreamingQueryException", text), *causes_in(text)])


def test_an_error_of_spark_within_a_handler_is_told_with_its_condition_and_the_users_line():
    sentence = """[CAST_INVALID_INPUT] The value 'a' of the type "STRING" cannot be cast."""
    assert told(PY4J + OURS + SAVE + CAST) == sentence
    assert told(PY4J + MINE + SAVE + CAST) == f'{sentence}\n  at File "/home/me/p.py", line 6, in handler'
    assert [c.name.rpartition(".")[2] for c in causes_in(PY4J + OURS + SAVE + CAST)] == [
        "Py4JJavaError", "SparkException", "SparkNumberFormatException",
    ]  # fmt: skip


def test_an_error_that_pyspark_has_made_its_own_is_told_without_its_plan():
    captured = "pyspark.errors.exceptions.captured.AnalysisException: [UNRESOLVED_COLUMN] No `x`. SQLSTATE: 42703;\n'Project\n"
    assert told(
        f"{PY4J}{MINE}{captured}\nJVM stacktrace:\norg.apache.spark.X: again\n\tat a.B.c(B.java:1)\n"
    ) == ('[UNRESOLVED_COLUMN] No `x`.\n  at File "/home/me/p.py", line 6, in handler')


def test_what_a_handler_raises_is_told_whole():
    raised = "ZeroDivisionError: division by zero\na note\n    ^^^ of two lines\n SQLSTATE: 39000 SQLSTATE: XXKST\n"
    assert told(PY4J + MINE + raised) == (
        "ZeroDivisionError: division by zero\na note\n    ^^^ of two lines\n"
        '  at File "/home/me/p.py", line 6, in handler'
    )


@pytest.mark.parametrize("silent", ["AssertionError\n", "AssertionError\nwith a note\n", "my.Own\n"])
def test_an_exception_may_say_nothing(silent):
    name, _, note = silent.strip().partition("\n")
    [*_, cause] = causes_in(PY4J + MINE + silent)
    assert (cause.name, cause.message, cause.python) == (name, note, True)


def printed(raising: str) -> str:
    """The traceback of a text of Python, as Python prints it."""
    try:
        exec(compile(raising, "/home/me/p.py", "exec"), {})  # noqa: S102
    except BaseException as error:  # noqa: BLE001
        return "".join(traceback.format_exception(error)[:]).replace(__file__, "/v/site-packages/x.py")
    raise AssertionError


def test_causes_come_after_what_they_caused():
    text = printed(
        "try:\n  int('a')\nexcept ValueError as e:\n  raise RuntimeError('could not\\nload') from e"
    )
    assert told(WORKER.removesuffix("Traceback (most recent call last):\n") + text) == (
        'RuntimeError: could not\nload\n  at File "/home/me/p.py", line 4, in <module>\n'
        "  from ValueError: invalid literal for int() with base 10: 'a'"
    )
    text = printed("try:\n  int('a')\nexcept ValueError:\n  {}['k']")
    assert [(c.name, c.message) for c in causes_in(text)] == [
        ("KeyError", "'k'"), ("ValueError", "invalid literal for int() with base 10: 'a'"),
    ]  # fmt: skip


def test_a_group_tells_its_members():
    group = "raise ExceptionGroup('several', [ValueError('one'), ExceptionGroup('more', [KeyError('two')])])"
    [cause] = causes_in(printed(group))
    assert (cause.name, cause.message) == (
        "ExceptionGroup",
        "several (2 sub-exceptions)\nValueError: one\nExceptionGroup: more (1 sub-exception)\nKeyError: 'two'",
    )
    raised = "e = []\nfor f in (1, 2):\n  try:\n    f / 0\n  except Exception as x:\n    e.append(x)\nraise ExceptionGroup('g', e)"
    assert [c.name for c in causes_in(printed(raised))] == [
        "ExceptionGroup",
        "ZeroDivisionError",
        "ZeroDivisionError",
    ]


def test_a_udf_within_a_handler_says_most():
    java = f"Caused by: org.apache.spark.api.python.PythonException: {WORKER}"
    udf = '  File "/home/me/udf.py", line 2, in f\n    raise ValueError("deep")\nValueError: deep\n SQLSTATE: 38000\n\n'
    frames = "\tat org.apache.spark.api.python.BasePythonRunner$ReaderIterator.x(PythonRunner.scala:1)\n\t... 1 more\n"
    assert (
        told(PY4J + OURS + SAVE + java + udf + frames)
        == 'ValueError: deep\n  at File "/home/me/udf.py", line 2, in f'
    )


def test_spark_below_a_python_exception_keeps_its_condition():
    cast = "pyspark.errors.exceptions.captured.NumberFormatException: [CAST_INVALID_INPUT] The value. SQLSTATE: 22018\n"
    link = "\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n"
    assert told(f"{PY4J}{MINE}{cast}{link}{MINE}RuntimeError: could not load\n") == (
        'RuntimeError: could not load\n  at File "/home/me/p.py", line 6, in handler\n'
        "  from [CAST_INVALID_INPUT] The value."
    )


def test_a_cause_that_says_nothing_is_passed_over():
    crashed = [
        Cause("SparkException", "Python worker exited unexpectedly (crashed)."),
        Cause("java.io.EOFException", ""),
    ]
    assert summary(crashed) == "Python worker exited unexpectedly (crashed)."
    assert summary([Cause("java.lang.NullPointerException", "")]) == "java.lang.NullPointerException"


def test_texts_of_users_are_no_tracebacks_and_no_states():
    assert has_traceback("The Traceback says nothing") is False
    assert without_state("The value 'SQLSTATE: 12345; x' is wrong. SQLSTATE: 22018 SQLSTATE: XXKST\n") == (
        "The value 'SQLSTATE: 12345; x' is wrong."
    )
    assert causes_in("Traceback (most recent call last):\n") == ()
