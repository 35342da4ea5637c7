"""When each rescue was asked for, kept here: an adoption may come long after the other module forgot."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.comments import described
from expectations.contracts import reads
from expectations.layers import properties


@dlt.table(
    name="adopcion_gold.rescates_pedidos",
    comment="Cuándo se pidió cada rescate",
    schema=described("rescate_id STRING, rescatado TIMESTAMP"),
    table_properties=properties("gold", "data-analysts", kept_by="rescatado", resettable=False),
)
@dlt.expect_all_or_fail(rules("rescates_pedidos", "fail"))
def rescates_pedidos() -> DataFrame:
    source = reads("rescate_silver.solicitudes", "1.0.0")
    # Retention deletes from silver: such commits hold nothing to read.
    requests = spark.readStream.option("skipChangeCommits", "true").table(source)
    return requests.select(F.col("solicitud_id").alias("rescate_id"), F.col("timestamp").alias("rescatado"))
