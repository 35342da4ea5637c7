# A text.
SELECT * FROM IDENTIFIER('raw.orders'), identifier("`mi tabla`") x
---
SELECT * FROM __weir_0 AS `orders`, __weir_1 x
> raw.orders
> `mi tabla`
====
# Texts with escapes, and raw ones.
SELECT * FROM IDENTIFIER('raw\u002eorders'), IDENTIFIER('raw\056orders'), IDENTIFIER(r'raw.orders'), IDENTIFIER('`a\_b`'), IDENTIFIER('`it''s`')
---
SELECT * FROM __weir_0 AS `orders`, __weir_1 AS `orders`, __weir_2 AS `orders`, __weir_3 AS `a\_b`, __weir_4 AS `it's`
> raw.orders
> raw.orders
> raw.orders
> a\_b
> it's
====
# A text that ends within quotes.
SELECT * FROM IDENTIFIER('`a')
---
! PARSE_SYNTAX_ERROR 10: ``a` is not a name. (None)
====
# Texts beside each other and joined.
SELECT * FROM IDENTIFIER('raw' '.' || 'orders'), IDENTIFIER(concat('raw', '.', 't'))
---
SELECT * FROM __weir_0 AS `orders`, __weir_1 AS `t`
> raw.orders
> raw.t
====
# Parameters.
SELECT * FROM IDENTIFIER(:schema || '.' || :table)
---
SELECT * FROM __weir_0 AS `orders`
> raw.orders
====
# One without a value.
SELECT * FROM IDENTIFIER(:none)
---
! UNBOUND_SQL_PARAMETER 10: `:none` has no value that is a text or a whole number. (give it one: spark.sql(text, args={"none": ...}))
====
# Anything else.
SELECT * FROM IDENTIFIER(lower('T'))
---
! Unsupported 10: IDENTIFIER of an expression is not supported here. (compose the name of texts and parameters, with || or concat)
====
# No name at all.
SELECT * FROM IDENTIFIER('a b')
---
! PARSE_SYNTAX_ERROR 10: `a b` is not a name. (None)
====
# A column, a part of a name, a function.
SELECT IDENTIFIER('raw.orders.id'), IDENTIFIER('raw').orders.ts, IDENTIFIER('orders.payload').a, IDENTIFIER('abs')(id), IDENTIFIER('raw.orders').* FROM IDENTIFIER('raw').orders
---
SELECT `orders`.`id`, `orders`.`ts`, IDENTIFIER('orders.payload').a, IDENTIFIER('abs')(id), `orders`.* FROM __weir_0 AS `orders`
> raw.orders
====
# A common table expression.
WITH a AS (SELECT 1) SELECT * FROM IDENTIFIER('a')
---
WITH a AS (SELECT 1) SELECT * FROM IDENTIFIER('a')
====
# A marker has no name.
SELECT * FROM IDENTIFIER(?)
---
! Unsupported 10: IDENTIFIER of an expression is not supported here. (compose the name of texts and parameters, with || or concat)
====
# A parameter alone.
SELECT * FROM :schema.orders
---
! Unsupported 10: A parameter as the name of a table is not supported here. (write IDENTIFIER(:name))
====
# Markers of values are Spark's.
SELECT :a, ? FROM raw.orders WHERE raw.orders.id = :id AND x = :y LIMIT :n
---
SELECT :a, ? FROM __weir_0 AS `orders` WHERE orders.id = :id AND x = :y LIMIT :n
> raw.orders
