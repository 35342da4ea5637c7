# Each step sees what was before it.
FROM raw.orders |> WHERE raw.orders.id > 1 |> JOIN raw.customer ON raw.customer.id = raw.orders.id |> SELECT raw.orders.id, customer.name |> ORDER BY raw.orders.id |> LIMIT 3
---
FROM __weir_0 AS `orders` |> WHERE orders.id > 1 |> JOIN __weir_1 AS `customer` ON customer.id = orders.id |> SELECT orders.id, customer.name |> ORDER BY orders.id |> LIMIT 3
> raw.orders
> raw.customer
====
# AS hides it.
TABLE raw.orders |> AS q |> WHERE q.id > 1 AND raw.orders.id > 1
---
SELECT * FROM __weir_0 AS `orders` |> AS q |> WHERE q.id > 1 AND raw.orders.id > 1
> raw.orders
====
# Set operations, with brackets and without.
FROM a |> UNION ALL (SELECT * FROM b) |> EXCEPT TABLE c |> WHERE x IN (SELECT x FROM d)
---
FROM __weir_0 AS `a` |> UNION ALL (SELECT * FROM __weir_1 AS `b`) |> EXCEPT SELECT * FROM __weir_2 AS `c` |> WHERE x IN (SELECT x FROM __weir_3 AS `d`)
> a
> b
> c
> d
====
# All kinds of steps.
FROM raw.orders |> EXTEND raw.orders.id + 1 AS y |> SET y = raw.orders.id |> DROP ts |> AGGREGATE sum(y) AS s GROUP BY raw.orders.amount |> PIVOT (sum(s) FOR amount IN (1, 2)) |> TABLESAMPLE (10 PERCENT)
---
FROM __weir_0 AS `orders` |> EXTEND orders.id + 1 AS y |> SET y = orders.id |> DROP ts |> AGGREGATE sum(y) AS s GROUP BY orders.amount |> PIVOT (sum(s) FOR amount IN (1, 2)) |> TABLESAMPLE (10 PERCENT)
> raw.orders
====
# Joins of all kinds, with aliases.
FROM a |> LEFT JOIN b AS c USING (id) |> CROSS JOIN LATERAL (SELECT a.x) d |> NATURAL JOIN raw.e
---
FROM __weir_0 AS `a` |> LEFT JOIN __weir_1 AS c USING (id) |> CROSS JOIN LATERAL (SELECT a.x) d |> NATURAL JOIN __weir_2 AS `e`
> a
> b
> raw.e
====
# Behind SELECT and in brackets.
SELECT * FROM (SELECT * FROM t |> WHERE x > 1) y |> SELECT y.x
---
SELECT * FROM (SELECT * FROM __weir_0 AS `t` |> WHERE x > 1) y |> SELECT y.x
> t
====
# A bar alone is a pipe where a step follows, and an operator elsewhere.
FROM raw.orders | WHERE raw.orders.id | 1 > 0 | SELECT raw.orders.id
---
FROM __weir_0 AS `orders` | WHERE orders.id | 1 > 0 | SELECT orders.id
> raw.orders
