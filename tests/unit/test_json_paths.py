"""`column:path`: found where it is one, written as Spark reads it, with the name that Databricks gives it."""

from __future__ import annotations

import pytest

from weir.define.sql.json_paths import json_paths, over_columns, with_texts

READ = {
    "SELECT raw:a.b FROM t": "SELECT get_json_object(raw, '$.a.b') AS `b` FROM t",
    "SELECT id, t.raw:a::int, raw:l[0].x AS y FROM t": (
        "SELECT id, get_json_object(t.raw, '$.a')::int AS `a`, get_json_object(raw, '$.l[0].x') AS y FROM t"
    ),
    "SELECT raw:n::decimal(10, 2) FROM t": "SELECT get_json_object(raw, '$.n')::decimal(10, 2) AS `n` FROM t",
    "SELECT value::string:a.b, k.v::varchar(9):n::int AS m FROM k": (
        "SELECT get_json_object(value::string, '$.a.b') AS `b`, get_json_object(k.v::varchar(9), '$.n')::int AS m "
        "FROM k"
    ),
    "SELECT DISTINCT raw:['a b'], raw:`c d`.e FROM t": (
        "SELECT DISTINCT get_json_object(raw, '$[\\'a b\\']') AS `a b`, "
        "get_json_object(raw, '$[\\'c d\\'].e') AS `e` FROM t"
    ),
    "SELECT max(raw:a) FROM t WHERE raw:l[*][*] IN (raw:b, raw:c) GROUP BY raw:d": (
        "SELECT max(get_json_object(raw, '$.a')) FROM t WHERE get_json_object(raw, '$.l[*][*]') IN "
        "(get_json_object(raw, '$.b'), get_json_object(raw, '$.c')) GROUP BY get_json_object(raw, '$.d')"
    ),
    "SELECT f(x)[0].y:a, (SELECT raw:b FROM u) FROM t": (
        "SELECT get_json_object(f(x)[0].y, '$.a') AS `a`, "
        "(SELECT get_json_object(raw, '$.b') AS `b` FROM u) FROM t"
    ),
    "FROM t |> EXTEND raw:a |> SELECT raw:b": (
        "FROM t |> EXTEND get_json_object(raw, '$.a') AS `a` |> SELECT get_json_object(raw, '$.b') AS `b`"
    ),
    "SELECT raw:a || 'x', raw:b + 1, raw:c c FROM t": (
        "SELECT get_json_object(raw, '$.a') || 'x', get_json_object(raw, '$.b') + 1, "
        "get_json_object(raw, '$.c') c FROM t"
    ),
    "SELECT raw:l[*], raw:[*] AS all FROM t": (
        "SELECT if(json_array_length(get_json_object(raw, '$.l')) IS NOT NULL, get_json_object(raw, '$.l'), NULL) "
        "AS `l`, if(json_array_length(get_json_object(raw, '$')) IS NOT NULL, get_json_object(raw, '$'), NULL) "
        "AS all FROM t"
    ),
    "SELECT raw:l[*].x['y'] FROM t": (
        "SELECT to_json(transform(try_variant_get(try_parse_json(raw), '$.l', 'ARRAY<VARIANT>'), "
        "x -> try_variant_get(x, '$.x[\\'y\\']', 'VARIANT'))) AS `x` FROM t"
    ),
    "SELECT try_cast(raw:a AS INT), CAST(t.raw:b AS INT)::STRING, abs(raw:c) FROM t": (
        "SELECT try_cast(get_json_object(raw, '$.a') AS INT) AS `a`, "
        "CAST(get_json_object(t.raw, '$.b') AS INT)::STRING AS `b`, abs(get_json_object(raw, '$.c')) FROM t"
    ),
    "SELECT raw:a::": "SELECT get_json_object(raw, '$.a'):: AS `a`",  # Spark tells what is wrong with it
}
NONE = [
    "SELECT * FROM t WHERE a = :p AND b IN (:q, :r)",
    "SELECT CAST(x AS STRUCT<a:INT, b:ARRAY<STRUCT<c:INT>>>), 'raw:a', `raw:a` FROM t -- raw:a",
    "SELECT x::int FROM t LIMIT :n",
    "SELECT raw:a:b, raw:[x], raw:`it's` FROM t",
]


@pytest.mark.parametrize("text", READ)
def test_a_path_over_a_text_is_read_out_of_it(text):
    paths = json_paths(text)
    written, places = with_texts(text, paths)
    assert written == READ[text]
    assert [written[slice(*places[p])] for p in paths] == [p.over(text) for p in paths]


@pytest.mark.parametrize("text", NONE)
def test_what_looks_like_a_path_is_none(text):
    assert json_paths(text) == ()


def test_an_expression_reads_paths_of_columns_that_are_texts():
    columns = {"raw", "c d"}
    assert over_columns("Raw:a = 'x' AND v:b::int > 1 AND t.raw:c", columns) == (
        "get_json_object(Raw, '$.a') = 'x' AND v:b::int > 1 AND t.raw:c"
    )
    assert over_columns("`c d`:a", columns) == "get_json_object(`c d`, '$.a')"
    assert over_columns("raw:a = 'x", columns) == "raw:a = 'x"
