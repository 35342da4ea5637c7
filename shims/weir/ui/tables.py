"""Renders plans, results, rules and rows for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.table import Table
from rich.text import Text

from weir.model.names import short
from weir.model.problems import Problem
from weir.model.results import DatasetResult, UpdateResult
from weir.model.texts import lines, one_line
from weir.ui.screen import Screen, plain

COLORS = {
    "COMPLETED": "green", "FAILED": "red", "SKIPPED": "yellow", "EXCLUDED": "dim", "NO_OP": "dim",
    "RUNNING": "cyan", "STARTING": "cyan", "QUEUED": "dim", "IDLE": "green", "STOPPED": "yellow",
}  # fmt: skip
UNKNOWN = "unknown"
READABLE, GAP = 12, 2  # signs of a cell, and between two


def flows_table(rows: Iterable[DatasetResult], states: Mapping[str, str]) -> Table:
    """One line a dataset: what it is, where it stands, what moved."""
    table = _table("dataset", "kind", "state", ">rows in", ">written", ">dropped", ">seconds")
    for row in rows:
        state = states.get(row.name, str(row.state))
        _add(
            table, short(row.name), row.kind.replace("_", " "), Text(state, COLORS.get(state, "")),
            *(_number(n, unknown=row.moved) for n in (row.rows_in, row.rows_written, row.rows_dropped)),
            f"{row.seconds:.1f}" if row.seconds else "",
        )  # fmt: skip
    return table


def rules_table(result: UpdateResult) -> Table | None:
    """What each rule saw."""
    table = _table("rule", "dataset", "action", ">passed", ">failed", "condition")
    for dataset in result.datasets:
        for rule in dataset.expectations:
            read_by = f" (read by {short(rule.reader)})" if rule.reader else ""
            where = short(dataset.name) + read_by
            passed, failed = (_number(n, unknown=rule.uncounted) for n in (rule.passed, rule.failed))
            failures = Text(failed, "yellow" if rule.failed else "")
            _add(table, rule.name, where, rule.action, passed, failures, rule.condition)
    return table if table.row_count else None


def rows_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], title: str = "") -> RenderableType:
    """Rows of a table, below a title if there is one; where columns do not fit, as many as do."""
    return _Rows(title, columns, [["" if row[c] is None else str(row[c]) for c in columns] for row in rows])


@dataclass(frozen=True, slots=True)
class _Rows:
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        shown = self._fitting(options.max_width)
        table = _table()
        for column in self.columns[:shown]:
            _head(table, column)
        for row in self.rows:
            _add(table, *row[:shown])
        if self.title:
            yield plain(self.title, "bold underline")
        yield table
        if more := len(self.columns) - shown:
            yield plain(f"and {more} more column{'s' if more > 1 else ''}", "dim")

    def _fitting(self, width: int) -> int:
        """How many columns have room for their cells, or for a part of these that can be read."""
        cells = zip(self.columns, *self.rows, strict=True)
        widths = (min(READABLE, max(map(len, column))) + GAP for column in cells)
        return max(1, sum(end <= width + GAP for end in accumulate(widths)))


def steps_table(steps: Iterable[Mapping[str, Any]]) -> Table:
    """The steps of a plan and why each is taken."""
    table = _table("step", "table", "flow", "why")
    for step in steps:
        flow = step["flow"] if step["flow"] and step["flow"] != step["table"] else ""
        _add(table, step["step"], short(step["table"]), short(flow), step["why"])
    return table


def branch(name: str, how: str, style: str = "") -> Text:
    """A node of a tree, and how it hangs there."""
    return plain(name, style) + plain(f" ({how})", "dim")


def problems_view(problems: Sequence[Problem]) -> RenderableType:
    """All problems, causes first, each with its place and a hint."""
    parts: list[RenderableType] = []
    for problem in problems:
        text = Text()
        text.append(f"[{problem.condition}] ", "bold red")
        text.append(one_line(problem.message))
        if problem.origin:
            text.append(f"\n  at {one_line(str(problem.origin))}", "cyan")
        if problem.detail:
            text.append("\n" + _indented(problem.detail), "dim")
        if problem.hint:
            text.append(f"\n  hint: {one_line(problem.hint)}", "green")
        parts.append(text)
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    return Group(*parts, Text(count, "bold red"))


def closing_line(result: UpdateResult) -> str:
    """Totals in one line that a script can find."""
    states = [d.state for d in result.datasets if d.kind != "view"]
    counts = {s: states.count(s) for s in dict.fromkeys(states)}
    rules = [r for d in result.datasets for r in d.expectations]
    uncounted = sum(r.uncounted for r in rules)
    unknown = any(d.moved and d.rows_written is None for d in result.datasets)
    undropped = bool(uncounted) or any(d.moved and d.rows_dropped is None for d in result.datasets)
    written = _least((d.rows_written for d in result.datasets), unknown=unknown)
    dropped = _least((d.rows_dropped for d in result.datasets), unknown=undropped)
    broken = f"{sum(bool(r.failed) for r in rules)} rules broken"
    parts = [f"{n} {str(s).lower()}" for s, n in counts.items()]
    return (
        f"Update {result.update_id[:6]} {result.state}: {', '.join(parts) or 'no tables'}; "
        f"{written} rows written, {dropped} dropped, {broken}"
        f"{f', {uncounted} not counted' if uncounted else ''}; {result.seconds:.1f} s"
    )


def _least(numbers: Iterable[int | None], *, unknown: bool) -> str:
    """The sum of what is known."""
    return f"{'at least ' if unknown else ''}{sum(n or 0 for n in numbers)}"


def print_errors(screen: Screen, result: UpdateResult) -> None:
    """The errors of failed datasets."""
    for dataset in result.datasets:
        if dataset.error:
            name = plain(f"{short(dataset.name)}: ", "bold red")
            screen.print(name + Text(lines(dataset.error)), soft_wrap=True)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        _head(table, column.lstrip(">"), right=column.startswith(">"))
    return table


def _head(table: Table, column: str, *, right: bool = False) -> None:
    table.add_column(plain(column), justify="right" if right else "left", overflow="fold")


def _add(table: Table, *cells: str | Text) -> None:
    table.add_row(*(cell if isinstance(cell, Text) else plain(cell) for cell in cells))


def _number(value: int | None, *, unknown: bool) -> str:
    """A number; where there is none, whether it is unknown or there can be none."""
    return f"{value:,}" if value is not None else UNKNOWN if unknown else ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in lines(text).strip().split("\n"))
