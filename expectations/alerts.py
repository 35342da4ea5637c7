"""Whom is told what of the health of tables: alerts as data.

Each is a rule on the rows of `table_health`, so that what breaks it stands in the event of the update
that found it, where an event hook hears of it.
"""

from dataclasses import dataclass

from expectations.health import TABLES


@dataclass(frozen=True)
class Alert:
    """What is told of some tables, and to whom.

    Attributes:
        condition: SQL on a row of `table_health`; true is an incident, NULL is not.
        notification: `slack://CHANNEL` or `email://ADDRESS`.
        text: What is wrong with a table of which the condition is true.
    """

    name: str
    tables: tuple[str, ...]
    condition: str
    notification: str
    text: str

    def rule(self, table: str) -> str:
        """The name of the rule that is broken while a table has the incident."""
        return f"{self.name} {table}"

    def rules(self) -> dict[str, str]:
        """Name -> SQL condition, as `dlt.expect_all` takes them: one for each table."""
        fine = f"NOT coalesce({self.condition}, false)"
        return {self.rule(table): f"table_name <> '{table}' OR {fine}" for table in self.tables}


# Those that tell when a record came. What is computed from them is as old as they are.
FED = (
    "altrupets_silver.events",
    "altrupets_silver.events_enriched",
    "rescate_silver.solicitudes",
    "adopcion_silver.solicitudes",
)

ALERTS = (
    Alert(
        "data_freshness",
        FED,
        "hours_since_update > 2",
        "slack://altrupets-data-team",
        "sin datos nuevos desde hace más de 2 horas",
    ),
    Alert(
        "data_completeness",
        tuple(watched.table for watched in TABLES),
        "completeness_percentage < 95",
        "email://data-team@altrupets.org",
        "completa en menos del 95 %",
    ),
)
