"""One table of each layer, read as a member of each group: who should be let in is, and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors.base import DatabricksError

from deploy.api import Api
from deploy.facts import Facts
from weir.bundle.governed import governance_of
from weir.bundle.located_yaml import LocatedValue
from weir.model.problems import Problem, WeirError

HINT = "python -m deploy drift tells which grants were changed"
DENIED = ("PERMISSION", "DENIED", "NOT AUTHORIZED", "UNAUTHORIZED")


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one SELECT.

    Attributes:
        allowed: Should it be answered, by the grants of the bundle?
        answer: `read`, `refused`, or what went wrong.
    """

    table: str
    reader: str
    allowed: bool
    answer: str

    @property
    def good(self) -> bool:
        """Is it as the grants say?"""
        return self.answer == ("read" if self.allowed else "refused")


def readings(api: Api, facts: Facts, settings: LocatedValue) -> Iterator[Reading]:
    """Read the tables as whoever deploys, and as each group of which a member's token is known."""
    governance, catalog = governance_of(facts.bundle), facts.bundle.variables.get("catalog", "")
    tables = [f"{catalog}.{facts.bundle.text(t)}" for t in settings.get("smoke").items_of("tables")]
    readers = [(facts.user, True, api)]
    for group, node in settings.get("smoke", "tokens").mapping().items():
        if token := os.environ.get(facts.bundle.text(node)):
            client = WorkspaceClient(host=api.client.config.host, token=token, auth_type="pat")
            readers.append((group, False, Api(client, api.warehouse)))
    for name, everything, reader in readers:
        for table in tables:
            allowed = everything or not governance.lacks(name, table)
            yield Reading(table, name, allowed, _answer(reader, table))


def _answer(reader: Api, table: str) -> str:
    name = ".".join(f"`{part}`" for part in table.split("."))
    try:
        reader.rows(f"SELECT * FROM {name} LIMIT 1")
    except (WeirError, DatabricksError) as error:
        text = str(error)
        return "refused" if any(word in text.upper() for word in DENIED) else text.splitlines()[0]
    return "read"


def wrong(read: Iterator[Reading]) -> Iterator[Problem]:
    """A problem for each that is not as the grants say."""
    for one in read:
        if not one.good:
            should = "should be read" if one.allowed else "should be refused"
            text = f"`{one.table}` {should} for {one.reader}: {one.answer}."
            yield Problem(
                "SMOKE_TEST_FAILED", text, hint="python -m deploy drift tells which grants were changed"
            )
