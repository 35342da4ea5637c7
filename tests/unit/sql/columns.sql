# A word behind which an operand could stand is a column where an operand has to stand: Kafka has an offset.
SELECT offset + 1 AS o, limit - 1, -offset, count(*) * limit * 2 FROM raw.kafka WHERE 3 < offset + 1
---
SELECT offset + 1 AS o, limit - 1, -offset, count(*) * limit * 2 FROM __weir_0 AS `kafka` WHERE 3 < offset + 1
> raw.kafka
====
# Behind DISTINCT, a hint, and within CASE, too.
SELECT /*+ COALESCE(1) */ offset - CASE WHEN limit - 1 > 0 THEN offset * 2 ELSE offset + 1 END FROM (SELECT DISTINCT offset + 0 AS offset, limit FROM raw.kafka)
---
SELECT /*+ COALESCE(1) */ offset - CASE WHEN limit - 1 > 0 THEN offset * 2 ELSE offset + 1 END FROM (SELECT DISTINCT offset + 0 AS offset, limit FROM __weir_0 AS `kafka`)
> raw.kafka
====
# Behind an operand it opens its clause, also behind a star.
SELECT * FROM raw.kafka JOIN raw.orders ON raw.kafka.offset - 1 = offset + 1 WHERE x LIMIT -1 + 3 OFFSET +1
---
SELECT * FROM __weir_0 AS `kafka` JOIN __weir_1 AS `orders` ON raw.kafka.offset - 1 = offset + 1 WHERE x LIMIT -1 + 3 OFFSET +1
> raw.kafka
> raw.orders
====
# from is a column, too: of mails and of transfers.
SELECT from, to, 1 - from, coalesce(from, to), from AS f, (from IS NULL), struct(from AS a) FROM raw.mails WHERE from = 'x'
---
SELECT from, to, 1 - from, coalesce(from, to), from AS f, (from IS NULL), struct(from AS a) FROM __weir_0 AS `mails` WHERE from = 'x'
> raw.mails
====
# And an alias or a field.
SELECT m.from, 3 AS from FROM raw.mails m JOIN (SELECT 1 from FROM raw.orders) ON from.id = m.id
---
SELECT m.from, 3 AS from FROM __weir_0 m JOIN (SELECT 1 from FROM __weir_1 AS `orders`) ON from.id = m.id
> raw.mails
> raw.orders
====
# In a type it is a field's name, and what closes the type ends an operand.
SELECT x::STRUCT<from: INT, a: ARRAY<STRUCT<from: INT>>> FROM raw.mails
---
SELECT x::STRUCT<from: INT, a: ARRAY<STRUCT<from: INT>>> FROM __weir_0 AS `mails`
> raw.mails
====
# What comes behind a comparison is no type.
SELECT a < 1 AND b > from FROM raw.mails
---
SELECT a < 1 AND b > from FROM __weir_0 AS `mails`
> raw.mails
====
# CASE and NOT are no columns before one.
SELECT a, NOT from, CASE offset - 1 WHEN 2 THEN 3 END FROM raw.mails
---
SELECT a, NOT from, CASE offset - 1 WHEN 2 THEN 3 END FROM __weir_0 AS `mails`
> raw.mails
====
# Other columns and aliases called like words of SQL change nothing of that.
SELECT DISTINCT by, 2 * when, a > then, (with IS NULL), CASE WHEN window > 1 THEN 1 ELSE window END AS from, b AS on FROM raw.orders
---
SELECT DISTINCT by, 2 * when, a > then, (with IS NULL), CASE WHEN window > 1 THEN 1 ELSE window END AS from, b AS on FROM __weir_0 AS `orders`
> raw.orders
====
# As the last ones, too.
SELECT a > then FROM raw.a UNION ALL SELECT DISTINCT by FROM raw.b UNION ALL SELECT 2 * on FROM (SELECT 1 AS from, 2 AS not FROM raw.c)
---
SELECT a > then FROM __weir_0 AS `a` UNION ALL SELECT DISTINCT by FROM __weir_1 AS `b` UNION ALL SELECT 2 * on FROM (SELECT 1 AS from, 2 AS not FROM __weir_2 AS `c`)
> raw.a
> raw.b
> raw.c
====
# A qualifier may be called like a word that no operand begins with.
SELECT `select`.id FROM `select` WHERE select.offset - 1 < 100 HAVING from.a > like.b
---
SELECT `select`.id FROM __weir_0 AS `select` WHERE select.offset - 1 < 100 HAVING from.a > like.b
> select
