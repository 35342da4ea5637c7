# In all places.
SELECT (SELECT max(x) FROM a), CASE WHEN EXISTS (SELECT 1 FROM b) THEN 1 END FROM (SELECT * FROM c) d WHERE x IN (SELECT x FROM e) AND y > (SELECT max(y) FROM f) ORDER BY (SELECT 1 FROM g)
---
SELECT (SELECT max(x) FROM __weir_0 AS `a`), CASE WHEN EXISTS (SELECT 1 FROM __weir_1 AS `b`) THEN 1 END FROM (SELECT * FROM __weir_2 AS `c`) d WHERE x IN (SELECT x FROM __weir_3 AS `e`) AND y > (SELECT max(y) FROM __weir_4 AS `f`) ORDER BY (SELECT 1 FROM __weir_5 AS `g`)
> a
> b
> c
> e
> f
> g
====
# A column of the query around: nobody in between can take its name.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM t WHERE t.id = raw.orders.id)
---
SELECT * FROM __weir_0 WHERE EXISTS (SELECT 1 FROM __weir_1 AS `t` WHERE t.id = __weir_0.id)
> raw.orders
> t
====
# A column of the table inside comes first.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM nested WHERE raw.orders.id = 1)
---
SELECT * FROM __weir_0 AS `orders` WHERE EXISTS (SELECT 1 FROM __weir_1 AS `nested` WHERE raw.orders.id = 1)
> raw.orders
> nested
====
# The same table inside and outside.
SELECT raw.orders.id FROM raw.orders WHERE ts = (SELECT max(raw.orders.ts) FROM raw.orders)
---
SELECT orders.id FROM __weir_0 AS `orders` WHERE ts = (SELECT max(orders.ts) FROM __weir_1 AS `orders`)
> raw.orders
> raw.orders
====
# Once a table goes by its view's name, it does so everywhere.
SELECT orders.id, raw.orders.* FROM raw.orders WHERE EXISTS (SELECT 1 FROM t orders WHERE orders.id = raw.orders.id) AND orders.id > 0
---
SELECT __weir_0.id, __weir_0.* FROM __weir_0 WHERE EXISTS (SELECT 1 FROM __weir_1 orders WHERE orders.id = __weir_0.id) AND __weir_0.id > 0
> raw.orders
> t
====
# Through two levels.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM a WHERE a.x = (SELECT max(b.x) FROM b WHERE b.y = prod.raw.orders.id))
---
SELECT * FROM __weir_0 WHERE EXISTS (SELECT 1 FROM __weir_1 AS `a` WHERE a.x = (SELECT max(b.x) FROM __weir_2 AS `b` WHERE b.y = __weir_0.id))
> raw.orders
> a
> b
====
# What a query inside gives may be called so.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM (SELECT raw FROM nested) q WHERE raw.orders.id = 1)
---
! AMBIGUOUS_REFERENCE 10: `raw.orders.id` is ambiguous: a column may be called like the table's schema or name. (give the table an alias and qualify its columns by that)
====
# Or may not.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM (SELECT id, x AS y FROM t) q WHERE raw.orders.id = q.id)
---
SELECT * FROM __weir_0 WHERE EXISTS (SELECT 1 FROM (SELECT id, x AS y FROM __weir_1 AS `t`) q WHERE __weir_0.id = q.id)
> raw.orders
> t
====
# A star gives what its tables have.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM (SELECT * FROM nested) q WHERE raw.orders.id = 1)
---
! AMBIGUOUS_REFERENCE 10: `raw.orders.id` is ambiguous: a column may be called like the table's schema or name. (give the table an alias and qualify its columns by that)
====
# Columns that an alias lists are known.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM explode(array(1)) AS q(x) WHERE raw.orders.id = q.x)
---
SELECT * FROM __weir_0 WHERE EXISTS (SELECT 1 FROM explode(array(1)) AS q(x) WHERE __weir_0.id = q.x)
> raw.orders
====
# Those of a function are not.
SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM inline(items) WHERE raw.orders.id = 1)
---
! AMBIGUOUS_REFERENCE 10: `raw.orders.id` is ambiguous: a column may be called like the table's schema or name. (give the table an alias and qualify its columns by that)
====
# A query in FROM does not see its neighbours.
SELECT * FROM raw.orders, (SELECT raw.orders.id FROM nested) x
---
SELECT * FROM __weir_0 AS `orders`, (SELECT raw.orders.id FROM __weir_1 AS `nested`) x
> raw.orders
> nested
====
# With LATERAL it does.
SELECT * FROM raw.orders, LATERAL (SELECT raw.orders.id + t.x AS s FROM t) x JOIN LATERAL (SELECT raw.orders.ts) y
---
SELECT * FROM __weir_0, LATERAL (SELECT __weir_0.id + t.x AS s FROM __weir_1 AS `t`) x JOIN LATERAL (SELECT __weir_0.ts) y
> raw.orders
> t
====
# Set operations in brackets.
((SELECT a FROM t)) UNION (SELECT (((SELECT max(x) FROM u)) + 1)) INTERSECT ((SELECT b FROM v) EXCEPT ALL SELECT c FROM w) MINUS SELECT 1
---
((SELECT a FROM __weir_0 AS `t`)) UNION (SELECT (((SELECT max(x) FROM __weir_1 AS `u`)) + 1)) INTERSECT ((SELECT b FROM __weir_2 AS `v`) EXCEPT ALL SELECT c FROM __weir_3 AS `w`) MINUS SELECT 1
> t
> u
> v
> w
====
# EXCEPT of columns and EXCEPT of rows.
SELECT * EXCEPT (a) FROM t EXCEPT (SELECT * EXCEPT (b, c) FROM u) EXCEPT SELECT 1
---
SELECT * EXCEPT (a) FROM __weir_0 AS `t` EXCEPT (SELECT * EXCEPT (b, c) FROM __weir_1 AS `u`) EXCEPT SELECT 1
> t
> u
====
# WINDOW is of one arm.
SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY t.x) UNION TABLE u WINDOW w AS (ORDER BY x)
---
SELECT sum(x) OVER w FROM __weir_0 AS `t` WINDOW w AS (ORDER BY t.x) UNION SELECT * FROM __weir_1 AS `u` WINDOW w AS (ORDER BY x)
> t
> u
====
# ORDER BY of a set operation sees its first arm.
SELECT raw.orders.id FROM raw.orders UNION SELECT id FROM customer ORDER BY raw.orders.id
---
SELECT orders.id FROM __weir_0 AS `orders` UNION SELECT id FROM __weir_1 AS `customer` ORDER BY orders.id
> raw.orders
> customer
====
# IN with several queries' rows.
SELECT * FROM t WHERE (a, b) IN (SELECT x, y FROM u UNION SELECT 1, 2) AND c IN ((SELECT z FROM v))
---
SELECT * FROM __weir_0 AS `t` WHERE (a, b) IN (SELECT x, y FROM __weir_1 AS `u` UNION SELECT 1, 2) AND c IN ((SELECT z FROM __weir_2 AS `v`))
> t
> u
> v
====
# Brackets that hold no query.
SELECT ((a + 1) * (SELECT 2)), (((b))) FROM (((t)))
---
SELECT ((a + 1) * (SELECT 2)), (((b))) FROM (((__weir_0 AS `t`)))
> t
====
# FROM that is no clause.
SELECT a IS NOT DISTINCT FROM b, extract(year FROM ts), trim(BOTH 'x' FROM y), trim(FROM y), substring(a FROM 1 FOR 2), overlay(a PLACING b FROM 2) FROM t
---
SELECT a IS NOT DISTINCT FROM b, extract(year FROM ts), trim(BOTH 'x' FROM y), trim(FROM y), substring(a FROM 1 FOR 2), overlay(a PLACING b FROM 2) FROM __weir_0 AS `t`
> t
