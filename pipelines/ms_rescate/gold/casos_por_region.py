"""Calls for help by province: how many are open, and which share of them ends in an adoption."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.layers import properties


@dlt.table(
    name="ms_rescate_gold.casos_por_region",
    comment="Open cases and adoptions by province; NULL where the event that told it was lost",
    table_properties=properties("gold", "data-analysts", zorder=("provincia",)),
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
