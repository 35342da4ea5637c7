"""A good project in the style of strangers, and what goes wrong when one text of it is another one."""

from __future__ import annotations

PROJECT = {
    "src/bronze.py": """\
import dlt
from pyspark.sql import functions as F
from helpers.rules import RULES

SOURCE = spark.conf.get("orders.table")

@dlt.table(
    name="orders_raw",
    comment="Orders as they come",
    table_properties={"quality": "bronze"},
)
@dlt.expect("has_id", "id IS NOT NULL")
def orders_raw():
    return spark.readStream.table(SOURCE).withColumn("loaded", F.current_timestamp())

@dlt.view
def customers_raw():
    return spark.read.table("crm.customers")

for region in ["north", "south"]:
    @dlt.table(name=f"orders_{region}")
    def by_region(region=region):
        return spark.read.table("orders_raw").where(F.col("region") == region)
""",
    "src/silver.py": """\
from pyspark import pipelines as dp
from pyspark.sql.functions import col, expr
from helpers.rules import RULES

dp.create_streaming_table(
    name="orders",
    comment="The newest state of each order",
    cluster_by=["id"],
)

dp.create_auto_cdc_flow(
    target="orders",
    source="orders_raw",
    keys=["id"],
    sequence_by=col("loaded"),
    apply_as_deletes=expr("status = 'deleted'"),
    except_column_list=["loaded"],
    stored_as_scd_type=1,
)

@dp.table
@dp.expect_all_or_drop(RULES)
def big_orders():
    return dp.read("orders").where("amount > 100")
""",
    "src/gold.py": """\
# Databricks notebook source
import dlt

# COMMAND ----------

@dlt.table(partition_cols=["region"])
def revenue():
    orders = dlt.read("orders")
    customers = dlt.read("customers_raw")
    joined = orders.join(customers, orders.customer == customers.name)
    return joined.groupBy("region").sum("amount").withColumnRenamed("sum(amount)", "total")

# COMMAND ----------

@dlt.table(schema="region STRING, orders BIGINT")
def counts():
    return spark.sql("SELECT region, count(*) AS orders FROM orders_raw GROUP BY region")
""",
    "helpers/rules.py": """\
RULES = {"positive": "amount > 0"}
""",
    ".git/keep": "",
}
CONFIGURATION = {"orders.table": "shop.orders"}
# File, text, what stands in its place; then of the first problem: condition, place, hint.
MUTANTS = (
    ("src/bronze.py", "import dlt\n", "pimport dlt\n", "PARSE_SYNTAX_ERROR", "bronze.py:1", "did you mean `import`?"),
    ("src/bronze.py", "import dlt\n", "\n", "PIPELINE_SOURCE_FAILED", "bronze.py:7", "add `import dlt` at the top of the file"),
    ("src/bronze.py", "import dlt\n", "imort dlt\n", "PARSE_SYNTAX_ERROR", "bronze.py:1", "did you mean `import`?"),
    ("src/bronze.py", "import dlt\n", "import dtl\n", "PIPELINE_SOURCE_FAILED", "bronze.py:1", "did you mean `dlt`?"),
    ("src/bronze.py", "import dlt\n", "import dlt as d\n", "PIPELINE_SOURCE_FAILED", "bronze.py:7", "add `import dlt` at the top of the file"),
    ("src/bronze.py", "from pyspark.sql import functions as F\n", "\n", "QUERY_FUNCTION_FAILED", "bronze.py:14", "add `from pyspark.sql import functions as F` at the top of the file"),
    ("src/bronze.py", "functions as F", "function as F", "PIPELINE_SOURCE_FAILED", "bronze.py:2", "did you mean `functions`?"),
    ("src/bronze.py", "helpers.rules", "helper.rules", "PIPELINE_SOURCE_FAILED", "bronze.py:3", "did you mean `helpers`?"),
    ("src/bronze.py", "import RULES", "import RULLES", "PIPELINE_SOURCE_FAILED", "bronze.py:3", "did you mean `RULES`?"),
    ("src/bronze.py", 'spark.conf.get("orders.table")', 'spark.conf.get("orders.tabel")', "PIPELINE_SOURCE_FAILED", "bronze.py:5", "pass --conf orders.tabel=VALUE"),
    ("src/bronze.py", 'spark.conf.get("orders.table")', 'spark.config.get("orders.table")', "PIPELINE_SOURCE_FAILED", "bronze.py:5", "did you mean `conf`?"),
    ("src/bronze.py", 'spark.conf.get("orders.table")', 'spak.conf.get("orders.table")', "PIPELINE_SOURCE_FAILED", "bronze.py:5", "did you mean `spark`?"),
    ("src/bronze.py", "@dlt.table(\n", "@dlt.tabel(\n", "PIPELINE_SOURCE_FAILED", "bronze.py:7", "did you mean `table`?"),
    ("src/bronze.py", "@dlt.table(\n", "@dlt.Table(\n", "PIPELINE_SOURCE_FAILED", "bronze.py:7", "did you mean `table`?"),
    ("src/bronze.py", '    name="orders_raw"', '    nme="orders_raw"', "PIPELINE_SOURCE_FAILED", "bronze.py:7", "did you mean `name`?"),
    ("src/bronze.py", 'comment="Orders as they come"', 'comments="x"', "PIPELINE_SOURCE_FAILED", "bronze.py:7", "did you mean `comment`?"),
    ("src/bronze.py", 'comment="Orders as they come"', "comment=5", "NOT_EXPECTED_TYPE", "bronze.py:7", "see the signature of the function"),
    ("src/bronze.py", '"quality": "bronze"', '"quality": None', "NOT_EXPECTED_TYPE", "bronze.py:7", "see the signature of the function"),
    ("src/bronze.py", '{"quality": "bronze"}', '{"quality", "bronze"}', "NOT_EXPECTED_TYPE", "bronze.py:7", "see the signature of the function"),
    ("src/bronze.py", ",\n)\n", "\n\n", "PARSE_SYNTAX_ERROR", "bronze.py:7", "correct the syntax; the other files were still read"),
    ("src/bronze.py", '@dlt.expect("has_id", "id IS NOT NULL")', '@dlt.expect("id IS NOT NULL")', "PIPELINE_SOURCE_FAILED", "bronze.py:12", "its parameters are: name, inv"),
    ("src/bronze.py", '@dlt.expect("has_id", "id IS NOT NULL")', '@dlt.expect("has_id", "idd IS NOT NULL")', "UNRESOLVED_COLUMN.WITH_SUGGESTION", "bronze.py:12", "did you mean `id`?"),
    ("src/bronze.py", '@dlt.expect("has_id", "id IS NOT NULL")', '@dlt.expect("has_id", "id IS NOT NULLL")', "INVALID_EXPECTATION", "bronze.py:12", 'write a boolean SQL expression, such as "amount > 0"'),
    ("src/bronze.py", '@dlt.expect("has_id", "id IS NOT NULL")', '@dlt.expect_or_dorp("has_id", "id IS NOT NULL")', "PIPELINE_SOURCE_FAILED", "bronze.py:12", "did you mean `expect_or_drop`?"),
    ("src/bronze.py", "def orders_raw():", "def orders_raw()", "PARSE_SYNTAX_ERROR", "bronze.py:13", "correct the syntax; the other files were still read"),
    ("src/bronze.py", "def orders_raw():", "def orders_raw(x):", "QUERY_FUNCTION_FAILED", "bronze.py:7", "a query function is called without arguments: give each a default"),
    ("src/bronze.py", "    return spark.readStream.table(SOURCE)", "    spark.readStream.table(SOURCE)", "QUERY_FUNCTION_RETURNS_NO_DATAFRAME", "bronze.py:7", "return a Spark DataFrame; is the `return` missing?"),
    ("src/bronze.py", "spark.readStream.table(SOURCE)", "spark.readstream.table(SOURCE)", "QUERY_FUNCTION_FAILED", "bronze.py:14", "did you mean `readStream`?"),
    ("src/bronze.py", "spark.readStream.table(SOURCE)", "spark.readStream.tabel(SOURCE)", "QUERY_FUNCTION_FAILED", "bronze.py:14", "did you mean `table`?"),
    ("src/bronze.py", "spark.readStream.table(SOURCE)", 'spark.readStream.table("shop.ordres")', "TABLE_OR_VIEW_NOT_FOUND", "bronze.py:14", "did you mean `main.shop.orders`? (if it is an outside table, pass --table main.shop.ordres=FOLDER)"),
    ("src/bronze.py", "F.current_timestamp()", "F.curent_timestamp()", "QUERY_FUNCTION_FAILED", "bronze.py:14", "did you mean `current_timestamp`?"),
    ("src/bronze.py", "F.current_timestamp()", '"now"', "NOT_EXPECTED_TYPE", "bronze.py:14", "Spark's documentation explains the condition NOT_EXPECTED_TYPE"),
    ("src/bronze.py", '"crm.customers"', '"crm.customer"', "TABLE_OR_VIEW_NOT_FOUND", "bronze.py:18", "did you mean `main.crm.customers`? (if it is an outside table, pass --table main.crm.customer=FOLDER)"),
    ("src/bronze.py", '"crm.customers"', '"crm.customers.x.y.z"', "TABLE_OR_VIEW_NOT_FOUND", "bronze.py:18", "if it is an outside table, pass --table crm.customers.x.y.z=FOLDER"),
    ("src/bronze.py", 'name=f"orders_{region}"', 'name="orders_region"', "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", "bronze.py:21", "give one of the two another name"),
    ("src/bronze.py", 'name=f"orders_{region}"', 'name=f"orders/{region}"', "INVALID_IDENTIFIER", "bronze.py:21", "write catalog.schema.table, with backquotes around odd characters"),
    ("src/bronze.py", 'spark.read.table("orders_raw")', 'spark.read.table("orders_row")', "TABLE_OR_VIEW_NOT_FOUND", "bronze.py:23", "did you mean `main.default.orders_raw`? (if it is an outside table, pass --table main.default.orders_row=FOLDER)"),
    ("src/bronze.py", 'F.col("region") == region', 'F.col("regoin") == region', "UNRESOLVED_COLUMN.WITH_SUGGESTION", "bronze.py:23", "did you mean `region`?"),
    ("src/bronze.py", "        return spark.read", "\treturn spark.read", "PARSE_SYNTAX_ERROR", "bronze.py:23", "correct the syntax; the other files were still read"),
    ("src/silver.py", "pyspark import pipelines as dp", "pyspark import pipeline as dp", "PIPELINE_SOURCE_FAILED", "silver.py:1", "did you mean `pipelines`?"),
    ("src/silver.py", "from pyspark import pipelines as dp\n", "\n", "PIPELINE_SOURCE_FAILED", "silver.py:5", "add `from pyspark import pipelines as dp` at the top of the file"),
    ("src/silver.py", "dp.create_streaming_table(", "dp.create_streaming_tabel(", "PIPELINE_SOURCE_FAILED", "silver.py:5", "did you mean `create_streaming_table`?"),
    ("src/silver.py", '    name="orders"', '    name="order"', "PIPELINE_FLOW_TARGET_NOT_FOUND", "silver.py:11", "did you mean `main.default.order`?"),
    ("src/silver.py", '    name="orders",\n', "", "PIPELINE_SOURCE_FAILED", "silver.py:5", "its parameters are: name, comment, spark_conf, table_properties, partition_cols, path, schema, expect_all, expect_all_or_drop, expect_all_or_fail, cluster_by, row_filter, cluster_by_auto, format"),
    ("src/silver.py", 'cluster_by=["id"]', 'cluster_by=["idd"]', "COLUMN_NOT_FOUND_IN_TABLE", "silver.py:5", "did you mean `id`?"),
    ("src/silver.py", 'cluster_by=["id"]', 'cluster_by="id"', "NOT_EXPECTED_TYPE", "silver.py:5", "see the signature of the function"),
    ("src/silver.py", 'cluster_by=["id"]', 'cluster_by=["id"], partition_cols=["id"]', "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED", "silver.py:5", "keep one of them"),
    ("src/silver.py", 'target="orders"', 'target="ordrs"', "PIPELINE_FLOW_TARGET_NOT_FOUND", "silver.py:11", "did you mean `main.default.orders`?"),
    ("src/silver.py", 'source="orders_raw"', 'source="order_raw"', "TABLE_OR_VIEW_NOT_FOUND", "silver.py:11", "did you mean `main.default.orders_raw`? (if it is an outside table, pass --table main.default.order_raw=FOLDER)"),
    ("src/silver.py", '    source="orders_raw",\n', "", "PIPELINE_SOURCE_FAILED", "silver.py:11", "its parameters are: target, source, keys, sequence_by, where, ignore_null_updates, apply_as_deletes, apply_as_truncates, column_list, except_column_list, stored_as_scd_type, track_history_column_list, track_history_except_column_list, flow_name, once, ignore_null_updates_column_list, ignore_null_updates_except_column_list, columns_to_update, name, system_sequence_by"),
    ("src/silver.py", '    source="orders_raw"', '    sorce="orders_raw"', "PIPELINE_SOURCE_FAILED", "silver.py:11", "did you mean `source`?"),
    ("src/silver.py", 'keys=["id"]', "keys=[]", "AUTOCDC_EMPTY_KEYS", "silver.py:11", "name at least one column that identifies a row"),
    ("src/silver.py", 'keys=["id"]', 'keys=["idd"]', "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA", "silver.py:11", "did you mean `id`?"),
    ("src/silver.py", 'keys=["id"]', 'keys="id"', "NOT_EXPECTED_TYPE", "silver.py:11", 'write ["a", "b"] or [col("a"), col("b")]'),
    ("src/silver.py", 'col("loaded")', 'col("laoded")', "UNRESOLVED_COLUMN.WITH_SUGGESTION", "silver.py:11", "the source's columns are: id, status, amount, region, customer, loaded"),
    ("src/silver.py", 'col("loaded")', 'column("loaded")', "PIPELINE_SOURCE_FAILED", "silver.py:15", "add `from pyspark.sql.functions import column` at the top of the file"),
    ("src/silver.py", "status = 'deleted'", "statu = 'deleted'", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "silver.py:11", "the source's columns are: id, status, amount, region, customer, loaded"),
    ("src/silver.py", "status = 'deleted'", "status == deleted'", "PARSE_SYNTAX_ERROR", "silver.py:11", "the source's columns are: id, status, amount, region, customer, loaded"),
    ("src/silver.py", 'expr("status = \'deleted\'")', '"status = \'deleted\'")', "PARSE_SYNTAX_ERROR", "silver.py:17", "correct the syntax; the other files were still read"),
    ("src/silver.py", 'except_column_list=["loaded"]', 'except_column_list=["lodaed"]', "AUTOCDC_COLUMNS_NOT_FOUND_IN_SCHEMA", "silver.py:11", "did you mean `loaded`?"),
    ("src/silver.py", "stored_as_scd_type=1", "stored_as_scd_type=3", "NOT_EXPECTED_TYPE", "silver.py:11", "1 keeps the current row of a key, 2 all its versions"),
    ("src/silver.py", "stored_as_scd_type=1", 'stored_as_scd_type="two"', "NOT_EXPECTED_TYPE", "silver.py:11", "1 keeps the current row of a key, 2 all its versions"),
    ("src/silver.py", 'dp.read("orders")', 'dp.read("order")', "TABLE_OR_VIEW_NOT_FOUND", "silver.py:24", "did you mean `main.shop.orders`? (if it is an outside table, pass --table main.default.order=FOLDER)"),
    ("src/silver.py", 'dp.read("orders")', 'dp.read("big_orders")', "PIPELINE_GRAPH_CYCLE", "silver.py:21", "remove one of these reads: main.default.big_orders at {src}/silver.py:21"),
    ("src/silver.py", 'dp.read("orders")', 'dp.reed("orders")', "QUERY_FUNCTION_FAILED", "silver.py:24", "did you mean `read`?"),
    ("src/silver.py", "amount > 100", "amont > 100", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "silver.py:24", "did you mean `amount`?"),
    ("src/silver.py", "amount > 100", "amount > > 100", "PARSE_SYNTAX_ERROR", "silver.py:24", "correct the SQL text at the place that the message names"),
    ("src/silver.py", "@dp.table\n", "@dp.table\n@dp.table\n", "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", "silver.py:21", "give one of the two another name"),
    ("src/silver.py", "expect_all_or_drop(RULES)", 'expect_all_or_drop("amount > 0")', "NOT_EXPECTED_TYPE", "silver.py:22", "see the signature of the function"),
    ("src/silver.py", "def big_orders", "def orders_raw", "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT", "silver.py:21", "give one of the two another name"),
    ("src/gold.py", 'partition_cols=["region"]', 'partition_cols=["regions"]', "COLUMN_NOT_FOUND_IN_TABLE", "gold.py:6", "did you mean `region`?"),
    ("src/gold.py", 'partition_cols=["region"]', 'partition_by=["region"]', "PIPELINE_SOURCE_FAILED", "gold.py:6", "did you mean `partition_cols`?"),
    ("src/gold.py", "customers.name", "customers.nme", "ATTRIBUTE_NOT_SUPPORTED", "gold.py:10", "did you mean `name`?"),
    ("src/gold.py", '.sum("amount")', '.sum("amonut")', "UNRESOLVED_COLUMN.WITH_SUGGESTION", "gold.py:11", "did you mean `amount`?"),
    ("src/gold.py", '.sum("amount")', '.summ("amount")', "QUERY_FUNCTION_FAILED", "gold.py:11", "did you mean `sum`?"),
    ("src/gold.py", '.sum("amount")', ".collect()", "QUERY_FUNCTION_FAILED", "gold.py:11", "look for another name in the documentation of GroupedData"),
    ("src/gold.py", '.withColumnRenamed("sum(amount)", "total")', "", "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "gold.py:6", "rename them, or set table_properties={'delta.columnMapping.mode': 'name'}"),
    ("src/gold.py", "return joined", 'joined.write.saveAsTable("x")\n    return joined', "Unsupported", "gold.py:11", "return the rows: datasets and sinks write them; write anything else before the update"),
    ("src/gold.py", "FROM orders_raw", "FORM orders_raw", "PARSE_SYNTAX_ERROR", "gold.py:17", "correct the SQL text at the place that the message names"),
    ("src/gold.py", "FROM orders_raw", "FROM order_raw", "TABLE_OR_VIEW_NOT_FOUND", "gold.py:17", "did you mean `main.default.orders_raw`? (if it is an outside table, pass --table main.default.order_raw=FOLDER)"),
    ("src/gold.py", "SELECT region", "SELECT regio", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "gold.py:17", "did you mean `region`?"),
    ("src/gold.py", "GROUP BY region", "", "MISSING_GROUP_BY", "gold.py:17", "Spark's documentation explains the condition MISSING_GROUP_BY"),
    ("src/gold.py", "orders BIGINT", "orders BIGINTT", "PARSE_SYNTAX_ERROR", "gold.py:15", 'write it as in CREATE TABLE: "id BIGINT, day DATE GENERATED ALWAYS AS (CAST(ts AS DATE))"'),
    ("src/gold.py", "orders BIGINT", "number BIGINT", "COLUMN_NOT_IN_DECLARED_SCHEMA", "gold.py:15", "add it to the schema, or drop it"),
    ("src/gold.py", "# COMMAND ----------\n\n@dlt.table(schema", "# COMMAND ----------\n\n# MAGIC %run ./nowhere\n\n# COMMAND ----------\n\n@dlt.table(schema", "NOTEBOOK_NOT_FOUND", "gold.py:15", "put it where the path leads, as .py, .sql or .ipynb"),
    ("src/gold.py", "# COMMAND ----------\n\n@dlt.table(schema", "# COMMAND ----------\n\n# MAGIC %scala\n\n# COMMAND ----------\n\n@dlt.table(schema", "Unsupported", "gold.py:15", "keep it out of the pipeline's sources, or write it in Python"),
    ("src/gold.py", "def revenue():", "def revenue(:", "PARSE_SYNTAX_ERROR", "gold.py:7", "correct the syntax; the other files were still read"),
    ("helpers/rules.py", '"amount > 0"', '"amout > 0"', "UNRESOLVED_COLUMN.WITH_SUGGESTION", "silver.py:22", "did you mean `amount`?"),
    ("helpers/rules.py", '"amount > 0"', "5", "NOT_EXPECTED_TYPE", "silver.py:22", "see the signature of the function"),
    ("helpers/rules.py", "RULES =", 'RULES = open("/dbfs/mnt/x")', "PARSE_SYNTAX_ERROR", "rules.py:1", "correct the syntax; the other files were still read"),
    ("helpers/rules.py", "RULES = {", "RULES = {{", "PARSE_SYNTAX_ERROR", "rules.py:1", "correct the syntax; the other files were still read"),
)  # fmt: skip
