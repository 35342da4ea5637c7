"""Makes of each statement what the decorator that says the same makes: equal values, with places in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from weir.define.api import append_flow, declare_streaming_table, materialized_view, view
from weir.define.changes import apply_changes
from weir.define.checks import rule
from weir.define.handles import Handle
from weir.define.query import NamedColumn, Query, completed
from weir.define.read import QueryFunction
from weir.define.registry import current
from weir.define.sql.source import SqlText
from weir.define.statements.values import (
    ChangeOptions,
    CreateDataset,
    CreateFlow,
    Elements,
    Kind,
    Nothing,
    Parts,
    SetValue,
    Statement,
    Use,
)
from weir.model.definitions import Expectation, PublishedView, QueryFlow
from weir.model.names import join
from weir.model.origin import Origin, at

_NO_ARGUMENTS = frozenset({"collation", "schedule"})  # clauses without effect
_OF_VIEWS = frozenset({"comment"})


@dataclass
class Definitions:
    """Puts the statements of a file into the registry, one after the other.

    Attributes:
        configuration: What SET gave so far (specification §5.3).
        used: What USE said last (§8).
        parameters: Those of the statement that is defined.
    """

    configuration: dict[str, str] = field(default_factory=dict[str, str])
    used: Use = field(default_factory=Use)
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    def define(self, statement: Statement, origin: Origin) -> None:
        """Put what a statement defines into the open registry.

        Raises:
            WeirError: Its parts contradict each other.
        """
        match statement:
            case CreateDataset():
                self._dataset(statement, origin)
            case CreateFlow():
                self._flow(statement, origin)
            case SetValue(key, value):
                self.configuration[key] = value
            case Use():
                self.used = Use(statement.catalog or self.used.catalog, statement.schema)
            case Nothing():
                pass

    def _dataset(self, created: CreateDataset, origin: Origin) -> None:
        for notice in created.notices:
            current().notices.setdefault(f"{origin}: {notice}", f"{origin}: {notice}")
        match created.kind:
            case Kind.STREAMING_TABLE:
                self._streaming_table(created, origin)
            case Kind.MATERIALIZED_VIEW:
                arguments = self._arguments(created, private=created.private)
                self._decorate(materialized_view, created, origin, arguments)
            case Kind.LIVE_VIEW | Kind.TEMPORARY_VIEW:
                arguments = {"name": join(created.name), **_chosen(created.clauses, _OF_VIEWS)}
                self._decorate(view, created, origin, arguments)
            case Kind.VIEW:
                self._published_view(created, origin)

    def _arguments(self, created: CreateDataset, **more: object) -> dict[str, Any]:
        clauses = {k: v for k, v in created.clauses.items() if k not in _NO_ARGUMENTS}
        return {"name": self._table(created.name), "schema": created.elements.schema, **clauses, **more}

    def _decorate(self, decorator: Any, created: CreateDataset, origin: Origin, arguments: Any) -> None:
        function = Handle(self._query(created.content, created.elements.columns), _rules(created.elements))
        decorate = at(origin, decorator, spark_conf=dict(self.configuration), **arguments)
        at(origin, decorate, function)

    def _streaming_table(self, created: CreateDataset, origin: Origin) -> None:
        arguments = self._arguments(created, private=created.private, rules=_rules(created.elements))
        at(origin, declare_streaming_table, spark_conf=dict(self.configuration), **arguments)
        name = arguments["name"]
        if isinstance(created.content, ChangeOptions):
            self._changes(name, created.content, None, None, origin)
        elif created.content is not None:
            function = self._query(created.content, created.elements.columns)
            self._append(name, name, function, origin, once=created.once)

    def _published_view(self, created: CreateDataset, origin: Origin) -> None:
        name, comment = self._table(created.name), created.clauses.get("comment")
        described = comment if isinstance(comment, str) else None
        current().datasets.append(PublishedView(name, origin, described))
        function = self._query(created.content, created.elements.columns)
        current().flows.append(QueryFlow(name, name, function, origin, dict(self.configuration)))

    def _flow(self, created: CreateFlow, origin: Origin) -> None:
        target = self._table(created.target)
        name = created.name or target
        if isinstance(created.content, ChangeOptions):
            self._changes(target, created.content, created.name, created.comment, origin)
            return
        columns = tuple(NamedColumn(column) for column in created.columns)
        by_place = not created.by_name and not columns
        function = self._query(created.content, columns, into=target if by_place else None)
        self._append(name, target, function, origin, comment=created.comment, once=created.once)

    def _append(
        self, name: str, target: str, function: QueryFunction, origin: Origin, *, comment: str | None = None,
        once: bool = False,
    ) -> None:  # fmt: skip
        conf = dict(self.configuration)
        decorate = at(
            origin, append_flow, name=name, target=target, comment=comment, spark_conf=conf, once=once
        )
        at(origin, decorate, function)

    def _changes(
        self, target: str, options: ChangeOptions, name: str | None, comment: str | None, origin: Origin
    ) -> None:
        arguments = {"keys": None, "sequence_by": None, **options.arguments}
        source = self._streamed(options.source)
        call: Any = apply_changes
        at(origin, call, target, source, flow_name=name, once=options.once, **arguments)
        flows = current().flows
        flows[-1] = replace(flows[-1], comment=comment, spark_conf=dict(self.configuration))

    def _streamed(self, source: Parts | SqlText) -> str | QueryFunction:
        """A source of changes: the name of a stream, or a query over what is written."""
        if isinstance(source, SqlText):
            return self._query(replace(source, text=f"SELECT * FROM {source.text}"))
        if self.used == Use() or len(source) > 2:  # noqa: PLR2004 - a full name
            return join(source)
        return self._query(SqlText(f"SELECT * FROM STREAM({join(source)})", lambda _: None, of_file=True))

    def _query(
        self, content: Any, columns: tuple[NamedColumn, ...] = (), *, into: str | None = None
    ) -> QueryFunction:
        used = self.used
        return QueryFunction(Query(content, columns, into, used.catalog, used.schema, self.parameters))

    def _table(self, parts: Parts) -> str:
        """The name of a table, completed by what USE said."""
        return join(completed(parts, self.used.catalog, self.used.schema))


def _rules(elements: Elements) -> tuple[Expectation, ...]:
    return tuple(rule(c.name, c.condition, c.action, c.origin) for c in elements.constraints)


def _chosen(clauses: Mapping[str, object], keys: frozenset[str]) -> dict[str, object]:
    return {k: v for k, v in clauses.items() if k in keys}
