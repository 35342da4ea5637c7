"""Calls for help by day and province: how many, how many called off, how long until somebody goes."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day


@dlt.table(
    name="ms_auxilio_gold.llamadas_por_region",
    comment="Llamadas de auxilio por día y provincia",
    schema=described(
        "fecha DATE, provincia STRING, llamadas BIGINT, canceladas BIGINT, minutos_hasta_asignar DOUBLE"
    ),
    table_properties=properties("gold", "data-analysts", kept_by="fecha", zorder=("fecha", "provincia"))
    | measures(llamadas="sum", canceladas="sum"),
)
@dlt.expect_all_or_fail(rules("llamadas_por_region", "fail"))
def llamadas_por_region() -> DataFrame:
    return spark.sql(f"""
        SELECT
            {day("recibida")} AS fecha,
            provincia,
            count(*) AS llamadas,
            count_if(resultado = 'cancelada') AS canceladas,
            avg(timestampdiff(MINUTE, recibida, asignada)) AS minutos_hasta_asignar
        FROM ms_auxilio_silver.llamadas
        WHERE provincia IS NOT NULL
        GROUP BY ALL
    """)
