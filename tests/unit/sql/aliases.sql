# A table without an alias gets its last name, quoted as it was written.
SELECT * FROM prod.raw.Orders, customer JOIN raw.`mi tabla`
---
SELECT * FROM __weir_0 AS `Orders`, __weir_1 AS `customer` JOIN __weir_2 AS `mi tabla`
> prod.raw.Orders
> customer
> raw.`mi tabla`
====
# With AS, without, with columns, in backquotes.
SELECT * FROM a AS b, c d, e f(g), h AS i(j, k), l `m n`
---
SELECT * FROM __weir_0 AS b, __weir_1 d, __weir_2 f(g), __weir_3 AS i(j, k), __weir_4 `m n`
> a
> c
> e
> h
> l
====
# Words that open no clause here are aliases.
SELECT limit.x, window.y FROM t limit JOIN u window ON limit.x = window.y WHERE limit.x > 1
---
SELECT limit.x, window.y FROM __weir_0 limit JOIN __weir_1 window ON limit.x = window.y WHERE limit.x > 1
> t
> u
====
# Spark reserves hardly any word.
SELECT * FROM a order, b group JOIN c qualify ON true, d having, e offset WHERE true
---
SELECT * FROM __weir_0 order, __weir_1 group JOIN __weir_2 qualify ON true, __weir_3 having, __weir_4 offset WHERE true
> a
> b
> c
> d
> e
====
# The last word may be one, too.
SELECT * FROM t where
---
SELECT * FROM __weir_0 where
> t
====
# Behind AS any word is an alias.
SELECT * FROM a AS where, b AS limit JOIN c AS order ON true
---
SELECT * FROM __weir_0 AS where, __weir_1 AS limit JOIN __weir_2 AS order ON true
> a
> b
> c
====
# Words that open a clause are none.
SELECT * FROM t WHERE x > 1 GROUP BY x HAVING true WINDOW w AS (ORDER BY x) QUALIFY true ORDER BY x LIMIT 1 OFFSET 2
---
SELECT * FROM __weir_0 AS `t` WHERE x > 1 GROUP BY x HAVING true WINDOW w AS (ORDER BY x) QUALIFY true ORDER BY x LIMIT 1 OFFSET 2
> t
====
# Kinds of joins are none.
SELECT * FROM a LEFT SEMI JOIN b ON true LEFT ANTI JOIN c ON true SEMI JOIN d ON true FULL OUTER JOIN e USING (id) NATURAL RIGHT JOIN f CROSS JOIN g INNER JOIN h
---
SELECT * FROM __weir_0 AS `a` LEFT SEMI JOIN __weir_1 AS `b` ON true LEFT ANTI JOIN __weir_2 AS `c` ON true SEMI JOIN __weir_3 AS `d` ON true FULL OUTER JOIN __weir_4 AS `e` USING (id) NATURAL RIGHT JOIN __weir_5 AS `f` CROSS JOIN __weir_6 AS `g` INNER JOIN __weir_7 AS `h`
> a
> b
> c
> d
> e
> f
> g
> h
====
# left and right are functions, too.
SELECT * FROM a JOIN b ON left(a.x, 1) = right(b.x, 1) JOIN c ON left(a.x, 2) = c.x
---
SELECT * FROM __weir_0 AS `a` JOIN __weir_1 AS `b` ON left(a.x, 1) = right(b.x, 1) JOIN __weir_2 AS `c` ON left(a.x, 2) = c.x
> a
> b
> c
====
# The alias stands behind the sample.
SELECT * FROM raw.orders TABLESAMPLE (10 PERCENT) REPEATABLE (3) o(a, b), t TABLESAMPLE SYSTEM (5 PERCENT), u TABLESAMPLE (BUCKET 1 OUT OF 4 ON id)
---
SELECT * FROM __weir_0 TABLESAMPLE (10 PERCENT) REPEATABLE (3) o(a, b), __weir_1 TABLESAMPLE SYSTEM (5 PERCENT) AS `t`, __weir_2 TABLESAMPLE (BUCKET 1 OUT OF 4 ON id) AS `u`
> raw.orders
> t
> u
====
# And before PIVOT and UNPIVOT, whose alias hides what was before.
SELECT raw.orders.id, p.a FROM raw.orders PIVOT (sum(raw.orders.amount) FOR customer IN ('a' AS a, 'b')) AS p
---
SELECT raw.orders.id, p.a FROM __weir_0 AS `orders` PIVOT (sum(orders.amount) FOR customer IN ('a' AS a, 'b')) AS p
> raw.orders
====
# Without an alias the names before it stay.
SELECT raw.orders.id FROM raw.orders UNPIVOT INCLUDE NULLS (n FOR k IN (amount AS a, raw.orders.ts))
---
SELECT orders.id FROM __weir_0 AS `orders` UNPIVOT INCLUDE NULLS (n FOR k IN (amount AS a, orders.ts))
> raw.orders
====
# An alias of brackets hides what stands in them.
SELECT raw.orders.id, j.id FROM (raw.orders JOIN (a JOIN b ON a.id = b.id) ON raw.orders.id = a.id) AS j
---
SELECT raw.orders.id, j.id FROM (__weir_0 AS `orders` JOIN (__weir_1 AS `a` JOIN __weir_2 AS `b` ON a.id = b.id) ON orders.id = a.id) AS j
> raw.orders
> a
> b
====
# Brackets alone hide nothing.
SELECT raw.orders.id FROM ((raw.orders JOIN a ON true) JOIN b ON true)
---
SELECT orders.id FROM ((__weir_0 AS `orders` JOIN __weir_1 AS `a` ON true) JOIN __weir_2 AS `b` ON true)
> raw.orders
> a
> b
====
# TABLESAMPLE and PIVOT as aliases.
SELECT * FROM a tablesample, b pivot JOIN c watermark ON true
---
SELECT * FROM __weir_0 tablesample, __weir_1 pivot JOIN __weir_2 watermark ON true
> a
> b
> c
====
# A table may be called like a clause.
SELECT * FROM stream, raw.values v, `select` JOIN raw.table ON true
---
SELECT * FROM __weir_0 AS `stream`, __weir_1 v, __weir_2 AS `select` JOIN __weir_3 AS `table` ON true
> stream
> raw.values
> select
> raw.table
