"""Provinces and cantons: what the modules place their requests with. They are part of the repository."""

from pyspark.sql import DataFrame

import dlt
from expectations.contracts import published
from expectations.layers import properties
from expectations.regions import regions

REGIONES = published("core.regiones")


@dlt.table(
    name=REGIONES.table,
    comment=REGIONES.comment,
    schema=REGIONES.schema,
    table_properties=properties("silver", "data-engineers"),
)
@dlt.expect_all_or_drop(REGIONES.conditions("drop"))
@dlt.expect_all_or_fail(REGIONES.conditions("fail"))
def regiones() -> DataFrame:
    return spark.createDataFrame(regions(), REGIONES.schema)
