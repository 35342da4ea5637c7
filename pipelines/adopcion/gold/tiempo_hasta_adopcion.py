"""How long an animal waits from the request for its rescue to the request for its adoption, by day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import measures, properties
from pipelines.comun.days import day


@dlt.table(
    name="adopcion_gold.tiempo_hasta_adopcion",
    comment="Horas desde la solicitud de rescate hasta la de adopción, por día y especie",
    schema=described(
        "fecha DATE, especie STRING, solicitudes BIGINT, sin_rescate BIGINT, horas_promedio DOUBLE"
    ),
    table_properties=properties("gold", "data-analysts", kept_by="fecha", zorder=("fecha",))
    | measures(solicitudes="sum", sin_rescate="sum"),
)
@dlt.expect_all_or_fail(rules("tiempo_hasta_adopcion", "fail"))
@dlt.expect_all(rules("tiempo_hasta_adopcion", "warn"))
def tiempo_hasta_adopcion() -> DataFrame:
    rescues = spark.read.table("adopcion_gold.rescates_pedidos")
    requests = spark.read.table("adopcion_gold.hechos_de_adopcion").join(rescues, "rescate_id", "left")
    return requests.groupBy(F.expr(day("timestamp")).alias("fecha"), "especie").agg(
        F.count("*").alias("solicitudes"),
        F.count_if(F.col("rescatado").isNull()).alias("sin_rescate"),
        F.avg(F.expr("timestampdiff(HOUR, rescatado, timestamp)")).alias("horas_promedio"),
    )
