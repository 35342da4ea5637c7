"""Each event of a rescue as a change of the rescue: what it does not tell is NULL."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

import dlt
from pipelines.comun.event_store import state, told, when

STATES = {
    "rescate_iniciado": "iniciado",
    "animal_recogido": "recogido",
    "animal_en_refugio": "en_refugio",
    "animal_adoptado": "adoptado",
}


@dlt.view(comment="Eventos de los rescates, como cambios")
def rescates_cambios() -> DataFrame:
    return spark.readStream.table("eventos_validos").select(
        F.col("aggregate_id").alias("rescate_id"),
        told("llamada_id").alias("llamada_id"),
        state(STATES).alias("estado"),
        told("rescatista_id").alias("rescatista_id"),
        told("refugio").alias("refugio"),
        told("adoptante_id").alias("adoptante_id"),
        *(when(event_type).alias(column) for event_type, column in STATES.items()),
        "version",
    )
