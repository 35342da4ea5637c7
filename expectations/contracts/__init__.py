"""Data contracts: what a table promises to other pipelines, as YAML of the Open Data Contract Standard.

The pipeline that publishes a table takes schema and rules from its contract; one that reads it names the
version that it was written for:

    LLAMADAS = published("ms_auxilio_silver.llamadas")
    spark.read.table(reads("ms_auxilio_silver.llamadas", "1.0.0"))

`weir contracts check` compares contracts with what was released, with the tables and with their readers.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from open_data_contract_standard.model import (
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)

from expectations.comments import COMMENTS
from expectations.rule import Action, Rule

FOLDER = Path(__file__).parent


class ContractError(ValueError):
    """A table has no such contract, or not the version that a reader was written for."""


@dataclass(frozen=True)
class Contract:
    """What a published table is.

    `schema` is DDL, `rules` what each of its rows satisfies.
    """

    table: str
    version: str
    comment: str
    owner: str
    schema: str
    columns: tuple[str, ...]
    rules: tuple[Rule, ...]

    def conditions(self, action: Action) -> dict[str, str]:
        """Name -> SQL condition of the rules with an action, as `dlt.expect_all` and its kin take them."""
        return {rule.name: rule.condition for rule in self.rules if rule.action == action}


@cache
def published(table: str) -> Contract:
    """The contract of a table.

    Raises:
        ContractError: There is none.
    """
    file = FOLDER / f"{table}.yaml"
    if not file.exists():
        raise ContractError(f"{table} has no contract: {file.name} is not there")
    found = OpenDataContractStandard.from_string(file.read_text(encoding="utf-8"))
    (promised,) = found.schema_ or [SchemaObject()]
    columns = promised.properties or []
    return Contract(
        table,
        str(found.version),
        promised.description or "",
        str(getattr(found.team, "name", "")),
        ", ".join(map(_column, columns)),
        tuple(str(c.name) for c in columns),
        (*(rule for c in columns for rule in _rules(table, c)), *_quality(table, promised.quality)),
    )


def reads(table: str, version: str) -> str:
    """The name of a table of another pipeline, if it still keeps to the version that this was written for.

    Raises:
        ContractError: It has no contract, or a version that breaks this reader.
    """
    current = published(table).version
    wanted, now = _numbers(version), _numbers(current)
    if wanted[0] != now[0] or wanted > now:
        raise ContractError(f"{table} is at version {current} of its contract; this reads version {version}")
    return table


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _column(column: SchemaProperty) -> str:
    text = (column.description or COMMENTS[str(column.name)]).replace("'", "\\'")
    return f"{column.name} {column.physicalType} COMMENT '{text}'"


def _rules(table: str, column: SchemaProperty) -> list[Rule]:
    found = []
    if column.required:
        found.append(Rule(table, "drop", f"{column.name}_present", f"{column.name} IS NOT NULL"))
    if column.enum:
        values = ", ".join(f"'{one.value}'" for one in column.enum)
        found.append(Rule(table, "drop", f"{column.name}_known", f"{column.name} IN ({values})"))
    return [*found, *_quality(table, column.quality)]


def _quality(table: str, quality: list[DataQuality] | None) -> list[Rule]:
    """Conditions on a row, under the engine `dlt`; severity: what happens to a row that breaks one."""
    return [
        Rule(table, _action(one.severity), str(one.name), str(one.implementation))
        for one in quality or ()
        if (one.type, one.engine) == ("custom", "dlt")
    ]


def _action(severity: str | None) -> Action:
    return "warn" if severity == "warn" else "fail" if severity == "fail" else "drop"
