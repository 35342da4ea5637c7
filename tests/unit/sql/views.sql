# Its name is no relation; what it reads is.
CREATE OR REPLACE TEMP VIEW v AS SELECT raw.orders.id FROM raw.orders
---
CREATE OR REPLACE TEMP VIEW v AS SELECT orders.id FROM __weir_0 AS `orders`
< v
> raw.orders
====
# With all that may stand before AS.
CREATE OR REPLACE TEMPORARY VIEW IF NOT EXISTS g (a COMMENT 'AS SELECT', b) COMMENT 'AS' AS WITH c AS (TABLE t) SELECT * FROM c
---
CREATE OR REPLACE TEMPORARY VIEW IF NOT EXISTS g (a COMMENT 'AS SELECT', b) COMMENT 'AS' AS WITH c AS (SELECT * FROM __weir_0 AS `t`) SELECT * FROM c
< g
> t
====
# Called like what it reads.
CREATE TEMPORARY VIEW orders AS SELECT * FROM orders
---
CREATE TEMPORARY VIEW orders AS SELECT * FROM __weir_0 AS `orders`
< orders
> orders
====
# Over files.
CREATE TEMPORARY VIEW v USING csv OPTIONS (path '/x')
---
! Unsupported 10: CREATE TEMPORARY VIEW ... USING is not supported here. (read the files in Python, or define a view)
====
# Without a query.
CREATE TEMPORARY VIEW v
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read at its end. (None)
====
# A view of the session stays as it is.
SELECT mine.id, mine.x.y FROM mine JOIN raw.orders ON mine.id = raw.orders.id
---
SELECT mine.id, mine.x.y FROM mine JOIN __weir_1 AS `orders` ON mine.id = orders.id
> mine
> raw.orders
====
# One of all sessions would outlive the pipeline.
CREATE GLOBAL TEMP VIEW g AS SELECT * FROM t
---
! Unsupported 10: A global temporary view is not supported here. (make a view of the pipeline, @dlt.view, or of the function, CREATE TEMP VIEW)
====
# A function.
CREATE OR REPLACE TEMPORARY FUNCTION f(a INT) RETURNS INT RETURN a + 1
---
! Unsupported 10: CREATE FUNCTION in spark.sql is not supported here. (register the function in Python, spark.udf.register, or write its expression in the query)
====
# A function that stays.
CREATE FUNCTION f(a INT) RETURNS INT RETURN a
---
! Unsupported 10: CREATE FUNCTION in spark.sql is not supported here. (register the function in Python, spark.udf.register, or write its expression in the query)
====
# A frame that Python's format puts here.
SELECT d.x, raw.orders.id FROM {df} d JOIN raw.orders ON {df[x]} = raw.orders.id, {other}
---
SELECT d.x, orders.id FROM {df} d JOIN __weir_0 AS `orders` ON {df[x]} = orders.id, {other}
> raw.orders
