"""How long it takes from a call for help to the animal's rescue, by day and province."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day


@dlt.table(
    name="ms_rescate_gold.tiempo_de_rescate",
    comment="Minutos desde la llamada de auxilio hasta el rescate, por día y provincia",
    schema=described("fecha DATE, provincia STRING, rescates BIGINT, minutos_promedio DOUBLE"),
    table_properties=properties("gold", "data-analysts", kept_by="fecha", zorder=("fecha", "provincia"))
    | measures(rescates="sum"),
)
@dlt.expect_all_or_fail(rules("tiempo_de_rescate", "fail"))
def tiempo_de_rescate() -> DataFrame:
    return spark.sql(f"""
        SELECT
            {day("l.recibida")} AS fecha,
            l.provincia,
            count(*) AS rescates,
            avg(timestampdiff(MINUTE, l.recibida, r.recogido)) AS minutos_promedio
        FROM ms_rescate_silver.rescates r
        JOIN ms_rescate_silver.llamadas l ON r.llamada_id = l.llamada_id
        WHERE l.recibida IS NOT NULL AND r.recogido IS NOT NULL
        GROUP BY ALL
    """)
