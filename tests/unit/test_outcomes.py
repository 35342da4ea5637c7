"""What is told of flows that failed: one sentence each, whatever wrapped the error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pyspark.errors import AnalysisException, StreamingQueryException

from weir.graph.analysis import AnalyzedQuery, Graph, ResolvedFlow, ResolvedTable
from weir.model.definitions import QueryFlow, StreamingTable
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError
from weir.plan.steps import Plan, Step, Verb
from weir.run.flow.attempt import FlowOutcome, call_failed, causes_of
from weir.run.flow.boundary import Failure
from weir.run.listeners.outcomes import FlowEnds, dataset_results, error_message, failed_event

HERE = Origin("p.py", 3)
CAST = "[CAST_INVALID_INPUT] The value 'a' is malformed. SQLSTATE: 22018\n== SQL ==\nCAST(name AS INT)\n^^^^"
PYTHON = """An exception was raised by the Python Proxy. Return Message: Traceback (most recent call last):
  File "/home/me/p.py", line 6, in handler
    raise ValueError("no [such] thing")
ValueError: no [such] thing
"""


@dataclass(frozen=True)
class Throwable:
    """An error of Java as py4j hands it over."""

    name: str
    message: str | None
    cause: Throwable | None = None

    def getClass(self):  # noqa: N802
        return self

    def getName(self):  # noqa: N802
        return self.name

    def getMessage(self):  # noqa: N802
        return self.message

    def getCause(self):  # noqa: N802
        return self.cause


def failed(*chain: tuple[str, str | None]) -> StreamingQueryException:
    """A stream that failed, with Java's chain of causes, outermost first."""
    cause = None
    for name, message in reversed(chain):
        cause = Throwable(name, message, cause)
    error = StreamingQueryException("[STREAM_FAILED] Query terminated.\n=== Streaming Query ===\nplan")
    error._origin = cause  # noqa: SLF001 - where pyspark keeps it
    return error


def outcome(error: BaseException, flow: str = "main.default.f") -> FlowOutcome:
    return FlowOutcome(Step(Verb.STREAM, "main.default.t", "", flow), error=error)


def told(*chain: tuple[str, str | None]) -> str:
    return error_message(outcome(failed(("StreamingQueryException", "[STREAM_FAILED] x"), *chain)))


def test_the_innermost_cause_that_says_something_is_told():
    assert told(("org.apache.spark.SparkException", "[TASK_WRITE_FAILED] x"), ("a.B", CAST)) == (
        "[CAST_INVALID_INPUT] The value 'a' is malformed."
    )
    assert told(("a.B", "Python worker exited unexpectedly"), ("java.io.EOFException", None)) == (
        "Python worker exited unexpectedly"
    )


def test_what_user_code_raised_is_told_with_the_users_line():
    assert told(("py4j.Py4JException", PYTHON)) == (
        'ValueError: no [such] thing\n  at File "/home/me/p.py", line 6, in handler'
    )


def test_an_error_of_python_alone_is_told_without_its_condition():
    assert error_message(
        outcome(AnalysisException("[X] No such column. SQLSTATE: 42703; line 1 pos 0;\nplan"))
    ) == ("No such column.")


def test_a_stream_whose_source_has_changed_is_told_the_cure():
    first, hint = told(("a.B", "[DELTA_SOURCE_TABLE_IGNORE_CHANGES] Detected\n a data update")).split("\n")
    assert first == "[DELTA_SOURCE_TABLE_IGNORE_CHANGES] Detected a data update"
    assert hint.startswith("  hint: leave such commits out")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'WEIR-CHANGE {"what":"NULL_KEY","flow":"a|b","row":"{\\"id\\":\\"x SQLSTATE: 1\\"}"} SQLSTATE: P0001',
            "[AUTOCDC_MICROBATCH_VALIDATION.NULL_KEY] A row of flow 'a|b' has NULL in a key; nothing was written. "
            'The row: {"id":"x SQLSTATE: 1"}',
        ),
        ("WEIR-CHANGE NULL_KEY|f|a row", "WEIR-CHANGE NULL_KEY|f|a row"),
        (
            'WEIR-CHANGE {"what":"NOTHING","flow":"f","row":""}',
            'WEIR-CHANGE {"what":"NOTHING","flow":"f","row":""}',
        ),
        ('WEIR-EXPECTATION {"rules": []', 'WEIR-EXPECTATION {"rules": []'),
    ],
)
def test_rows_that_are_no_changes_are_read_from_the_message_and_look_alikes_are_none(text, expected):
    assert told(("org.apache.spark.SparkRuntimeException", text)) == expected


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (ValueError("no [such]\nthing"), "[QUERY_FUNCTION_FAILED] ValueError: no [such]\n  at p.py:3"),
        (failed(("a.B", CAST)), "[CAST_INVALID_INPUT] The value 'a' is malformed.\n  at p.py:3"),
        (failed(("py4j.Py4JException", PYTHON)), "[QUERY_FUNCTION_FAILED] StreamingQueryException: [STREAM_FAILED] "
         "Query terminated.\n  at p.py:3"),
    ],
)  # fmt: skip
def test_what_a_query_function_raises_has_sparks_condition_and_keeps_its_cause(raised, expected):
    error = call_failed(raised, HERE)
    assert (str(error), error.__cause__) == (expected, raised)


def results(*errors: tuple[str, BaseException]) -> str | None:
    flows = tuple(
        ResolvedFlow(
            QueryFlow(n, "main.default.t", lambda: None, HERE),
            AnalyzedQuery(frozenset(), None, streaming=True),
        )
        for n in ("main.default.a", "main.default.b", "main.default.c")
    )
    graph = Graph({"main.default.t": ResolvedTable(StreamingTable("main.default.t", HERE), flows)})
    [result] = dataset_results(graph, Plan(()), FlowEnds({n: outcome(e, n) for n, e in errors}))
    return result.error


def test_of_several_flows_that_failed_each_is_named():
    one, other = WeirError(Problem("A", "First.")), failed(("a.B", CAST))
    assert results(("main.default.a", one)) == "[A] First."
    assert results(("main.default.a", one), ("main.default.c", other)) == (
        "main.default.a: [A] First.\nmain.default.c: [CAST_INVALID_INPUT] The value 'a' is malformed."
    )


def test_a_flow_that_fails_among_its_rows_says_that_nobody_counted_them():
    failure, step = Failure(OSError("disk full")), outcome(OSError()).step
    ended = [
        failure.before_rows(step),
        failure.among_rows(step, (), all_or_nothing=True),
        failure.among_rows(step, (), all_or_nothing=False),
    ]
    rows = [(o.counts.rows if o.counts else None, o.written, str(o.error)) for o in ended]
    assert rows == [(0, 0, "disk full"), (None, 0, "disk full"), (None, None, "disk full")]


def test_the_event_of_a_failure_has_the_whole_chain():
    error = failed(("py4j.Py4JException", PYTHON))
    event = failed_event(outcome(error).step, outcome(error), error, "ERROR")
    assert [name for name, _ in event.error] == [
        "StreamingQueryException", "StreamingQueryException", "py4j.Py4JException", "ValueError",
    ]  # fmt: skip
    assert causes_of(error)[-1].message == "no [such] thing"
