"""Each request once, as its contract promises; one that comes a third day after the newest is dropped."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations.contracts import published
from expectations.layers import properties
from expectations.privacy import masked

SOLICITUDES = published("rescate_silver.solicitudes")


@dlt.table(
    name=SOLICITUDES.table,
    comment=SOLICITUDES.comment,
    schema=masked(SOLICITUDES.schema, "auxiliar_id", "latitud", "longitud"),
    table_properties=properties(
        "silver",
        SOLICITUDES.owner,
        kept_by="timestamp",
        zorder=("solicitud_id",),
        resettable=False,
    ),
)
@dlt.expect_all_or_fail(SOLICITUDES.conditions("drop"))
def solicitudes() -> DataFrame:
    requests = spark.readStream.table("solicitudes_validas").withWatermark("timestamp", "2 days")
    once = requests.dropDuplicatesWithinWatermark(["solicitud_id"])
    return once.select(*(F.col(name) for name in SOLICITUDES.columns))
