"""Each case of tests/unit/sql: why, a text, what becomes of it and what it reads, or why it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from weir.define.sql.resolution import StandIn
from weir.define.sql.source import SqlText
from weir.define.sql.statement import read
from weir.define.sql.tree import Reference
from weir.define.sql.variables import substituted
from weir.model.names import Namespace, join, split
from weir.model.origin import Origin
from weir.model.problems import UnsupportedError, WeirError

CASES = Path(__file__).parent / "sql"
NAMES = Namespace("prod", "raw")
COLUMNS = {
    "prod.raw.orders": ("id", "ts", "amount", "customer", "payload", "items"),
    "prod.raw.customer": ("id", "name", "orders"),
    "prod.raw.nested": ("raw", "prod", "orders", "id"),
    "prod.silver.orders": ("id", "total"),
    "prod.raw.mi tabla": ("id", "a.b"),
}
ANY = ("id", "x", "y", "k", "v", "ts")
CONFIGURATION = {"catalog": "prod", "from": "${catalog}.raw", "start": "2024-01-01", "circle": "${circle}"}
PARAMETERS = {"table": "orders", "schema": "raw", "version": 3, "since": "2024-01-01", "flag": True}
SESSION_VIEWS = {"mine"}


@dataclass(frozen=True)
class Case:
    """A case of a file."""

    why: str
    text: str
    expected: str


def cases() -> Iterator[object]:
    for file in sorted(CASES.glob("*.sql")):
        for number, block in enumerate(file.read_text(encoding="utf-8").split("\n====\n"), 1):
            why, rest = block.strip("\n").split("\n", 1)
            text, _, expected = rest.partition("\n---\n")
            case = Case(why.removeprefix("# "), text, expected.strip("\n"))
            yield pytest.param(case, id=f"{file.stem}-{number}-{case.why}")


def outcome(text: str) -> str:
    """The text over views and a line for each read, or the problem."""
    try:
        source = substituted(SqlText(text, lambda line: Origin("q.sql", 10 + line)), CONFIGURATION.get)
        statement = read(source, PARAMETERS)
        views = {r.start: view(number, r) for number, r in enumerate(statement.references)}
        lines = [statement.over(views, lambda path: f"/here/{path.lstrip('/')}")]
    except WeirError as error:
        problem = error.problems[0]
        assert problem.origin is not None
        return f"! {problem.condition} {problem.origin.line}: {problem.message} ({problem.hint})"
    made = [f"< {statement.view}"] if statement.view else []
    return "\n".join([*lines, *made, *(said(r) for r in statement.references)])


def view(number: int, reference: Reference) -> StandIn:
    name = join(reference.parts)
    if name in SESSION_VIEWS:
        return StandIn(None, reference.parts, lambda: ANY)
    full = NAMES.table(name)
    return StandIn(f"__weir_{number}", split(full), lambda: COLUMNS.get(full, ANY))


def said(reference: Reference) -> str:
    options = {**reference.options, **{k: f"({v})" for k, v in reference.computed.items()}}
    stream = ["stream"] if reference.stream else []
    return " ".join([">", join(reference.parts), *stream, *(f"{k}={v}" for k, v in options.items())])


@pytest.mark.parametrize("case", list(cases()))
def test_a_text_over_views(case):
    assert outcome(case.text) == case.expected


def test_a_query_that_nests_too_deeply_is_refused():
    assert outcome("SELECT * FROM (" * 1000 + "SELECT 1" + ")" * 1000).startswith("! Unsupported")


def test_brackets_and_lists_may_be_long():
    text = f"SELECT {'(' * 1000}1{')' * 1000} IN ({', '.join('1' * 1000)})"
    assert outcome(text) == text


def test_there_are_cases_enough():
    assert sum(1 for _ in cases()) >= 120


@pytest.mark.parity(
    "refused", "6.2", "event_log(TABLE(x)) and event_log('pipeline') in a query",
    "weir events, or the folder of the log as a table: --table NAME=FOLDER",
)  # fmt: skip
@pytest.mark.parametrize(
    "call", ["event_log(TABLE(main.gold.x))", "event_log('0123-4567')", "event_log(TABLE x)"]
)
def test_the_event_log_of_a_pipeline_is_no_source_of_one(call):
    with pytest.raises(UnsupportedError) as raised:
        read(SqlText(f"SELECT *\nFROM {call}", lambda line: Origin("p.sql", line), of_file=True), {})
    (problem,) = raised.value.problems
    assert (problem.message, problem.origin.line, problem.hint) == (
        "`event_log` is not supported here.",
        1,
        "look at it with weir events, or give the folder of the log as a table: --table NAME=FOLDER",
    )
