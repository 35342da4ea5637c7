# A field of a struct is no table: nothing is cut.
SELECT id, payload.shipping.city AS city FROM prod.raw.orders
---
SELECT id, payload.shipping.city AS city FROM __weir_0 AS `orders`
> prod.raw.orders
====
# Behind an alias neither.
SELECT e.payload.user.id, r.price.amount.value, s.a.b.c FROM events e, r, s
---
SELECT e.payload.user.id, r.price.amount.value, s.a.b.c FROM __weir_0 e, __weir_1 AS `r`, __weir_2 AS `s`
> events
> r
> s
====
# A struct called like another table of the query stays the struct.
SELECT o.customer.id FROM orders o JOIN customer ON o.id = customer.id
---
SELECT o.customer.id FROM __weir_0 o JOIN __weir_1 AS `customer` ON o.id = customer.id
> orders
> customer
====
# What is the schema of a table in scope goes, whatever its case and quotes.
SELECT raw.orders.id, prod.raw.orders.payload.a, PROD.`Raw`.ORDERS.ts FROM prod.raw.orders
---
SELECT orders.id, orders.payload.a, ORDERS.ts FROM __weir_0 AS `orders`
> prod.raw.orders
====
# The full name qualifies where the table was given by a short one.
SELECT prod.raw.orders.id, raw.orders.id, orders.id FROM orders
---
SELECT orders.id, orders.id, orders.id FROM __weir_0 AS `orders`
> orders
====
# Another schema's name does not.
SELECT silver.orders.id FROM raw.orders
---
SELECT silver.orders.id FROM __weir_0 AS `orders`
> raw.orders
====
# A column that the table has not is Spark's to refuse, by the name that was written.
SELECT raw.orders.nope FROM raw.orders
---
SELECT raw.orders.nope FROM __weir_0 AS `orders`
> raw.orders
====
# A table's column comes before a struct called like its schema.
SELECT raw.orders.id FROM raw.orders JOIN nested
---
SELECT orders.id FROM __weir_0 AS `orders` JOIN __weir_1 AS `nested`
> raw.orders
> nested
====
# A struct called like a schema is a struct where no such table is read.
SELECT raw.orders.id, prod.raw.id FROM nested
---
SELECT raw.orders.id, prod.raw.id FROM __weir_0 AS `nested`
> nested
====
# An alias hides the table's own name.
SELECT raw.orders.id, o.id FROM raw.orders AS o
---
SELECT raw.orders.id, o.id FROM __weir_0 AS o
> raw.orders
====
# LIVE is the old name of the default schema; it qualifies what was read by it.
SELECT LIVE.orders.id, live.orders.*, orders.payload.x FROM LIVE.orders
---
SELECT orders.id, orders.*, orders.payload.x FROM __weir_0 AS `orders`
> LIVE.orders
====
# Stars of tables, by all their names.
SELECT prod.raw.orders.*, raw.orders.*, orders.*, c.* FROM prod.raw.orders, customer c
---
SELECT orders.*, orders.*, orders.*, c.* FROM __weir_0 AS `orders`, __weir_1 c
> prod.raw.orders
> customer
====
# Stars of structs, with and without their table's names.
SELECT payload.*, orders.payload.*, raw.orders.payload.*, o.payload.a.* FROM raw.orders, r o
---
SELECT payload.*, orders.payload.*, orders.payload.*, o.payload.a.* FROM __weir_0 AS `orders`, __weir_1 o
> raw.orders
> r
====
# Stars in functions, and columns left out of stars.
SELECT count(raw.orders.*), * EXCEPT (raw.orders.id, orders.payload.a) FROM raw.orders
---
SELECT count(orders.*), * EXCEPT (orders.id, orders.payload.a) FROM __weir_0 AS `orders`
> raw.orders
====
# Qualifiers stand in all clauses.
SELECT raw.orders.id, sum(raw.orders.amount) OVER (PARTITION BY raw.orders.ts) AS s FROM raw.orders WHERE raw.orders.id > 1 GROUP BY ALL HAVING max(raw.orders.id) > 0 QUALIFY row_number() OVER (ORDER BY raw.orders.ts) = 1 ORDER BY raw.orders.id, raw.orders.ts LIMIT 3
---
SELECT orders.id, sum(orders.amount) OVER (PARTITION BY orders.ts) AS s FROM __weir_0 AS `orders` WHERE orders.id > 1 GROUP BY ALL HAVING max(orders.id) > 0 QUALIFY row_number() OVER (ORDER BY orders.ts) = 1 ORDER BY orders.id, orders.ts LIMIT 3
> raw.orders
====
# And in conditions of joins.
SELECT 1 FROM raw.orders LEFT OUTER JOIN prod.raw.customer ON raw.orders.id = prod.raw.customer.id AND raw.orders.amount BETWEEN 1 AND 2
---
SELECT 1 FROM __weir_0 AS `orders` LEFT OUTER JOIN __weir_1 AS `customer` ON orders.id = customer.id AND orders.amount BETWEEN 1 AND 2
> raw.orders
> prod.raw.customer
====
# Names with blanks and dots, in backquotes with a backquote.
SELECT raw.`mi tabla`.`a.b`, `mi tabla`.id, `q``r`.`x.y`.z FROM raw.`mi tabla`, `q``r`
---
SELECT raw.`mi tabla`.`a.b`, `mi tabla`.id, `q``r`.`x.y`.z FROM __weir_0 AS `mi tabla`, __weir_1 AS `q``r`
> raw.`mi tabla`
> `q``r`
====
# Blanks, comments and line ends may stand around dots.
SELECT prod . raw /* ? */ . orders
 -- here
 . id FROM prod . raw . orders
