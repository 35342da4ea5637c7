"""Queries as the caller: what the grants, masks and row filters of the workspace let it see."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError

from weir.bundle.functions import read_functions
from weir.model.governance import Governance
from weir.model.problems import WeirError
from weir.run.governed.groups import group_session
from weir.run.machine.session import own_session
from weir.workspace.calls import denied, wrong
from weir.workspace.commands import Context
from weir.workspace.grants import lacking
from weir.workspace.sources import functions_text
from weir.workspace.tables import found_table
from weir.workspace.world import World

_MEMBER = re.compile(
    r"\s*SELECT\s+(?:is_account_group_member|is_member)\s*\(\s*'([^']*)'\s*\)(?:\s+AS\s+(\w+))?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a query: columns with their SQL types, and texts as the API gives them."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[str | None]]


@dataclass(frozen=True)
class _Caller(Governance):
    """What one caller may select, by the grants of the workspace."""

    world: Any = None
    user: str = ""

    def member_of(self, group: str) -> str:
        """The caller itself."""
        return group

    def lacks(self, group: str, table: str) -> frozenset[str]:
        """The privileges that it would need, with where."""
        del group
        return (
            frozenset()
            if self.world.is_admin(self.user)
            else frozenset(lacking(self.world, self.user, table))
        )


def rows_of(world: World, text: str, context: Context) -> Rows:
    """The rows that a caller gets.

    Raises:
        ApiError: It may not select from a table, or the query is wrong.
    """
    member = _MEMBER.fullmatch(text)
    groups = [g["displayName"] for g in world.groups_of(context.user)]
    if member:
        value = str(member[1] in groups).lower()
        return Rows([(member[2] or f"is_account_group_member({member[1]})", "BOOLEAN")], [[value]])
    if world.recorded is not None:
        return _no_rows(world, text, context)
    return _of_spark(world, text, context, groups)


def _no_rows(world: World, text: str, context: Context) -> Rows:
    """Where nothing runs, tables have no rows; who may ask is checked all the same."""
    try:
        tables = list(sqlglot.parse_one(text, read="databricks").find_all(exp.Table))
    except ParseError as error:
        raise wrong(f"[PARSE_SYNTAX_ERROR] {error}", "BAD_REQUEST") from error
    columns: list[tuple[str, str]] = []
    for table in tables:
        name = ".".join(p for p in (table.catalog or context.catalog, table.db or context.schema, table.name))
        info = found_table(world, name)
        lacks = [] if world.is_admin(context.user) else lacking(world, context.user, info["full_name"])
        if lacks:
            raise denied(f"[INSUFFICIENT_PERMISSIONS] User does not have {', '.join(lacks)}.")
        columns += [(c["name"], c["type_text"].upper()) for c in info["columns"]]
    return Rows(columns, [])


def _of_spark(world: World, text: str, context: Context, groups: list[str]) -> Rows:
    with world.spark_lock:
        if world.session is None:
            world.session = own_session(world.storage.log("workspace"))
    file = world.folder / "functions.sql"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(functions_text(world), encoding="utf-8")
    try:
        functions = {f.name: f for f in read_functions(file, {})}
        caller = _Caller((), functions, frozenset(), world, context.user)
        name = context.user
        with group_session(world.session, world.storage, caller, name, name, tuple(groups)) as session:
            frame = session.sql(text)
            table = frame.toArrow()
            types = [t for _, t in frame.dtypes]
    except WeirError as error:
        problem = error.problems[0]
        raise wrong(f"[{problem.condition}] {problem.message}", "BAD_REQUEST") from error
    names = zip(table.column_names, (t.upper() for t in types), strict=True)
    return Rows(list(names), [[_text(v) for v in row.values()] for row in table.to_pylist()])


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, (dict, list)):
        return json.dumps(value, default=_text, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else str(value)
