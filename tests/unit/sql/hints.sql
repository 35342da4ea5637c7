# A hint that names a relation is no read.
SELECT /*+ BROADCAST(c) */ o.id FROM raw.orders o JOIN raw.customer c ON o.id = c.id
---
SELECT /*+ BROADCAST(c) */ o.id FROM __weir_0 o JOIN __weir_1 c ON o.id = c.id
> raw.orders
> raw.customer
====
# A hint may name a table without an alias, by all its names.
SELECT /*+ BROADCAST(orders), MERGE(raw.orders, prod.raw.customer) */ * FROM raw.orders JOIN prod.raw.customer
---
SELECT /*+ BROADCAST(orders), MERGE(orders, customer) */ * FROM __weir_0 AS `orders` JOIN __weir_1 AS `customer`
> raw.orders
> prod.raw.customer
====
# Several, with and without commas, with numbers and columns.
SELECT /*+ COALESCE(3) REPARTITION(2, id, raw.orders.ts), REBALANCE */ * FROM raw.orders
---
SELECT /*+ COALESCE(3) REPARTITION(2, id, orders.ts), REBALANCE */ * FROM __weir_0 AS `orders`
> raw.orders
====
# A table that goes by its view's name is named so in the hint.
SELECT /*+ SHUFFLE_HASH(orders) */ raw.orders.id FROM raw.orders, silver.orders
---
SELECT /*+ SHUFFLE_HASH(__weir_0) */ __weir_0.id FROM __weir_0, __weir_1 AS `orders`
> raw.orders
> silver.orders
====
# What looks like a hint in a comment is a comment.
SELECT /* /*+ BROADCAST(u) */ * FROM t -- /*+ MERGE(t) */
---
SELECT /* /*+ BROADCAST(u) */ * FROM __weir_0 AS `t` -- /*+ MERGE(t) */
> t
====
# Hints in a subquery.
SELECT * FROM (SELECT /*+ BROADCAST(raw.orders) */ * FROM raw.orders) x
---
SELECT * FROM (SELECT /*+ BROADCAST(orders) */ * FROM __weir_0 AS `orders`) x
> raw.orders
====
# Names in backquotes.
SELECT /*+ BROADCAST(`mi tabla`, raw.`mi tabla`) */ * FROM raw.`mi tabla`
---
SELECT /*+ BROADCAST(`mi tabla`, `mi tabla`) */ * FROM __weir_0 AS `mi tabla`
> raw.`mi tabla`
