"""How many animals were reported by day, province and species, and how many of them in a hurry."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day


@dlt.table(
    name="rescate_gold.solicitudes_por_region",
    comment="Solicitudes de rescate por día, provincia y especie",
    schema=described("fecha DATE, provincia STRING, especie STRING, solicitudes BIGINT, urgentes BIGINT"),
    table_properties=properties("gold", "data-analysts", kept_by="fecha", zorder=("fecha", "provincia"))
    | measures(solicitudes="sum", urgentes="sum"),
)
@dlt.expect_all_or_fail(rules("solicitudes_por_region", "fail"))
def solicitudes_por_region() -> DataFrame:
    return spark.sql(f"""
        SELECT
            {day("timestamp")} AS fecha,
            provincia,
            especie,
            count(*) AS solicitudes,
            count_if(urgencia = 'alta') AS urgentes
        FROM rescate_gold.hechos_de_rescate
        GROUP BY ALL
    """)
