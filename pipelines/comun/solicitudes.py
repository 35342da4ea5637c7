"""What the requests of both modules share: how a record is taken in, and how it is read."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from expectations.schemas import whole
from pipelines.comun.sources import RAW_SCHEMA, stream

# Two versions of what is told of an animal: the first names it at the top, the second below `animal`.
ANIMAL = """
    schema_version INT, especie STRING, estado STRING, urgencia STRING, rescate_id STRING,
    animal STRUCT<especie: STRING, estado: STRING>
"""


def raw_schema(person: str) -> str:
    """The columns of `solicitudes_raw`, where `person` names who asks."""
    return f"""
        solicitud_id STRING, {person} STRING, animal_data STRING, ubicacion_gps STRING, timestamp TIMESTAMP,
        modulo STRING, {RAW_SCHEMA}, fecha DATE GENERATED ALWAYS AS (CAST(timestamp AS DATE))
    """


def raw(module: str, person: str) -> DataFrame:
    """The requests of a module as they came."""
    message = f"solicitud_id STRING, {person} STRING, animal_data STRING, ubicacion_gps STRING"
    records = stream(f"solicitudes/{module}", person)
    return records.withColumn("sent", F.expr(whole(f"{message}, timestamp STRING"))).select(
        "sent.solicitud_id",
        f"sent.{person}",
        "sent.animal_data",
        "sent.ubicacion_gps",
        F.expr("try_cast(sent.timestamp AS TIMESTAMP)").alias("timestamp"),
        F.lit(module).alias("modulo"),
        *records.columns,
    )


def read(requests: DataFrame, regions: DataFrame) -> DataFrame:
    """Requests with what is told of the animal and with the nearest canton to their place."""
    located = requests.select(
        "*",
        upcast(F.from_json("animal_data", ANIMAL)).alias("told"),
        F.expr("try_cast(get(split(ubicacion_gps, ','), 0) AS DOUBLE)").alias("latitud"),
        F.expr("try_cast(get(split(ubicacion_gps, ','), 1) AS DOUBLE)").alias("longitud"),
    )
    places = F.collect_list(F.struct("provincia", "canton", "latitud", "longitud"))
    placed = located.crossJoin(F.broadcast(regions.agg(places.alias("cantons"))))
    return placed.withColumn("nearest", _nearest()).select(
        "*", "told.*", "nearest.provincia", "nearest.canton"
    )


def upcast(animal: Column) -> Column:
    """What is told of an animal as the newest version has it, whichever version it came in."""
    first = F.coalesce(animal["schema_version"], F.lit(1)) == 1
    newest = F.when(first, F.struct(animal["especie"], animal["estado"])).otherwise(animal["animal"])
    return F.struct(
        newest["especie"].alias("especie"),
        newest["estado"].alias("estado"),
        animal["urgencia"].alias("urgencia"),
        animal["rescate_id"].alias("rescate_id"),
    )


def _nearest() -> Column:
    """On a country of this size a degree is a degree."""
    return F.expr("""
        CASE WHEN latitud + longitud IS NOT NULL THEN
            array_min(transform(cantons, c -> struct(
                pow(c.latitud - latitud, 2) + pow(c.longitud - longitud, 2) AS distance, c.provincia, c.canton
            )))
        END
    """)
