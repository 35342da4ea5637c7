"""Calls for help by province: how many are open, and which share of them ends in an adoption."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties


@dlt.table(
    name="ms_rescate_gold.casos_por_region",
    comment="Casos abiertos y adopciones por provincia; NULL si se perdió el evento que la informaba",
    schema=described(
        "provincia STRING, llamadas BIGINT, abiertas BIGINT, adoptadas BIGINT, proporcion_adoptadas DOUBLE"
    ),
    table_properties=properties("gold", "data-analysts", zorder=("provincia",))
    | measures(llamadas="sum", abiertas="sum", adoptadas="sum"),
)
@dlt.expect_all_or_fail(rules("casos_por_region", "fail"))
def casos_por_region() -> DataFrame:
    return spark.sql("""
        SELECT
            l.provincia,
            count(*) AS llamadas,
            count_if(l.estado <> 'cerrada') AS abiertas,
            count(r.adoptado) AS adoptadas,
            count(r.adoptado) / count(*) AS proporcion_adoptadas
        FROM ms_rescate_silver.llamadas l
        LEFT JOIN ms_rescate_silver.rescates r ON l.llamada_id = r.llamada_id
        GROUP BY ALL
    """)