---
SELECT orders
 -- here
 . id FROM __weir_0 AS `orders`
> prod.raw.orders
====
# Paths into VARIANT and what follows brackets are no columns.
SELECT payload:user.id::INT, raw.orders.payload:a.b[0].c, items[0].raw.orders.id, (SELECT x FROM t).raw.orders.id FROM raw.orders
---
SELECT payload:user.id::INT, orders.payload:a.b[0].c, items[0].raw.orders.id, (SELECT x FROM __weir_0 AS `t`).raw.orders.id FROM __weir_1 AS `orders`
> t
> raw.orders
====
# A variable of a lambda is no schema, outside of it the name is.
SELECT transform(items, raw -> raw.orders.id), reduce(items, 0, (a, raw) -> a + raw.orders.id), raw.orders.id FROM raw.orders
---
SELECT transform(items, raw -> raw.orders.id), reduce(items, 0, (a, raw) -> a + raw.orders.id), orders.id FROM __weir_0 AS `orders`
> raw.orders
====
# Two tables of one name: each goes by the name of its view.
SELECT raw.orders.id, silver.orders.id, orders.total FROM raw.orders JOIN silver.orders ON raw.orders.id = silver.orders.id
---
SELECT __weir_0.id, __weir_1.id, __weir_1.total FROM __weir_0 JOIN __weir_1 ON __weir_0.id = __weir_1.id
> raw.orders
> silver.orders
====
# What both of them have is as ambiguous as for Spark.
SELECT raw.orders.id, orders.id FROM raw.orders JOIN silver.orders
---
! AMBIGUOUS_REFERENCE 10: `orders.id` is ambiguous: several relations have it. (give the table an alias and qualify its columns by that)
====
# So are all columns of both.
SELECT silver.orders.id, orders.* FROM raw.orders JOIN silver.orders
---
! AMBIGUOUS_REFERENCE 10: `orders.*` is ambiguous: several relations have it. (give the table an alias and qualify its columns by that)
====
# A table joined to itself has nothing to tell its columns apart.
SELECT raw.orders.id FROM raw.orders JOIN raw.orders
---
! AMBIGUOUS_REFERENCE 10: `raw.orders.id` is ambiguous: several relations have it. (give the table an alias and qualify its columns by that)
====
# But all columns of both are its columns twice.
SELECT raw.orders.* FROM raw.orders JOIN raw.orders
---
SELECT orders.* FROM __weir_0 AS `orders` JOIN __weir_1 AS `orders`
> raw.orders
> raw.orders
====
# An alias of another relation shares the table's name.
SELECT raw.orders.id, orders.name FROM raw.orders JOIN customer AS orders
---
SELECT __weir_0.id, orders.name FROM __weir_0 JOIN __weir_1 AS orders
> raw.orders
> customer
====
# ORDER BY sees results first; one is called like the schema.
SELECT payload AS raw FROM raw.orders ORDER BY raw.orders.id
---
! AMBIGUOUS_REFERENCE 10: `raw.orders.id` is ambiguous: a column may be called like the table's schema or name. (give the table an alias and qualify its columns by that)
====
# Functions may have a schema of their own.
SELECT raw.orders.f(id), main.default.g(raw.orders.id) FROM raw.orders
---
SELECT raw.orders.f(id), main.default.g(orders.id) FROM __weir_0 AS `orders`
> raw.orders
