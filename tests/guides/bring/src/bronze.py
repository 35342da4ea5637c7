# Databricks notebook source
# MAGIC %md
# MAGIC # Orders as they arrive

# COMMAND ----------

# MAGIC %pip install holidays

# COMMAND ----------

# MAGIC %run ./settings

# COMMAND ----------

# MAGIC %sh rm -rf /tmp/orders

# COMMAND ----------

import dlt
from pyspark.sql import functions as F

SALT = dbutils.secrets.get("shop", "salt")

# COMMAND ----------


@dlt.table(comment="One row an order, as the shop sends it.", table_properties={"quality": "bronze"})
@dlt.expect_or_drop("has_id", "order_id IS NOT NULL")
@dlt.expect("has_country", "country IS NOT NULL")
def orders_bronze():
    files = (
        spark.readStream.format("cloudFiles")
        .option("cloudFiles.format", "json")
        .option("cloudFiles.inferColumnTypes", "true")
        .load(f"{LANDING}/orders")
    )
    return files.select(
        "order_id",
        "country",
        "amount",
        F.sha2(F.concat("customer", F.lit(SALT)), 256).alias("customer"),
        F.lit(REGION).alias("region"),
        F.col("_metadata.file_name").alias("file"),
    )
