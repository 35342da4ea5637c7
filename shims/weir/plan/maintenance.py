"""How a table is kept in shape, as data: rows past their time, files laid out anew, files that nobody needs.

What is known of the table comes in as a value, so that the job on Databricks plans by this module, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from weir.model.maintenance import KEPT, KEPT_BY, MANAGED, SOFT_DELETES, VACUUM, WEEK, ZORDER, Period, Policy
from weir.model.names import fold, for_shell, quoted_path, split
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest

TIMES = frozenset({"date", "timestamp", "timestamp_ntz"})


class Task(StrEnum):
    """What a step does, in this order."""

    DELETE = "delete"
    PURGE = "purge"
    OPTIMIZE = "optimize"
    VACUUM = "vacuum"


@dataclass(frozen=True, slots=True)
class StreamReader:
    """A flow that streams from a table.

    Attributes:
        pipeline: Another pipeline that it belongs to.
        unread: The first version with rows that it has not read yet.
        outlives: A delete of rows neither stops it nor makes it read rows again.
    """

    flow: str
    pipeline: str | None = None
    unread: int | None = None
    outlives: bool = True


@dataclass(frozen=True, slots=True)
class MaintainedTable:
    """What is known of a table that exists.

    Attributes:
        at: How SQL names it.
        columns: Name -> type, as Delta's log writes it.
        view: It is a materialized view.
        changes: It is a target of AUTO CDC.
        ordered: The columns by which all its rows are z-ordered.
        promised: Materialized view that is computed from it -> for how long that keeps rows.
    """

    name: str
    at: str
    properties: Mapping[str, str]
    columns: Mapping[str, str]
    partitions: tuple[str, ...] = ()
    clustered: bool = False
    view: bool = False
    changes: bool = False
    ordered: tuple[str, ...] = ()
    promised: Mapping[str, str] = field(default_factory=dict[str, str])
    readers: tuple[StreamReader, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class MaintenanceRequest:
    """What maintenance is asked for.

    Attributes:
        today: Rows are as old as they are on this day.
        forced: The tables whose VACUUM may keep files for less than a week.
    """

    today: dt.date
    forced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MaintenanceStep:
    """One statement.

    Attributes:
        preview: A query for what it would do: the number of rows, or the files one by one.
    """

    task: Task
    statement: str
    preview: str | None = None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What is not done, or not in full, and why."""

    task: Task
    why: str


@dataclass(frozen=True, slots=True)
class Upkeep:
    """All that is done for one table, in order."""

    table: str
    steps: tuple[MaintenanceStep, ...]
    hindrances: tuple[Hindrance, ...]


def plan_upkeep(tables: Iterable[MaintainedTable], request: MaintenanceRequest) -> tuple[Upkeep, ...]:
    """The steps for some tables.

    Raises:
        WeirError: Properties that can't be followed, all of them.
    """
    policies = [(table, Policy.of(table.properties)) for table in tables]
    problems = [p for table, policy in policies for p in _problems(table, policy, request)]
    if problems:
        raise WeirError(*problems)
    return tuple(_upkeep(table, policy, request) for table, policy in policies)


def _upkeep(table: MaintainedTable, policy: Policy, request: MaintenanceRequest) -> Upkeep:
    parts = (*_rows(table, policy, request), *_layout(table, policy), *_files(table, policy))
    steps = tuple(f for f in parts if isinstance(f, MaintenanceStep))
    return Upkeep(table.name, steps, tuple(f for f in parts if isinstance(f, Hindrance)))


def _rows(
    table: MaintainedTable, policy: Policy, request: MaintenanceRequest
) -> Iterator[MaintenanceStep | Hindrance]:
    period = Period.of(policy.kept or "")
    if period is None:
        return
    if table.view:
        yield Hindrance(Task.DELETE, "a materialized view: its rows go when its sources lose theirs")
        return
    promised = {n: p for n, text in table.promised.items() if (p := Period.of(text))}
    keeper = min(promised, key=lambda n: promised[n].before(request.today), default=None)
    first = period.before(request.today)
    if keeper and promised[keeper].before(request.today) < first:
        first = promised[keeper].before(request.today)
        why = f"kept {promised[keeper]} instead of {period}: {keeper} is computed from it"
        yield Hindrance(Task.DELETE, why)
    stopped = [Hindrance(Task.DELETE, _stopped(r)) for r in table.readers if not r.outlives]
    yield from stopped
    if not stopped:
        where = f"{_column(policy.kept_by or '')} < DATE '{first}'"
        count = f"SELECT count(*) FROM {table.at} WHERE {where}"
        yield MaintenanceStep(Task.DELETE, f"DELETE FROM {table.at} WHERE {where}", count)
        if table.properties.get(SOFT_DELETES) == "true":  # such a DELETE leaves the rows in their files
            yield MaintenanceStep(Task.PURGE, f"REORG TABLE {table.at} APPLY (PURGE)")


