"""The workspace's REST API through Databricks' SDK: reading may be repeated, writing never is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import InternalError, NotFound
from databricks.sdk.errors.base import DatabricksError
from databricks.sdk.service.sql import StatementState

from deploy.values import Json
from weir.model.problems import Problem, WeirError

READS = 3  # how often a read is tried: a repeated read changes nothing


def silent(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Api:
    """A workspace.

    Attributes:
        warehouse: Id of the SQL warehouse through which statements run.
        say: Told what takes a while.
    """

    client: WorkspaceClient
    warehouse: str = ""
    say: Callable[[str], None] = field(default=silent, repr=False)

    def get(self, path: str, /, **query: Any) -> Json | None:
        """What a path shows; None where there is nothing.

        Raises:
            DatabricksError: The workspace refuses, or fails again and again.
        """
        return self.read(lambda: self.client.api_client.do("GET", path, query=query))

    def read(self, call: Callable[[], Any]) -> Any:
        """The answer of a call that only reads; None where there is nothing."""
        for last in (*[False] * (READS - 1), True):
            try:
                return call()
            except NotFound:
                return None
            except InternalError:
                if last:
                    raise
        return None

    def pages(self, path: str, key: str, /, **query: Any) -> Iterator[Json]:
        """Each element of a list that comes in pages."""
        token: Mapping[str, Any] = {}
        while True:
            answer = self.get(path, **query, **token) or {}
            yield from answer.get(key, [])
            if not answer.get("next_page_token"):
                return
            token = {"page_token": answer["next_page_token"]}

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, /, **query: Any) -> Json:
        """Change something, once.

        Raises:
            DatabricksError: The workspace refuses, or its answer was lost.
        """
        answer = self.client.api_client.do(method, path, query=query, body=dict(body) if body else None)
        return answer if isinstance(answer, dict) else {}

    def remove(self, call: Callable[[], Any]) -> None:
        """Delete something; what is not there any more is deleted."""
        try:
            call()
        except NotFound:
            return

    def rows(self, statement: str, catalog: str | None = None) -> list[list[str]]:
        """Execute a statement, and give its rows.

        Raises:
            WeirError: The workspace refuses the statement.
        """
        api = self.client.statement_execution
        answer = api.execute_statement(statement, self.warehouse, catalog=catalog)
        while answer.status and answer.status.state in {StatementState.PENDING, StatementState.RUNNING}:
            answer = api.get_statement(answer.statement_id or "")
        if answer.status and answer.status.error:
            first = " ".join(statement.split()[:4])
            text = f"The warehouse refuses `{first} ...`: {answer.status.error.message}"
            raise WeirError(Problem("STATEMENT_FAILED", text))
        return (answer.result and answer.result.data_array) or []


def in_words(error: DatabricksError) -> str:
    """The message of the workspace, without what the SDK appends of its configuration."""
    return str(error).partition(" Config:")[0]
