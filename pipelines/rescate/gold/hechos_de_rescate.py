"""What gold needs of each request for a rescue, as long as gold is kept; silver keeps it for a year."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties


@dlt.table(
    name="rescate_gold.hechos_de_rescate",
    comment="Lo que los indicadores necesitan de cada solicitud de rescate",
    schema=described(
        "solicitud_id STRING, timestamp TIMESTAMP, provincia STRING, especie STRING, urgencia STRING"
    ),
    table_properties=properties("gold", "data-analysts", kept_by="timestamp", resettable=False),
)
@dlt.expect_all_or_fail(rules("hechos_de_rescate", "fail"))
def hechos_de_rescate() -> DataFrame:
    # Retention deletes from silver: such commits hold nothing to read.
    requests = spark.readStream.option("skipChangeCommits", "true").table("rescate_silver.solicitudes")
    return requests.select("solicitud_id", "timestamp", "provincia", "especie", "urgencia")