def _stopped(reader: StreamReader) -> str:
    cure = "let it skip such commits: .option('skipChangeCommits', 'true') on the reader"
    if reader.pipeline is None:
        return f"the flow {reader.flow} streams from it and would fail or read rows again; {cure}"
    return (
        f"the flow {reader.flow} of the pipeline {reader.pipeline} streams from it and may fail; {cure}, "
        f"then pass --skips-changes {for_shell(reader.flow)}"
    )


def _layout(table: MaintainedTable, policy: Policy) -> Iterator[MaintenanceStep | Hindrance]:
    columns = ", ".join(map(_column, policy.zorder))
    if not policy.managed:
        yield Hindrance(Task.OPTIMIZE, f"{MANAGED} is false")
    elif columns and _same(policy.zorder, table.ordered):
        yield Hindrance(Task.OPTIMIZE, "no new rows since the last OPTIMIZE")
    else:
        yield MaintenanceStep(
            Task.OPTIMIZE, f"OPTIMIZE {table.at}" + f" ZORDER BY ({columns})" * bool(columns)
        )


def _files(table: MaintainedTable, policy: Policy) -> Iterator[MaintenanceStep | Hindrance]:
    behind = [r for r in table.readers if r.unread is not None]
    for reader in behind:
        why = f"the flow {reader.flow} has not read version {reader.unread} yet and needs its files"
        yield Hindrance(Task.VACUUM, why)
    if not behind:
        statement = f"VACUUM {table.at} RETAIN {_hours(policy)} HOURS"
        yield MaintenanceStep(Task.VACUUM, statement, f"{statement} DRY RUN")


def _hours(policy: Policy) -> int | None:
    period = Period.of(policy.vacuum)
    return period.hours if period else None


def _column(name: str) -> str:
    return quoted_path(split(name))


def _same(some: Iterable[str], others: Iterable[str]) -> bool:
    return [fold(c) for c in some] == [fold(c) for c in others]


# What can't be followed.


def _problems(table: MaintainedTable, policy: Policy, request: MaintenanceRequest) -> Iterator[Problem]:
    yield from _retention_problems(table, policy)
    yield from _zorder_problems(table, policy)
    hours = _hours(policy)
    if hours is None:
        message = (
            f"The {VACUUM} of `{table.name}` is not a number of hours, days or weeks: {policy.vacuum!r}."
        )
        yield Problem("INVALID_INTERVAL_FORMAT", message, table.origin, "write: interval 168 hours")
    elif hours < WEEK and table.name not in request.forced:
        yield Problem(
            "DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT",
            f"VACUUM of `{table.name}` would keep files for {hours} hours only: a reader, or a writer that "
            f"has not committed yet, may need them for {WEEK}.",
            table.origin,
            f"set {VACUUM} to interval {WEEK} hours or, where nothing else runs: --force-vacuum "
            f"{for_shell(table.name)}",
        )


def _retention_problems(table: MaintainedTable, policy: Policy) -> Iterator[Problem]:
    if policy.kept is None and policy.kept_by is None:
        return
    period, column = Period.of(policy.kept or ""), policy.kept_by or ""
    types = {fold(name): kind for name, kind in table.columns.items()}
    if period is None or period.unit == "hour":
        message = (
            f"The {KEPT} of `{table.name}` is not a number of days, weeks, months or years: {policy.kept!r}."
        )
        yield Problem("INVALID_INTERVAL_FORMAT", message, table.origin, "write: 2 years")
    if types.get(fold(column)) not in TIMES:
        reality = f"is a {types[fold(column)]}" if fold(column) in types else "is not a column"
        message = f"The {KEPT_BY} of `{table.name}` must be a date or a time; {column!r} {reality}."
        names = [n for n, kind in table.columns.items() if kind in TIMES]
        hint = closest(column, names) or f"available: {', '.join(names) or 'none'}"
        yield Problem("RETENTION_COLUMN_NOT_FOUND", message, table.origin, hint)
    if table.changes:
        yield Problem(
            "RETENTION_ON_AUTO_CDC_TARGET",
            f"`{table.name}` is a target of AUTO CDC: what its changes say would bring deleted rows back.",
            table.origin,
            f"remove {KEPT}; delete rows through changes: apply_as_deletes",
        )


def _zorder_problems(table: MaintainedTable, policy: Policy) -> Iterator[Problem]:
    if policy.zorder and table.clustered:
        yield Problem(
            "DELTA_CLUSTERING_WITH_ZORDER_BY",
            f"`{table.name}` is clustered (cluster_by): it can't be z-ordered, too.",
            table.origin,
            f"remove {ZORDER}",
        )
    known = {fold(name) for name in table.columns}
    for column in policy.zorder:
        if fold(split(column)[0]) not in known:
            message = f"The {ZORDER} of `{table.name}` names `{column}`, which is not one of its columns."
            hint = closest(column, table.columns) or f"its columns are: {', '.join(table.columns)}"
            yield Problem("DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST", message, table.origin, hint)
        elif fold(column) in {fold(p) for p in table.partitions}:
            message = f"The {ZORDER} of `{table.name}` names `{column}`, which is a partition column."
            hint = "name other columns: within a partition it has one value"
            yield Problem("DELTA_ZORDERING_ON_PARTITION_COLUMN", message, table.origin, hint)
