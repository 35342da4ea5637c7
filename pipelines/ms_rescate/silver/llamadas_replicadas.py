"""What changes in the calls of the service auxilio, as its change data feed tells."""

from pyspark.sql import DataFrame

import dlt
from expectations.contracts import reads


@dlt.view(comment="Cambios de las llamadas de auxilio, del servicio auxilio")
def llamadas_replicadas() -> DataFrame:
    feed = spark.readStream.option("readChangeFeed", "true")
    return feed.table(reads("ms_auxilio_silver.llamadas", "1.0.0")).where("_change_type <> 'update_preimage'")
