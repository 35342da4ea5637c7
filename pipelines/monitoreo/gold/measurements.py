"""What is measured of each table, once for all that tell of it: each table is read once an update."""

from pyspark.sql import DataFrame

import dlt
from expectations.health import WATCHED
from pipelines.comun.measurements import MEASUREMENTS, measurements


@dlt.table(
    name="monitoreo_gold.measurements",
    comment="Lo que se mide de cada tabla, de lo cual salen sus métricas y su salud",
    schema=MEASUREMENTS,
    temporary=True,
)
def measured() -> DataFrame:
    return measurements(WATCHED)
