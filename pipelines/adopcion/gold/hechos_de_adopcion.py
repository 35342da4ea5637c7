"""What gold needs of each request for an adoption, as long as gold is kept; silver keeps it for a year."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties


@dlt.table(
    name="adopcion_gold.hechos_de_adopcion",
    comment="Lo que los indicadores necesitan de cada solicitud de adopción",
    schema=described("solicitud_id STRING, rescate_id STRING, timestamp TIMESTAMP, especie STRING"),
    table_properties=properties("gold", "data-analysts", kept_by="timestamp", resettable=False),
)
@dlt.expect_all_or_fail(rules("hechos_de_adopcion", "fail"))
def hechos_de_adopcion() -> DataFrame:
    # Retention deletes from silver: such commits hold nothing to read.
    requests = spark.readStream.option("skipChangeCommits", "true").table("adopcion_silver.solicitudes")
    return requests.select("solicitud_id", "rescate_id", "timestamp", "especie")
