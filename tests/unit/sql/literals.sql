# Nothing that stands in literals or comments is read.
SELECT 'FROM t', "FROM u", r'\', R"FROM w", `FROM v`, 'it''s FROM z', 'a\'b FROM c', "x""y" FROM t
---
SELECT 'FROM t', "FROM u", r'\', R"FROM w", `FROM v`, 'it''s FROM z', 'a\'b FROM c', "x""y" FROM __weir_0 AS `t`
> t
====
# Comments, nested and at the ends of lines.
-- SELECT * FROM a
SELECT /* FROM b /* FROM c */ FROM d */ * -- FROM e
FROM t /**/ -- raw.orders.id
---
-- SELECT * FROM a
SELECT /* FROM b /* FROM c */ FROM d */ * -- FROM e
FROM __weir_0 AS `t` /**/ -- raw.orders.id
> t
====
# Comments in literals, literals in comments.
SELECT '-- FROM x' AS a, '/*' AS b, /* 'FROM y */ "*/" AS c FROM t -- 'z
---
SELECT '-- FROM x' AS a, '/*' AS b, /* 'FROM y */ "*/" AS c FROM __weir_0 AS `t` -- 'z
> t
====
# A line comment that goes on.
SELECT * FROM t -- one \
FROM u
---
SELECT * FROM __weir_0 AS `t` -- one \
FROM u
> t
====
# Texts between dollars.
CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON AS $a$ return '$$ $a$
---
! Unsupported 10: CREATE FUNCTION in spark.sql is not supported here. (register the function in Python, spark.udf.register, or write its expression in the query)
====
# Numbers and names with digits.
SELECT 1.5, .5, 1., 1e3, 1L, 2.0BD, t.1a, 2024_sales.x FROM t, 2024_sales
---
SELECT 1.5, .5, 1., 1e3, 1L, 2.0BD, t.1a, 2024_sales.x FROM __weir_0 AS `t`, __weir_1 AS `2024_sales`
> t
> 2024_sales
====
# Names in other scripts.
SELECT `niño`.`año`.mes, d.`é` FROM `niño`, `données` d
---
SELECT `niño`.`año`.mes, d.`é` FROM __weir_0 AS `niño`, __weir_1 d
> niño
> données
====
# A quote alone.
SELECT 'abc FROM t
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `'abc`. (None)
====
# A comment alone.
SELECT * FROM t /* FROM u
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `/*`. (None)
====
# A bracket alone.
SELECT (1 FROM t
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `(1`. (None)
====
# Brackets that cross.
SELECT (a[1)] FROM t
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `)]`. (None)
====
# A star is no table.
SELECT * FROM t.*
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `.*`. (None)
====
# Nothing at all.
-- nothing
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read at its end. (None)
