"""Each event of a call for help as a change of the call: what it does not tell is NULL."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from pipelines.comun.event_store import state, told, when

STATES = {"llamada_recibida": "recibida", "llamada_asignada": "asignada", "llamada_cerrada": "cerrada"}


@dlt.view(comment="Eventos de las llamadas de auxilio, como cambios")
def llamadas_cambios() -> DataFrame:
    return spark.readStream.table("eventos_validos").select(
        F.col("aggregate_id").alias("llamada_id"),
        state(STATES).alias("estado"),
        # The newer version of what is told says where below `ubicacion`.
        F.coalesce(told("ubicacion.provincia"), told("provincia")).alias("provincia"),
        told("especie").alias("especie"),
        told("rescatista_id").alias("rescatista_id"),
        told("resultado").alias("resultado"),
        when("llamada_recibida").alias("recibida"),
        when("llamada_asignada").alias("asignada"),
        when("llamada_cerrada").alias("cerrada"),
        "version",
    )
