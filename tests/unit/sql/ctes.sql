# Its name is no table, in any case.
WITH a AS (SELECT * FROM t), B(x, y) AS (SELECT * FROM a) SELECT a.id, b.x FROM A JOIN b ON a.id = b.x
---
WITH a AS (SELECT * FROM __weir_0 AS `t`), B(x, y) AS (SELECT * FROM a) SELECT a.id, b.x FROM A JOIN b ON a.id = b.x
> t
====
# It shadows a table of that name, but not in itself.
WITH orders AS (SELECT * FROM orders) SELECT orders.id, (SELECT max(id) FROM raw.orders) FROM orders
---
WITH orders AS (SELECT * FROM __weir_0 AS `orders`) SELECT orders.id, (SELECT max(id) FROM __weir_1 AS `orders`) FROM orders
> orders
> raw.orders
====
# With RECURSIVE in itself too.
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n, t
---
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT * FROM n, __weir_0 AS `t`
> t
====
# RECURSIVE as a name, with and without AS.
WITH recursive AS (SELECT * FROM t), b (SELECT * FROM recursive) SELECT * FROM b
---
WITH recursive AS (SELECT * FROM __weir_0 AS `t`), b (SELECT * FROM recursive) SELECT * FROM b
> t
====
# How deep it may go.
WITH RECURSIVE n(i) MAX RECURSION LEVEL 100 AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n
---
WITH RECURSIVE n(i) MAX RECURSION LEVEL 100 AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT * FROM n
====
# One within another is known there alone.
WITH a AS (WITH t AS (SELECT 1) SELECT * FROM t) SELECT * FROM t, a
---
WITH a AS (WITH t AS (SELECT 1) SELECT * FROM t) SELECT * FROM __weir_0 AS `t`, a
> t
====
# The nearest wins.
WITH a AS (SELECT 1 AS x) SELECT * FROM a, (WITH a AS (SELECT * FROM t) SELECT * FROM a) b WHERE EXISTS (WITH a AS (SELECT * FROM u) SELECT * FROM a)
---
WITH a AS (SELECT 1 AS x) SELECT * FROM a, (WITH a AS (SELECT * FROM __weir_0 AS `t`) SELECT * FROM a) b WHERE EXISTS (WITH a AS (SELECT * FROM __weir_1 AS `u`) SELECT * FROM a)
> t
> u
====
# It is known in subqueries.
WITH a AS (SELECT * FROM t) SELECT (SELECT max(x) FROM a) FROM u WHERE x IN (SELECT x FROM a) AND EXISTS (SELECT * FROM a, v)
---
WITH a AS (SELECT * FROM __weir_0 AS `t`) SELECT (SELECT max(x) FROM a) FROM __weir_1 AS `u` WHERE x IN (SELECT x FROM a) AND EXISTS (SELECT * FROM a, __weir_2 AS `v`)
> t
> u
> v
====
# A later one is not known to an earlier one.
WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM b
---
WITH a AS (SELECT * FROM __weir_0 AS `b`), b AS (SELECT * FROM a) SELECT * FROM b
> b
====
# A qualified name is none, nor is LIVE.
WITH t AS (SELECT 1) SELECT * FROM t, LIVE.t x, raw.t y, prod.raw.t z
---
WITH t AS (SELECT 1) SELECT * FROM t, __weir_0 x, __weir_1 y, __weir_2 z
> LIVE.t
> raw.t
> prod.raw.t
====
# In brackets it ends with them.
(WITH t AS (SELECT 1) SELECT * FROM t) UNION ALL SELECT * FROM t
---
(WITH t AS (SELECT 1) SELECT * FROM t) UNION ALL SELECT * FROM __weir_0 AS `t`
> t
====
# Its columns may be called like a schema: then nothing is sure.
WITH q AS (SELECT payload AS raw FROM nested) SELECT * FROM raw.orders WHERE EXISTS (SELECT 1 FROM q WHERE raw.orders.id = 1)
---
! AMBIGUOUS_REFERENCE 10: `raw.orders.id` is ambiguous: a column may be called like the table's schema or name. (give the table an alias and qualify its columns by that)
====
# As a stream it is still none.
WITH a AS (SELECT * FROM t) SELECT * FROM STREAM(a)
---
WITH a AS (SELECT * FROM __weir_0 AS `t`) SELECT * FROM STREAM(a)
> t
