# Rows of functions.
SELECT * FROM range(10) r JOIN explode(sequence(1, 2)) AS e(x), stack(2, 1, 2), LATERAL explode(r.y)
---
SELECT * FROM range(10) r JOIN explode(sequence(1, 2)) AS e(x), stack(2, 1, 2), LATERAL explode(r.y)
====
# Tables as arguments.
SELECT * FROM f(TABLE(raw.orders) PARTITION BY id ORDER BY ts, x => TABLE(t), y => 3, TABLE(SELECT * FROM u))
---
SELECT * FROM f(TABLE(__weir_0) PARTITION BY id ORDER BY ts, x => TABLE(__weir_1), y => 3, TABLE(SELECT * FROM __weir_2 AS `u`))
> raw.orders
> t
> u
====
# LATERAL VIEW.
SELECT x.col, raw.orders.id FROM raw.orders LATERAL VIEW OUTER explode(raw.orders.items) x AS col LATERAL VIEW posexplode(items) y WHERE raw.orders.id = 1
---
SELECT x.col, orders.id FROM __weir_0 AS `orders` LATERAL VIEW OUTER explode(orders.items) x AS col LATERAL VIEW posexplode(items) y WHERE orders.id = 1
> raw.orders
====
# Its columns without AS, outer as a function.
SELECT * FROM t LATERAL VIEW outer(a) y p, q GROUP BY p
---
SELECT * FROM __weir_0 AS `t` LATERAL VIEW outer(a) y p, q GROUP BY p
> t
====
# VALUES as a relation and as a query.
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(a, b), u JOIN (VALUES 1, 2) v(x) ON true
---
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(a, b), __weir_0 AS `u` JOIN (VALUES 1, 2) v(x) ON true
> u
====
# Spark takes a table called values for one where an alias follows.
SELECT * FROM values v, VALUES (1) w JOIN (VALUES (1) AS a(x) JOIN raw.orders ON a.x = raw.orders.id)
---
SELECT * FROM __weir_0 v, VALUES (1) w JOIN (VALUES (1) AS a(x) JOIN __weir_1 AS `orders` ON a.x = orders.id)
> values
> raw.orders
====
# With an alias without AS.
VALUES (1, DATE '2024-01-01'), (2, NULL) t(a, b) ORDER BY a
---
VALUES (1, DATE '2024-01-01'), (2, NULL) t(a, b) ORDER BY a
====
# Rows that are expressions of several words.
SELECT * FROM VALUES CASE WHEN true THEN 1 = 2 END, (1) IN (2), INTERVAL 1 DAY > INTERVAL 2 DAY, 'a' LIKE 'b' x JOIN u ON true
---
SELECT * FROM VALUES CASE WHEN true THEN 1 = 2 END, (1) IN (2), INTERVAL 1 DAY > INTERVAL 2 DAY, 'a' LIKE 'b' x JOIN __weir_0 AS `u` ON true
> u
====
# TABLE is SELECT * FROM.
TABLE raw.orders ORDER BY raw.orders.id
---
SELECT * FROM __weir_0 AS `orders` ORDER BY orders.id
> raw.orders
====
# Also in brackets, in set operations, and of common table expressions.
WITH a AS (TABLE t) SELECT * FROM (TABLE u) x WHERE y IN (TABLE v) UNION ALL TABLE a
---
WITH a AS (SELECT * FROM __weir_0 AS `t`) SELECT * FROM (SELECT * FROM __weir_1 AS `u`) x WHERE y IN (SELECT * FROM __weir_2 AS `v`) UNION ALL TABLE a
> t
> u
> v
====
# values and table as columns.
SELECT values, sum(values), f(table), map_from_arrays(keys, values) FROM t
---
SELECT values, sum(values), f(table), map_from_arrays(keys, values) FROM __weir_0 AS `t`
> t
====
# Files by their path, where they lie here.
SELECT j.x FROM json.`/a/b` j JOIN delta.`/p@v1` JOIN csv.`data.csv` JOIN spark_catalog.delta.`/q`
---
SELECT j.x FROM json.`/here/a/b` j JOIN delta.`/here/p@v1` JOIN csv.`/here/data.csv` JOIN spark_catalog.delta.`/here/q`
====
# A schema may be called like a format.
SELECT text.orders.id FROM text.orders
---
SELECT orders.id FROM __weir_0 AS `orders`
> text.orders
====
# Arguments by name.
SELECT f(a => raw.orders.id, b => x -> x.y.z) FROM raw.orders
---
SELECT f(a => orders.id, b => x -> x.y.z) FROM __weir_0 AS `orders`
> raw.orders
====
# The nearest row behind a pipe.
FROM a |> JOIN b APPROX NEAREST BY SIMILARITY a.x + b.x
---
FROM __weir_0 AS `a` |> JOIN __weir_1 AS `b` APPROX NEAREST BY SIMILARITY a.x + b.x
> a
> b
====
# The nearest row.
SELECT * FROM a JOIN b EXACT NEAREST 1 BY DISTANCE a.x - b.x WHERE a.id = 1
---
SELECT * FROM __weir_0 AS `a` JOIN __weir_1 AS `b` EXACT NEAREST 1 BY DISTANCE a.x - b.x WHERE a.id = 1
> a
> b
====
# Rows through a script.
SELECT TRANSFORM (raw.orders.id) USING 'cat' AS (x STRING) FROM raw.orders
---
SELECT TRANSFORM (orders.id) USING 'cat' AS (x STRING) FROM __weir_0 AS `orders`
> raw.orders
====
# FROM first.
FROM raw.orders SELECT raw.orders.id, raw.orders.ts WHERE raw.orders.id > 1 ORDER BY raw.orders.id
---
FROM __weir_0 AS `orders` SELECT orders.id, orders.ts WHERE orders.id > 1 ORDER BY orders.id
> raw.orders
====
# FROM alone.
FROM raw.orders, t
---
FROM __weir_0 AS `orders`, __weir_1 AS `t`
> raw.orders
> t
