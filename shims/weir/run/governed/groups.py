"""A session in which a group sees what its grants, masks and row filters let it see."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from weir.bundle.functions import create_temporary, temporary_name
from weir.define.sql.resolution import StandIn
from weir.model.governance import FunctionCall, Governance, Protection, problems_of, protection_from
from weir.model.names import BadNameError, TableName, fold, join, quoted, split, text_literal
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest, unsupported
from weir.run.code.functions import know_functions
from weir.run.frames import schemas
from weir.run.frames.below import is_remote
from weir.run.governed.fence import (
    check_names,
    check_plan,
    check_statement,
    cut_off,
    has_view,
    no_file,
    refused,
)
from weir.run.governed.group_frame import GroupFrame, checked
from weir.run.governed.group_sql import TEMP_VIEW, TRAVEL, rewritten, with_clauses
from weir.run.lake.storage import Storage, TableState

MEMBER = ("is_account_group_member", "is_member")
AS_OF = re.compile(r"(.*)@v(\d+)", re.DOTALL)


class GroupSession:
    """Queries as a group: `sql`, `table` and `read.table`, by name alone."""

    def __init__(self, session: SparkSession, storage: Storage, governance: Governance, group: str) -> None:
        self._session = session
        self._storage = storage
        self._governance = governance
        self._group = group
        self._views: dict[tuple[str, int, tuple[str, ...]], str] = {}
        self._rdds: dict[int, Any] = {}

    def sql(self, text: str) -> GroupFrame:
        """The rows of a query, or a temporary view over one.

        Raises:
            WeirError: It is no query, or reads what the group may not.
        """
        view = TEMP_VIEW.fullmatch(text.strip().rstrip(";"))
        if view:
            self.sql(view[3]).createOrReplaceTempView(view[1] or view[2])
            return self.sql("SELECT 1 WHERE FALSE")
        text = with_clauses(text)
        check_statement(self._session, text)
        text = rewritten(text, self._stand_in)
        check_names(self._session, text)
        return self._checked(self._session.sql(text))

    def table(self, name: str) -> GroupFrame:
        """A table by its name, or as it was: `name@v3`.

        Raises:
            WeirError: The group may not select from it, or there is none.
        """
        match = AS_OF.fullmatch(name)
        return self._read(*(match[1], {"versionAsOf": match[2]}) if match else (name, {}))

    @property
    def read(self) -> GroupReader:
        """A reader of tables."""
        return GroupReader(self._read, {})

    def close(self) -> None:
        """Let go of the rows that were kept, and answer nothing more."""
        for rdd in self._rdds.values():
            rdd.unpersist(False)
        self._rdds.clear()
        self._views.clear()
        self._governance = Governance()  # without a grant

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name) if name.startswith("_") else refused(f"`{name}`")

    def _read(self, name: str, options: Mapping[str, str]) -> GroupFrame:
        return self._checked(self._session.table(self._view_of(name, options)))

    def _checked(self, frame: DataFrame) -> GroupFrame:
        return checked(frame, self._check)

    def _check(self, frame: DataFrame) -> None:
        check_plan(frame, frozenset(self._rdds))

    def _stand_in(self, name: str, options: Mapping[str, str]) -> StandIn:
        """What stands for a name in a text."""
        parts, view = self._parts(name), self._view_of(name, options)
        own = view == quoted(parts[0])
        table = parts if own else TableName.parse(self._granted(parts)).parts
        return StandIn(None if own else view, table, lambda: self._session.table(view).columns)

    def _view_of(self, name: str, options: Mapping[str, str]) -> str:
        """The temporary view that stands for a name: the user's own, or a governed table."""
        parts = self._parts(name)
        if len(parts) == 1 and not options and has_view(self._session, parts[0]):
            return quoted(parts[0])
        table = self._granted(parts)
        state = self._storage.state(table)
        if state is None:
            raise _not_found(join(parts), ())
        key = (table, state.version, tuple(v for pair in sorted(options.items()) for v in pair))
        known = self._views.get(key)
        if known is None:
            known = self._views[key] = f"__weir_{uuid.uuid4().hex}"
            frame, rdd = cut_off(self._governed(table, state, options))
            self._rdds[rdd.id()] = rdd
            frame.createOrReplaceTempView(known)
        return known

    def _parts(self, name: str) -> tuple[str, ...]:
        try:
            return tuple(map(fold, split(name)))
        except BadNameError as error:
            raise no_file(name) from error

    def _granted(self, parts: tuple[str, ...]) -> str:
        """The one table that ends like this name, if the group may select from it."""
        tables = {t: TableName.parse(t).parts for t in self._storage.tables()}
        hits = [t for t, known in tables.items() if known[-len(parts) :] == parts and self._published(t)]
        if len(hits) != 1:
            raise _not_found(join(parts), hits or [t for t in tables if self._readable(t)])
        lacks = self._governance.lacks(self._group, hits[0])
        if lacks:
            text = f"`{self._group}` has no {' and no '.join(sorted(lacks))} on the schema of `{hits[0]}`."
            hint = "grant it in the bundle, under resources.schemas"
            raise WeirError(Problem("INSUFFICIENT_PERMISSIONS", text, hint=hint))
        return hits[0]

    def _published(self, table: str) -> bool:
        state = self._storage.state(table)
        return state is not None and not protection_from(state.properties).private

    def _readable(self, table: str) -> bool:
        return self._published(table) and not self._governance.lacks(self._group, table)

    def _governed(self, table: str, state: TableState, options: Mapping[str, str]) -> DataFrame:
        protection, path = protection_from(state.properties), self._storage.table(table)
        functions = self._governance.functions or {}
        problems = tuple(problems_of(table, protection, functions, Origin(str(path), 1)))
        if problems:
            raise WeirError(*problems)
        raw = self._session.read.format("delta").options(**(options or {"versionAsOf": str(state.version)}))
        frame = raw.load(str(path))
        if options and protection.calls:
            _same_columns(table, frame, state)
        shown = frame.where(_called(protection.row_filter)) if protection.row_filter else frame
        return shown.select(*_columns(frame, protection))


