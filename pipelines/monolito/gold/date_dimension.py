"""The calendar of the star: every day of the years that have events."""

from pyspark.sql import DataFrame

import dlt
from expectations import rules
from expectations.comments import described
from expectations.layers import properties
from pipelines.comun.days import day


@dlt.table(
    name="altrupets_gold.date_dimension",
    comment="El calendario: cada día de los años que tienen eventos",
    schema=described("""
        date_key INT,
        date DATE,
        year INT,
        quarter INT,
        month INT,
        month_name STRING,
        day_name STRING
    """),
    table_properties=properties("gold", "data-analysts", kept_by="date"),
)
@dlt.expect_all_or_fail(rules("date_dimension", "fail"))
def date_dimension() -> DataFrame:
    return spark.sql(f"""
        WITH years AS (
            SELECT
                trunc(min({day("event_timestamp")}), 'YEAR') AS first,
                date_sub(add_months(trunc(max({day("event_timestamp")}), 'YEAR'), 12), 1) AS last
            FROM altrupets_gold.event_facts
        ),
        days AS (SELECT explode(sequence(first, last)) AS date FROM years)
        SELECT
            CAST(date_format(date, 'yyyyMMdd') AS INT) AS date_key,
            date,
            year(date) AS year,
            quarter(date) AS quarter,
            month(date) AS month,
            element_at(
                array('enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio', 'julio', 'agosto', 'septiembre',
                    'octubre', 'noviembre', 'diciembre'),
                month(date)
            ) AS month_name,
            element_at(
                array('lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado', 'domingo'),
                weekday(date) + 1
            ) AS day_name
        FROM days
    """)
