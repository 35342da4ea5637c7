"""A good SQL source in the style of strangers, and what goes wrong when one text of it is another one."""

from __future__ import annotations

SHOP = """\
SET region = north;
USE CATALOG shop;

CREATE OR REFRESH STREAMING TABLE orders_raw (
  CONSTRAINT has_id EXPECT (id IS NOT NULL),
  CONSTRAINT positive EXPECT (amount > 0) ON VIOLATION DROP ROW
)
COMMENT "Orders as they come"
TBLPROPERTIES (quality = "bronze", delta.enableChangeDataFeed = true)
AS SELECT *, _metadata.file_path AS file
FROM STREAM read_files('/in/orders', format => 'json');

CREATE TEMPORARY VIEW north AS
SELECT * FROM LIVE.orders_raw WHERE region = '${region}';

CREATE STREAMING LIVE TABLE big
PARTITIONED BY (region)
AS WITH few AS (
  SELECT * FROM STREAM(orders_raw) WHERE amount > 100
)
SELECT id, region, amount FROM few;

CREATE OR REFRESH STREAMING TABLE orders (id BIGINT, amount DOUBLE) CLUSTER BY (id);

CREATE FLOW newest AS AUTO CDC INTO orders
FROM STREAM(orders_raw)
KEYS (id)
APPLY AS DELETE WHEN status = 'deleted'
SEQUENCE BY loaded
COLUMNS * EXCEPT (file)
STORED AS SCD TYPE 1;

CREATE FLOW more AS INSERT INTO ONCE archive BY NAME
SELECT * FROM north;

CREATE OR REFRESH MATERIALIZED VIEW revenue
AS SELECT region, sum(amount) AS total
FROM orders o JOIN regions r USING (region)
GROUP BY region
"""
THERE = "correct the text there; what stands apart from it was still read"
# Text, what stands in its place; then of the first problem: condition, line, hint.
MUTANTS = (
    ("SET region = north", "SET region north", "PARSE_SYNTAX_ERROR", 1, THERE),
    ("SET region = north;", "SET region = north", "PARSE_SYNTAX_ERROR", 2, "a semicolon is missing before it, if a statement begins there"),
    ("SET region = north", "SET = north", "PARSE_SYNTAX_ERROR", 1, THERE),
    ("USE CATALOG shop", "USE CATALOG", "PARSE_SYNTAX_ERROR", 2, THERE),
    ("USE CATALOG shop", "USE CATALOG shop main", "PARSE_SYNTAX_ERROR", 2, THERE),
    ("CREATE OR REFRESH STREAMING TABLE orders_raw", "CREAT OR REFRESH STREAMING TABLE orders_raw", "PARSE_SYNTAX_ERROR", 4, "did you mean `CREATE`?"),
    ("OR REFRESH", "OR REFRSH", "PARSE_SYNTAX_ERROR", 4, "did you mean `REFRESH`?"),
    ("OR REFRESH", "REFRESH", "PARSE_SYNTAX_ERROR", 4, THERE),
    ("STREAMING TABLE orders_raw", "STREAMNG TABLE orders_raw", "PARSE_SYNTAX_ERROR", 4, "did you mean `STREAMING`?"),
    ("STREAMING TABLE orders_raw", "TABLE orders_raw", "Unsupported", 4, "write CREATE OR REFRESH MATERIALIZED VIEW, or STREAMING TABLE where the query streams"),
    ("STREAMING TABLE orders_raw", "STREAMING orders_raw", "PARSE_SYNTAX_ERROR", 4, THERE),
    ("orders_raw (", "(", "PARSE_SYNTAX_ERROR", 4, THERE),
    ("orders_raw (", "orders-raw (", "PARSE_SYNTAX_ERROR", 4, THERE),
    ("CONSTRAINT has_id", "CONSTRAIN has_id", "PARSE_SYNTAX_ERROR", 5, "did you mean `CONSTRAINT`?"),
    ("CONSTRAINT has_id EXPECT", "CONSTRAINT EXPECT", "PARSE_SYNTAX_ERROR", 5, THERE),
    ("(id IS NOT NULL)", "id IS NOT NULL", "PARSE_SYNTAX_ERROR", 5, THERE),
    ("(id IS NOT NULL)", "()", "PARSE_SYNTAX_ERROR", 5, "write EXPECT (condition)"),
    ("NULL),", "NULL)", "PARSE_SYNTAX_ERROR", 6, THERE),
    ("NULL),", "NULL),,", "PARSE_SYNTAX_ERROR", 5, THERE),
    ("DROP ROW", "DROP", "PARSE_SYNTAX_ERROR", 7, THERE),
    ("ON VIOLATION DROP ROW", "ON VIOLATION DROP ROWS", "PARSE_SYNTAX_ERROR", 6, "did you mean `ROW`?"),
    ("ON VIOLATION DROP ROW", "ON VIOLATON DROP ROW", "PARSE_SYNTAX_ERROR", 6, "did you mean `VIOLATION`?"),
    ("ON VIOLATION DROP ROW", "DROP ROW", "PARSE_SYNTAX_ERROR", 6, THERE),
    ("ON VIOLATION DROP ROW", "ON VIOLATION FAIL", "PARSE_SYNTAX_ERROR", 7, THERE),
    ("DROP ROW\n)", "DROP ROW\n", "PARSE_SYNTAX_ERROR", 4, THERE),
    ('COMMENT "Orders as they come"', "COMMENT Orders", "PARSE_SYNTAX_ERROR", 8, THERE),
    ('COMMENT "Orders as they come"', 'COMMENT "Orders as they come', "PARSE_SYNTAX_ERROR", 9, "close it; what follows was not read"),
    ('COMMENT "Orders as they come"', 'COMMENT = "Orders as they come"', "PARSE_SYNTAX_ERROR", 8, THERE),
    ('COMMENT "Orders as they come"', 'COMENT "Orders as they come"', "PARSE_SYNTAX_ERROR", 8, "did you mean `COMMENT`?"),
    ("TBLPROPERTIES", "TBLPROPERTY", "PARSE_SYNTAX_ERROR", 9, "did you mean `TBLPROPERTIES`?"),
    ('quality = "bronze"', "quality bronze", "PARSE_SYNTAX_ERROR", 9, THERE),
    ('quality = "bronze"', "quality = bronze", "PARSE_SYNTAX_ERROR", 9, THERE),
    ('quality = "bronze"', "quality", "PARSE_SYNTAX_ERROR", 9, THERE),
    ('quality = "bronze",', '"quality" "bronze"', "PARSE_SYNTAX_ERROR", 9, THERE),
    ('quality = "bronze",', 'quality = "bronze"', "PARSE_SYNTAX_ERROR", 9, THERE),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', '("quality" "bronze" "x")', "PARSE_SYNTAX_ERROR", 9, "write key = value, key = value"),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', '("quality" "bronze" "owner" "me")', "PARSE_SYNTAX_ERROR", 9, "write key = value, key = value"),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', '(quality = "bronze" "owner" = "me")', "PARSE_SYNTAX_ERROR", 9, THERE),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', '(quality == "bronze")', "PARSE_SYNTAX_ERROR", 9, THERE),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', '("quality": "bronze")', "PARSE_SYNTAX_ERROR", 9, THERE),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', "(pipelines.reset.allowed = 'no')", "INVALID_PIPELINE_SETTING", 4, "write true or false"),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', '(quality = "bronze", quality = "gold")', "DUPLICATE_KEY", 9, "keep one of the two"),
    ('(quality = "bronze", delta.enableChangeDataFeed = true)', 'quality = "bronze"', "PARSE_SYNTAX_ERROR", 9, THERE),
    ("AS SELECT *, _metadata.file_path AS file\nFROM STREAM read_files('/in/orders', format => 'json');", "AS;", "PARSE_SYNTAX_ERROR", 10, THERE),
    ("AS SELECT *, _metadata.file_path AS file\n", "AS AS SELECT *\n", "PARSE_SYNTAX_ERROR", 10, THERE),
    ("SELECT *, _metadata", "SELECT , _metadata", "PARSE_SYNTAX_ERROR", 10, THERE),
    ("FROM STREAM read_files('/in/orders', format => 'json')", "FROM", "PARSE_SYNTAX_ERROR", 11, THERE),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM read_files()", "Unsupported", 11, "give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat"),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM read_files('/in/orders', format = 'json')", "PARSE_SYNTAX_ERROR", 11, THERE),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM read_files('/in/orders', format => json)", "Unsupported", 11, "give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat"),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM read_files('/in/orders' format => 'json')", "Unsupported", 11, "give a text, a number, TRUE, FALSE or a parameter; texts can be composed with || or concat"),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM read_file('/in/orders', format => 'json')", "Unsupported", 11, "read it without STREAM: its rows are all there at once"),
    ("STREAM read_files('/in/orders', format => 'json')", "cloud_files('/in/orders')", "PARSE_SYNTAX_ERROR", 11, THERE),
    ("STREAM read_files('/in/orders', format => 'json')", "cloud_files('/in/orders', 'json', map('a'))", "PARSE_SYNTAX_ERROR", 11, THERE),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM(SELECT * FROM x)", "Unsupported", 11, "make the query a view, and read STREAM(view)"),
    ("STREAM read_files('/in/orders', format => 'json')", "STREAM(x", "PARSE_SYNTAX_ERROR", 11, THERE),
    ("TEMPORARY VIEW north AS\nSELECT", "TEMPORARY VIEW north\nSELECT", "PARSE_SYNTAX_ERROR", 14, THERE),
    ("TEMPORARY VIEW north AS\nSELECT", "VIEW north\nSELECT", "PARSE_SYNTAX_ERROR", 14, THERE),
    ("TEMPORARY VIEW north AS\nSELECT * FROM LIVE.orders_raw WHERE region = '${region}';", "TEMPORARY VIEW north AS;", "PARSE_SYNTAX_ERROR", 13, THERE),
    ("TEMPORARY VIEW north AS\nSELECT * FROM LIVE.orders_raw WHERE region = '${region}';", "TEMPORARY VIEW north;", "PARSE_SYNTAX_ERROR", 13, THERE),
    ("TEMPORARY VIEW north AS", "TEMPORARY VEIW north AS", "PARSE_SYNTAX_ERROR", 13, "did you mean `VIEW`?"),
    ("VIEW north AS", "VIEW north (id BIGINT) AS", "PARSE_SYNTAX_ERROR", 13, "a view's columns have names and comments"),
    ("VIEW north AS", "VIEW north (CONSTRAINT a EXPECT (id > 0)) AS", "Unsupported", 13, "only CREATE LIVE VIEW and tables take expectations: put the rule on the dataset that reads the view"),
    ("VIEW north AS", "VIEW north PARTITIONED BY (id) AS", "PARSE_SYNTAX_ERROR", 13, THERE),
    ("'${region}'", "'${regoin}'", "UNRESOLVED_VARIABLE", 14, "set `regoin` in the pipeline's configuration, or weir run --conf regoin=VALUE"),
    ("'${region}'", "'${region", "PARSE_SYNTAX_ERROR", 28, "close it; what follows was not read"),
    ("PARTITIONED BY (region)", "PARTITIONED BY region", "PARSE_SYNTAX_ERROR", 17, THERE),
    ("PARTITIONED BY (region)", "PARTITION BY (region)", "PARSE_SYNTAX_ERROR", 17, "did you mean `PARTITIONED`?"),
    ("PARTITIONED BY (region)", "PARTITIONED BY ()", "PARSE_SYNTAX_ERROR", 17, THERE),
    ("PARTITIONED BY (region)", "PARTITIONED BY (region) CLUSTER BY (id)", "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED", 16, "keep one of them"),
    ("PARTITIONED BY (region)", "PARTITIONED BY (region) PARTITIONED BY (id)", "DUPLICATE_CLAUSES", 17, "keep one of the two"),
    (")\nSELECT id, region, amount FROM few;", ";", "PARSE_SYNTAX_ERROR", 18, THERE),
    (")\nSELECT id, region, amount FROM few;", ");", "PARSE_SYNTAX_ERROR", 20, THERE),
    ("(id BIGINT, amount DOUBLE)", "(id BIGINT, amount)", "PARSE_SYNTAX_ERROR", 23, "give all columns a type, or none"),
    ("(id BIGINT, amount DOUBLE)", "(id, amount)", "PARSE_SYNTAX_ERROR", 23, "write COLUMN TYPE"),
    ("CLUSTER BY (id)", "CLUSTER BY id", "PARSE_SYNTAX_ERROR", 23, THERE),
    ("CLUSTER BY (id)", "CLUSTERED BY (id)", "PARSE_SYNTAX_ERROR", 23, "did you mean `CLUSTER`?"),
    ("CREATE FLOW newest AS AUTO CDC", "CREATE FLOW newest AUTO CDC", "PARSE_SYNTAX_ERROR", 25, THERE),
    ("CREATE FLOW newest AS AUTO CDC", "CREATE FLOW AS AUTO CDC", "PARSE_SYNTAX_ERROR", 25, THERE),
    ("CREATE FLOW newest AS AUTO CDC", "CREATE FLOW newest AS AUTO CDD", "PARSE_SYNTAX_ERROR", 25, "write AUTO CDC INTO"),
    ("CREATE FLOW newest AS AUTO CDC INTO orders", "CREATE FLOW newest AS AUTO CDC orders", "PARSE_SYNTAX_ERROR", 25, THERE),
    ("CREATE FLOW newest AS AUTO CDC INTO orders", "CREATE FLOW newest AS AUTO CDC INTO", "PARSE_SYNTAX_ERROR", 26, THERE),
    ("FROM STREAM(orders_raw)\nKEYS", "KEYS", "PARSE_SYNTAX_ERROR", 26, THERE),
    ("FROM STREAM(orders_raw)\nKEYS", "FROM STREAM(orders_raw\nKEYS", "PARSE_SYNTAX_ERROR", 26, THERE),
    ("FROM STREAM(orders_raw)\nKEYS", "FROM\nKEYS", "PARSE_SYNTAX_ERROR", 27, THERE),
    ("FROM STREAM(orders_raw)\nKEYS", "FROM SNAPSHOT orders_raw\nKEYS", "Unsupported", 26, "compare snapshots in Python, dlt.create_auto_cdc_from_snapshot_flow: SQL has no word for it"),
    ("KEYS (id)", "KEYS", "PARSE_SYNTAX_ERROR", 28, THERE),
    ("KEYS (id)", "KEYS ()", "PARSE_SYNTAX_ERROR", 27, THERE),
    ("KEYS (id)", "KEY (id)", "AUTOCDC_EMPTY_KEYS", 25, "name at least one column that identifies a row"),
    ("KEYS (id)\n", "", "AUTOCDC_EMPTY_KEYS", 25, "name at least one column that identifies a row"),
    ("KEYS (id)", "KEYS (lower(id))", "AUTOCDC_NON_COLUMN_IDENTIFIER", 25, "write a column's name alone"),
    ("APPLY AS DELETE WHEN status = 'deleted'", "APPLY AS DELETE status = 'deleted'", "PARSE_SYNTAX_ERROR", 28, "write APPLY AS DELETE WHEN or APPLY AS TRUNCATE WHEN"),
    ("APPLY AS DELETE WHEN status = 'deleted'", "APPLY AS DELETE WHEN", "PARSE_SYNTAX_ERROR", 29, THERE),
    ("APPLY AS DELETE WHEN status = 'deleted'", "APPLY AS DELETES WHEN status = 'deleted'", "PARSE_SYNTAX_ERROR", 28, "write APPLY AS DELETE WHEN or APPLY AS TRUNCATE WHEN"),
    ("SEQUENCE BY loaded\n", "", "AUTOCDC_MISSING_SEQUENCE_BY", 25, "name the column that orders the changes of a key"),
    ("SEQUENCE BY loaded\n", "SEQUENCE BY\n", "PARSE_SYNTAX_ERROR", 30, THERE),
    ("SEQUENCE BY loaded\n", "SEQUENCE loaded\n", "AUTOCDC_MISSING_SEQUENCE_BY", 25, "name the column that orders the changes of a key"),
    ("SEQUENCE BY loaded\n", "SEQUENCE BY loaded\nSEQUENCE BY id\n", "DUPLICATE_CLAUSES", 30, "keep one of the two"),
    ("COLUMNS * EXCEPT (file)", "COLUMNS * EXCEPT file,", "PARSE_SYNTAX_ERROR", 31, THERE),
    ("COLUMNS * EXCEPT (file)", "COLUMNS EXCEPT (file)", "PARSE_SYNTAX_ERROR", 30, THERE),
    ("COLUMNS * EXCEPT (file)", "COLUMNS * EXPECT (file)", "PARSE_SYNTAX_ERROR", 30, THERE),
    ("COLUMNS * EXCEPT (file)", "COLUMNS * EXCEPT", "PARSE_SYNTAX_ERROR", 31, THERE),
    ("STORED AS SCD TYPE 1", "STORED AS SCD TYPE 3", "NOT_EXPECTED_TYPE", 25, "1 keeps the current row of a key, 2 all its versions"),
    ("STORED AS SCD TYPE 1", "STORED AS SCD TYPE", "PARSE_SYNTAX_ERROR", 31, THERE),
    ("STORED AS SCD TYPE 1", "STORED AS TYPE 1", "PARSE_SYNTAX_ERROR", 31, THERE),
    ("STORED AS SCD TYPE 1", "STORED AS SCD TYPE two", "PARSE_SYNTAX_ERROR", 31, THERE),
    ("STORED AS SCD TYPE 1", "STORE AS SCD TYPE 1", "PARSE_SYNTAX_ERROR", 31, "did you mean `STORED`?"),
    ("STORED AS SCD TYPE 1", "STORED AS SCD TYPE 1 TRACK HISTORY ON (id)", "AUTOCDC_TRACK_HISTORY_REQUIRES_SCD_TYPE_2", 25, "STORED AS SCD TYPE 2 does"),
    ("AS INSERT INTO ONCE archive BY NAME", "AS INSERT ONCE archive BY NAME", "PARSE_SYNTAX_ERROR", 33, THERE),
    ("AS INSERT INTO ONCE archive BY NAME", "AS INSERT INTO ONCE archive BY", "PARSE_SYNTAX_ERROR", 34, THERE),
    ("AS INSERT INTO ONCE archive BY NAME", "AS INSERT INTO ONCE BY NAME", "PARSE_SYNTAX_ERROR", 33, THERE),
    ("AS INSERT INTO ONCE archive BY NAME", "AS INSERT OVERWRITE archive BY NAME", "Unsupported", 33, "append to a streaming table, or let a materialized view equal its query"),
    ("AS INSERT INTO ONCE archive BY NAME", "INSERT INTO ONCE archive BY NAME", "PARSE_SYNTAX_ERROR", 33, THERE),
    ("BY NAME\nSELECT * FROM north", "BY NAME", "PARSE_SYNTAX_ERROR", 33, THERE),
    ("BY NAME\nSELECT * FROM north", "BY NAME\nAS SELECT * FROM north", "PARSE_SYNTAX_ERROR", 34, THERE),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "MATERIALIZED VIEW revenue\nAS", "PARSE_SYNTAX_ERROR", 37, THERE),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "MATERIALIZED VIEW\nAS SELECT", "PARSE_SYNTAX_ERROR", 37, THERE),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "MATERIALISED VIEW revenue\nAS SELECT", "PARSE_SYNTAX_ERROR", 36, "did you mean `MATERIALIZED`?"),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "VIEW MATERIALIZED revenue\nAS SELECT", "PARSE_SYNTAX_ERROR", 36, THERE),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "MATERIALIZED VIEW revenue\nIS SELECT", "PARSE_SYNTAX_ERROR", 37, THERE),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "MATERIALIZED VIEW revenue AS\nSELEC", "PARSE_SYNTAX_ERROR", 37, "did you mean `SELECT`?"),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "MATERIALIZED VIEW revenue AS\nINSERT", "PARSE_SYNTAX_ERROR", 37, THERE),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "TABLE revenue\nAS SELECT", "Unsupported", 36, "write CREATE OR REFRESH MATERIALIZED VIEW, or STREAMING TABLE where the query streams"),
    ("MATERIALIZED VIEW revenue\nAS SELECT", "FUNCTION revenue\nAS SELECT", "Unsupported", 36, "register the function in a Python source, spark.udf.register, or write its expression"),
    ("sum(amount)", "sum(amount", "PARSE_SYNTAX_ERROR", 37, THERE),
    ("sum(amount)", "sum amount)", "PARSE_SYNTAX_ERROR", 37, THERE),
    ("JOIN regions r USING (region)", "JOIN regions r USING region", "PARSE_SYNTAX_ERROR", 38, THERE),
    ("GROUP BY region", "GROUP BY region)", "PARSE_SYNTAX_ERROR", 39, THERE),
    ("GROUP BY region", "GROUP BY region /* all", "PARSE_SYNTAX_ERROR", 39, "close it; what follows was not read"),
)  # fmt: skip