class GroupReader:
    """A reader of tables by name, with time travel as its options."""

    def __init__(self, read: Any, options: Mapping[str, str]) -> None:
        self._read = read
        self._options = options

    def option(self, key: str, value: Any) -> GroupReader:
        """Set an option: `versionAsOf` or `timestampAsOf`.

        Raises:
            WeirError: It is another one.
        """
        known = TRAVEL.get(key.lower())
        if known is None:
            raise refused(f"The reader's option `{key}`")
        return GroupReader(self._read, {**self._options, known: str(value)})

    def options(self, **options: Any) -> GroupReader:
        """Set several.

        Raises:
            WeirError: One is not known.
        """
        reader = self
        for key, value in options.items():
            reader = reader.option(key, value)
        return reader

    def table(self, name: str) -> GroupFrame:
        """A table by its name.

        Raises:
            WeirError: The group may not select from it, or there is none.
        """
        return self._read(name, self._options)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name) if name.startswith("_") else no_file(f"`read.{name}`")


def _called(call: FunctionCall) -> str:
    return f"{temporary_name(call.function)}({', '.join(call.arguments)})"


def _columns(frame: DataFrame, protection: Protection) -> Iterator[Any]:
    masks = {fold(column): call for column, call in protection.masks.items()}
    for field in frame.schema.fields:
        call = masks.get(fold(field.name))
        shown = F.expr(_called(call)).cast(field.dataType) if call else F.col(quoted(field.name))
        yield shown.alias(field.name)


def _same_columns(table: str, frame: DataFrame, state: TableState) -> None:
    """A column that the table no longer has may be what a mask hides under its new name."""
    now = {fold(name) for name in schemas.from_json(state.schema_json).fieldNames()}
    gone = [name for name in frame.columns if fold(name) not in now]
    if gone:
        raise unsupported(
            f"`{table}` at a version with columns that it no longer has ({', '.join(gone)}), for a group,",
            "read a version with today's columns: nothing says who may see the others",
        )


def _not_found(name: str, known: Any) -> WeirError:
    names = list(known)
    hint = closest(name, names) or f"available: {', '.join(names) or 'none'}"
    return WeirError(
        Problem("TABLE_OR_VIEW_NOT_FOUND", f"`{name}` is not one table of the storage.", hint=hint)
    )


@contextmanager
def group_session(
    session: SparkSession,
    storage: Storage,
    governance: Governance,
    group: str,
    user: str,
    memberships: tuple[str, ...] | None = None,
) -> Iterator[GroupSession]:
    """A session for a member of a group, beside the owner's; what it kept is let go at the end.

    Args:
        memberships: The groups of which `is_account_group_member` is true; the group alone if None.

    Raises:
        WeirError: There is no such group, or Spark runs elsewhere.
    """
    if is_remote(session):
        raise unsupported("A group's session over Spark Connect", "run it in process: leave out --remote")
    name = governance.member_of(group)
    own = session.newSession()
    know_functions(own)
    # `${system:...}` would put into a text what the checks of the text did not see.
    own.conf.set("spark.sql.variable.substitute", "false")
    given = ", ".join(map(text_literal, (name,) if memberships is None else memberships))
    is_one = f"g IN ({given})" if given else "FALSE"
    for function in MEMBER:
        own.sql(f"CREATE TEMPORARY FUNCTION {function}(g STRING) RETURNS BOOLEAN RETURN {is_one}")
    for function in (known := governance.functions or {}).values():
        try:
            own.sql(create_temporary(function, known, user))
        except PySparkException as error:
            text = f"`{function.name}` can't be made: {str(error).splitlines()[0]}"
            condition = error.getCondition() or "INVALID_SQL_FUNCTION"
            raise WeirError(Problem(condition, text, function.origin)) from error
    opened = GroupSession(own, storage, governance, name)
    try:
        yield opened
    finally:
        opened.close()
