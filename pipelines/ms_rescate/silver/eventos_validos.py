"""The events that say what they must: the state below is folded from these."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules


@dlt.view(comment="Eventos que cumplen las reglas, algunos repetidos")
@dlt.expect_all_or_drop(rules("eventos_rescate", "drop"))
def eventos_validos() -> DataFrame:
    # Retention deletes from the event store: such commits hold nothing to read.
    store = spark.readStream.option("skipChangeCommits", "true")
    return store.table("ms_rescate_bronze.eventos_rescate")
