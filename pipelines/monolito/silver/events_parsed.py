"""What silver accepts. The rules stand before the deduplication: every record sent counts."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules


@dlt.view(comment="Eventos que cumplen las reglas, también los repetidos")
@dlt.expect_all_or_drop(rules("events_parsed", "drop"))
@dlt.expect_all(rules("events_parsed", "warn"))
def events_parsed() -> DataFrame:
    return spark.readStream.table("events_read")
