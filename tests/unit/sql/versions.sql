# A number, a text, with FOR and SYSTEM.
SELECT * FROM t VERSION AS OF 3, t VERSION AS OF '3' a, t FOR SYSTEM_VERSION AS OF 1 AS b
---
SELECT * FROM __weir_0 AS `t`, __weir_1 a, __weir_2 AS b
> t versionAsOf=3
> t versionAsOf=3
> t versionAsOf=1
====
# Times.
SELECT * FROM t TIMESTAMP AS OF '2024-01-01' x, t FOR SYSTEM_TIME AS OF '2024-01-01 10:00:00'
---
SELECT * FROM __weir_0 x, __weir_1 AS `t`
> t timestampAsOf=2024-01-01
> t timestampAsOf=2024-01-01 10:00:00
====
# Expressions of constants are computed later.
SELECT * FROM t TIMESTAMP AS OF current_timestamp() - INTERVAL 1 DAY x, t TIMESTAMP AS OF date_sub(current_date(), 1), t TIMESTAMP AS OF TIMESTAMP '2024-01-01' WHERE true
---
SELECT * FROM __weir_0 x, __weir_1 AS `t`, __weir_2 AS `t` WHERE true
> t timestampAsOf=(current_timestamp() - INTERVAL 1 DAY)
> t timestampAsOf=(date_sub(current_date(), 1))
> t timestampAsOf=(TIMESTAMP '2024-01-01')
====
# Of all kinds, with signs and brackets.
SELECT * FROM t TIMESTAMP AS OF (current_timestamp() - INTERVAL '1' DAY), t TIMESTAMP AS OF DATE '2024-01-01' + INTERVAL -1 MONTH a, t TIMESTAMP AS OF INTERVAL '1-2' YEAR TO MONTH + now() b
---
SELECT * FROM __weir_0 AS `t`, __weir_1 a, __weir_2 b
> t timestampAsOf=((current_timestamp() - INTERVAL '1' DAY))
> t timestampAsOf=(DATE '2024-01-01' + INTERVAL -1 MONTH)
> t timestampAsOf=(INTERVAL '1-2' YEAR TO MONTH + now())
====
# But not of everything.
SELECT * FROM t TIMESTAMP AS OF CASE WHEN true THEN 1 END
---
! Unsupported 10: This version or time is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# And not of columns.
SELECT * FROM t TIMESTAMP AS OF date_sub(u.day, 1)
---
! Unsupported 10: A version or time that depends on rows is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# And not of this.
SELECT * FROM t TIMESTAMP AS OF [1]
---
! Unsupported 10: This version or time is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# And have no columns.
SELECT * FROM t TIMESTAMP AS OF (SELECT max(ts) FROM u)
---
! Unsupported 10: A version or time that depends on rows is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# A version is no expression.
SELECT * FROM t VERSION AS OF 1 + 1
---
! Unsupported 10: A version that is an expression is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# A version is no function.
SELECT * FROM t VERSION AS OF max(1)
---
! Unsupported 10: A version that is an expression is not supported here. (give a number, a text or an expression of constants; a parameter is given by its name)
====
# The short form.
SELECT raw.orders.id FROM raw.orders@v3, t@V12 x, t@20240131123000123 AS y
---
SELECT orders.id FROM __weir_0 AS `orders`, __weir_1 x, __weir_2 AS y
> raw.orders versionAsOf=3
> t versionAsOf=12
> t timestampAsOf=2024-01-31 12:30:00.123
====
# Which has no blanks.
SELECT * FROM t @ v3
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `@`. (None)
====
# And only these two kinds.
SELECT * FROM t@3
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `@3`. (None)
====
# A parameter.
SELECT * FROM t VERSION AS OF :version, t TIMESTAMP AS OF :since x
---
SELECT * FROM __weir_0 AS `t`, __weir_1 x
> t versionAsOf=3
> t timestampAsOf=2024-01-01
====
# A parameter without a value.
SELECT * FROM t VERSION AS OF :none
---
! UNBOUND_SQL_PARAMETER 10: `:none` has no value that is a text or a whole number. (give it one: spark.sql(text, args={"none": ...}))
====
# A parameter whose value is no version.
SELECT * FROM t VERSION AS OF :flag
---
! UNBOUND_SQL_PARAMETER 10: `:flag` has no value that is a text or a whole number. (give it one: spark.sql(text, args={"flag": ...}))
====
# Sample and alias behind it.
SELECT count(*) FROM t VERSION AS OF 1 TABLESAMPLE (9 ROWS) p
---
SELECT count(*) FROM __weir_0 TABLESAMPLE (9 ROWS) p
> t versionAsOf=1
====
# A stream starts at a version.
SELECT * FROM STREAM t VERSION AS OF 1
---
! Unsupported 10: A version of a stream is not supported here. (write STREAM table WITH (startingVersion = ...))
====
# A common table expression has none: that is Spark's to say.
WITH t AS (SELECT 1) SELECT * FROM t VERSION AS OF 1
---
WITH t AS (SELECT 1) SELECT * FROM t VERSION AS OF 1
====
# A table by its path keeps it.
SELECT * FROM delta.`/p` VERSION AS OF 1 x
---
SELECT * FROM delta.`/here/p` VERSION AS OF 1 x
====
# The change feed.
SELECT * FROM table_changes('raw.orders', 0) JOIN TABLE_CHANGES('`mi tabla`', 2, 5) c ON true
---
SELECT * FROM __weir_0 JOIN __weir_1 c ON true
> raw.orders readChangeFeed=true startingVersion=0
> `mi tabla` readChangeFeed=true startingVersion=2 endingVersion=5
====
# From a time, to a time.
SELECT * FROM table_changes('t', '2024-01-01', current_timestamp())
---
SELECT * FROM __weir_0
> t readChangeFeed=true startingTimestamp=2024-01-01 endingTimestamp=(current_timestamp())
====
# As a stream.
SELECT * FROM STREAM table_changes('t', 1) AS a, STREAM(table_changes('t', 1))
---
SELECT * FROM STREAM __weir_0 AS a, STREAM(__weir_1)
> t stream readChangeFeed=true startingVersion=1
> t stream readChangeFeed=true startingVersion=1
====
# Of a parameter.
SELECT * FROM table_changes(:table, :version, :since)
---
SELECT * FROM __weir_0
> orders readChangeFeed=true startingVersion=3 endingTimestamp=2024-01-01
====
# Of an expression.
SELECT * FROM table_changes(concat('a', 'b'), 1)
---
! Unsupported 10: table_changes of an expression is not supported here. (give the table's name as a text)
====
# version and timestamp as names.
SELECT version, timestamp FROM t version JOIN u timestamp ON version.x = timestamp.x
---
SELECT version, timestamp FROM __weir_0 version JOIN __weir_1 timestamp ON version.x = timestamp.x
> t
> u
