"""`?::` is try_cast of what stands before it, and of no more: as `::` binds to it (§8.2)."""

from __future__ import annotations

import pytest

from weir.define.sql.source import SqlText
from weir.define.sql.try_casts import with_try_casts
from weir.model.origin import Origin
from weir.model.problems import UnsupportedError, WeirError

WRITTEN = {
    "a ?:: INT": "try_cast(a AS INT)",
    "SELECT t.a?::INT AS b, -c?::DECIMAL(9, 2) FROM t": (
        "SELECT try_cast(t.a AS INT) AS b, -try_cast(c AS DECIMAL(9, 2)) FROM t"
    ),
    "a - 1?::INT > -1?::INT": "a - try_cast(1 AS INT) > try_cast(-1 AS INT)",
    "a?::STRING?::DATE": "try_cast(try_cast(a AS STRING) AS DATE)",
    "a::STRING?::DATE IS NULL": "try_cast(a::STRING AS DATE) IS NULL",
    "CAST(a AS DECIMAL(1))?::INT": "try_cast(CAST(a AS DECIMAL(1)) AS INT)",
    "f(g(a)[0].b)?::MAP<STRING, ARRAY<INT>>['k'][0]": "try_cast(f(g(a)[0].b) AS MAP<STRING, ARRAY<INT>>)['k'][0]",
    "a IN (b?::INT, (c + 1)?::INT)": "a IN (try_cast(b AS INT), try_cast((c + 1) AS INT))",
    "CASE WHEN a?::INT > 1 THEN CASE b WHEN 1 THEN c END ELSE 'x' END?::INT + 1": (
        "try_cast(CASE WHEN try_cast(a AS INT) > 1 THEN CASE b WHEN 1 THEN c END ELSE 'x' END AS INT) + 1"
    ),
    "sum(a) FILTER (WHERE b) OVER (ORDER BY c)?::INT": "try_cast(sum(a) FILTER (WHERE b) OVER (ORDER BY c) AS INT)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY a?::INT)?::STRING": (
        "try_cast(percentile_cont(0.5) WITHIN GROUP (ORDER BY try_cast(a AS INT)) AS STRING)"
    ),
    "raw:a.b[0]?::INT = t.raw:['c d']?::INT": "try_cast(raw:a.b[0] AS INT) = try_cast(t.raw:['c d'] AS INT)",
    "DATE '2024-01-01'?::STRING || 'a' 'b'?::STRING": (
        "try_cast(DATE '2024-01-01' AS STRING) || try_cast('a' 'b' AS STRING)"
    ),
    "x -> x?::INTERVAL DAY TO SECOND < y?::INTERVAL YEAR": (
        "x -> try_cast(x AS INTERVAL DAY TO SECOND) < try_cast(y AS INTERVAL YEAR)"
    ),
    "end?::INT + t.case?::INT + `a b`.date?::INT": (
        "try_cast(end AS INT) + try_cast(t.case AS INT) + try_cast(`a b`.date AS INT)"
    ),
    "SELECT /*+ BROADCAST(t) */ a -- first\n  ?:: -- and then\n INT, b": (
        "SELECT /*+ BROADCAST(t) */ try_cast(a -- first\n AS -- and then\n INT), b"
    ),
    "SELECT ?::INT, :p?::INT, ? ?:: INT WHERE ?::INT = 1 AND ?::INT > 2": (
        "SELECT ?::INT, try_cast(:p AS INT), try_cast(? AS INT) WHERE ?::INT = 1 AND ?::INT > 2"
    ),
    "'a ?:: INT' -- b ?:: INT": "'a ?:: INT' -- b ?:: INT",
    "(a ?:: INT": "(a ?:: INT",
}
REFUSED = [
    "INTERVAL 1 DAY?::STRING", "INTERVAL '1' DAY ?:: STRING", "x COLLATE utf8_lcase?::STRING", "a IS NULL?::INT",
    "first(a) IGNORE NULLS?::INT", "sum(a) OVER w?::INT", "a IN (1, 2)?::INT", "EXISTS (SELECT 1)?::INT",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_it_is_a_try_cast_of_the_operand_before_it(text):
    written = with_try_casts(SqlText(text, lambda _: None)).text
    assert (written, written.count("\n")) == (WRITTEN[text], text.count("\n"))


@pytest.mark.parity(
    "refused",
    "8.2",
    "`?::` behind an interval, COLLATE, IGNORE NULLS or a named window",
    "try_cast(... AS ...)",
)
@pytest.mark.parametrize("operand", REFUSED)
def test_an_operand_that_cannot_be_told_is_refused_in_its_line(operand):
    source = SqlText.in_file(f"SELECT 1,\n  {operand} FROM t", Origin("q.sql", 3))
    with pytest.raises(UnsupportedError) as raised:
        with_try_casts(source)
    (problem,) = raised.value.problems
    assert (problem.condition, problem.message, problem.hint, str(problem.origin)) == (
        "Unsupported",
        "`?::` behind this operand is not supported here.",
        "write try_cast(operand AS type)",
        "q.sql:4",
    )


@pytest.mark.parametrize("text", ["a ?:: 1", "a ?::", "a ?:: ARRAY<INT"])
def test_without_a_type_it_is_no_sql(text):
    with pytest.raises(WeirError) as raised:
        with_try_casts(SqlText(text, lambda _: None))
    assert [problem.condition for problem in raised.value.problems] == ["PARSE_SYNTAX_ERROR"]
