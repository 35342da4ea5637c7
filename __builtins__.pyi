# What Databricks gives to every source file; read by type checkers only.
from typing import Any

from pyspark.sql import SparkSession

spark: SparkSession
dbutils: Any
