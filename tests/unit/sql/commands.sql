# A word that no statement begins with.
SELEC * FROM t
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `SELEC`. (None)
====
# The text ends too early.
SELECT * FROM
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read at its end. (None)
====
# Two statements.
SELECT 1; SELECT 2
---
! PARSE_SYNTAX_ERROR 10: The SQL text can't be read near `SELECT`. (None)
====
# One with its semicolons.
SELECT * FROM t ; ;
---
SELECT * FROM __weir_0 AS `t` ; ;
> t
====
# Behind comments.
/* a */ -- b
 INSERT INTO t SELECT * FROM u
---
! Unsupported 11: INSERT in spark.sql (line 2 of the SQL text) is not supported here. (return a query; datasets write its rows)
====
# Behind WITH.
WITH a AS (SELECT * FROM t) INSERT INTO u SELECT * FROM a
---
! Unsupported 10: INSERT in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Behind FROM.
FROM t INSERT INTO u SELECT * INSERT INTO v SELECT *
---
! Unsupported 10: INSERT in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Changes of rows.
MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN DELETE
---
! Unsupported 10: MERGE in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Behind WITH, too.
WITH a AS (SELECT 1) DELETE FROM t
---
! Unsupported 10: DELETE in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Tables.
CREATE OR REPLACE TABLE t AS SELECT * FROM u
---
! Unsupported 10: CREATE TABLE in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Views that stay.
CREATE VIEW v AS SELECT * FROM t
---
! Unsupported 10: CREATE VIEW in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Configuration of the session.
SET spark.sql.ansi.enabled = false
---
! Unsupported 10: SET in spark.sql is not supported here. (give it as spark_conf of the dataset, or in the pipeline's configuration)
====
# Its defaults.
RESET
---
! Unsupported 10: RESET in spark.sql is not supported here. (give it as spark_conf of the dataset, or in the pipeline's configuration)
====
# Its catalog.
USE CATALOG main
---
! Unsupported 10: USE in spark.sql is not supported here. (write the full names of tables, or set catalog and schema of the pipeline)
====
# Variables and scripts.
DECLARE x INT
---
! Unsupported 10: DECLARE in spark.sql is not supported here. (compose the text in Python and give spark.sql one query)
====
# A text that is made there.
EXECUTE IMMEDIATE 'SELECT * FROM t'
---
! Unsupported 10: EXECUTE in spark.sql is not supported here. (compose the text in Python and give spark.sql one query)
====
# A script.
BEGIN SELECT 1; END
---
! Unsupported 10: BEGIN in spark.sql is not supported here. (compose the text in Python and give spark.sql one query)
====
# What explains.
EXPLAIN SELECT * FROM t
---
! Unsupported 10: EXPLAIN in spark.sql is not supported here. (look at a frame's schema or plan in Python, or at a table with weir show)
====
# What describes.
DESCRIBE TABLE t
---
! Unsupported 10: DESCRIBE in spark.sql is not supported here. (look at a frame's schema or plan in Python, or at a table with weir show)
====
# What lists.
SHOW TABLES
---
! Unsupported 10: SHOW in spark.sql is not supported here. (look at a frame's schema or plan in Python, or at a table with weir show)
====
# Scripts of Hive.
MAP x USING 'cat' FROM t
---
! Unsupported 10: MAP in spark.sql is not supported here. (write SELECT TRANSFORM (...) USING '...')
====
# What keeps.
CACHE TABLE t AS SELECT * FROM u
---
! Unsupported 10: CACHE in spark.sql is not supported here. (return a query; datasets write its rows)
====
# Words of commands as names.
SELECT show, create.set FROM drop create JOIN insert ON true
---
SELECT show, create.set FROM __weir_0 create JOIN __weir_1 AS `insert` ON true
> drop
> insert
