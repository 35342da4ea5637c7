"""YAML tests, `*.unit_tests.yml`: what a file says, as values; all that is wrong in it has its line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weir.bundle.located_yaml import LocatedValue, load_yaml
from weir.model.origin import Origin
from weir.model.problems import Problem, WeirError, closest
from weir.model.texts import value_text
from weir.testing.given import Given, read_given

FILE_KEYS = ("sources", "target", "configuration", "tests")
RUN_KEYS = ("given", "expect")
TEST_KEYS = ("name", "now", "runs", *RUN_KEYS)
TABLE_KEYS = ("rows", "key", "rules", "stopped_by")
COUNTS = ("passed", "failed")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a test expects of a table or view.

    Attributes:
        rows: Its rows, of which only the columns count that they name; None says nothing of them.
        key: The columns by which rows that differ are aligned.
        rules: Rule -> `passed`, `failed` -> how many rows; what is left out does not count.
        stopped_by: The `fail` rules that stop the update of the table.
    """

    table: str
    origin: Origin
    rows: Given | None = None
    key: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    stopped_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Rows arrive, the tables are updated, and this is what they then have.

    Attributes:
        given: Name of an input -> the rows that are added to it.
    """

    given: Mapping[str, Given]
    expect: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class UnitTest:
    """One test of a file.

    Attributes:
        now: What time it is for its queries.
    """

    name: str
    origin: Origin
    runs: tuple[Run, ...]
    now: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitTests:
    """A file of tests.

    Attributes:
        sources: A pipeline of the bundle, or files and folders beside the file; else what `weir.toml` or the
            bundle says.
    """

    file: Path
    sources: tuple[str, ...]
    target: str | None
    configuration: Mapping[str, str]
    tests: tuple[UnitTest, ...]


def read_unit_tests(file: Path) -> UnitTests:
    """Read a file.

    Raises:
        WeirError: It is no YAML, or something in it is wrong; all problems.
    """
    top = load_yaml(file)
    reader = _Reader(file.parent)
    tests = reader.file(top)
    if reader.problems:
        raise WeirError(*reader.problems)
    configuration = {k: value_text(v.value) for k, v in top.get("configuration").mapping().items()}
    target = top.get("target").value
    return UnitTests(
        file, tuple(_texts(top.get("sources"))), None if target is None else str(target), configuration, tests
    )


def read_given_file(file: Path) -> Mapping[str, Given]:
    """Read rows for inputs, written as under `given`.

    Raises:
        WeirError: It is no YAML, or something in it is wrong; all problems.
    """
    top, reader = load_yaml(file), _Reader(file.parent)
    rows = reader.given(top)
    if reader.problems:
        raise WeirError(*reader.problems)
    return rows


class _Reader:
    """Turns what is right into values, and keeps what is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def file(self, top: LocatedValue) -> tuple[UnitTest, ...]:
        """The tests of a file."""
        if top.value is not None:
            self._mapping(top, FILE_KEYS, "a file of tests")
        self._list_of_texts(top.get("sources"), "`sources`")
        if top.get("configuration").value is not None:
            self._mapping(top.get("configuration"), None, "`configuration`")
        nodes = top.items_of("tests")
        if not nodes and not self.problems:
            self._wrong(top.get("tests"), "There are no tests.", "write a list under tests:")
        tests = [self._test(node) for node in nodes if self._mapping(node, TEST_KEYS, "a test")]
        places = dict[str, Origin]()
        for test in tests:
            if (first := places.setdefault(test.name, test.origin)) is not test.origin and test.name:
                self._at(test.origin, f"There is another test `{test.name}`, in line {first.line}.")
        return tuple(tests)

    def _test(self, node: LocatedValue) -> UnitTest:
        name, now = node.get("name").value, node.get("now").value
        if not isinstance(name, str) or not name:
            self._wrong(node, "A test has no name.", "write name: and what it shows")
        if "runs" in node.mapping():
            if both := [key for key in RUN_KEYS if key in node.mapping()]:
                text = f"`{both[0]}` stands beside `runs`."
                self._wrong(node.get(both[0]), text, "move it into one of the runs")
            runs = [self._run(run, "a run") for run in self._list(node.get("runs"), "`runs`")]
        else:
            runs = [self._run(node, None)]
        if not any(run.expect for run in runs):
            self._wrong(node, "The test expects nothing.", "write expect: and a table")
        if isinstance(now, str) or (now is not None and not isinstance(now, dt.datetime)):
            self._wrong(node.get("now"), f"`now` is no time: {now!r}.", "write now: 2025-03-01 12:00:00Z")
        moment = now if isinstance(now, dt.datetime) else None
        return UnitTest(str(name or ""), node.origin, tuple(runs), moment)

    def _run(self, node: LocatedValue, what: str | None) -> Run:
        if what is not None:
            self._mapping(node, RUN_KEYS, what)
        value = node.get("given")
        rows = self.given(value) if value.value is not None else {}
        expect = self._entries(node, "expect")
        return Run(rows, tuple(self._expected(name, n) for name, n in expect.items()))

    def given(self, node: LocatedValue) -> Mapping[str, Given]:
        """Rows for inputs."""
        self._mapping(node, None, "`given`")
        return {name: r for name, n in node.mapping().items() if (r := self._rows(n, name)) is not None}

    def _entries(self, node: LocatedValue, key: str) -> Mapping[str, LocatedValue]:
        value = node.get(key)
        if value.value is not None:
            self._mapping(value, None, f"`{key}`")
        return value.mapping()

    def _expected(self, table: str, node: LocatedValue) -> Expected:
        if not isinstance(node.value, dict) or node.mapping().keys() == {"csv"}:
            return Expected(table, node.key_origin, self._rows(node, table))
        self._mapping(node, TABLE_KEYS, f"what is expected of `{table}`")
        rows = self._rows(node.get("rows"), table) if "rows" in node.mapping() else None
        for key in ("key", "stopped_by"):
            self._list_of_texts(node.get(key), f"`{key}`")
        rules = {name: self._counts(name, n) for name, n in self._entries(node, "rules").items()}
        if not node.mapping():
            self._wrong(node, f"Nothing is expected of `{table}`.", "write rows:, rules: or stopped_by:")
        key, stopped = (tuple(_texts(node.get(k))) for k in ("key", "stopped_by"))
        return Expected(table, node.key_origin, rows, key, rules, stopped)

    def _counts(self, rule: str, node: LocatedValue) -> Mapping[str, int]:
        self._mapping(node, COUNTS, f"what the rule `{rule}` saw")
        counts = {key: n.value for key, n in node.mapping().items()}
        for key, count in counts.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 0:
                text = f"`{key}` of the rule `{rule}` is no number of rows: {count!r}."
                self._wrong(node.get(key), text, "write 0 or more")
        return {key: int(n) for key, n in counts.items() if isinstance(n, int)}

    def _rows(self, node: LocatedValue, table: str) -> Given | None:
        """Rows as a list, as a text table, or in a CSV file."""
        match node.value:
            case list(rows):
                for row in rows:
                    self._mapping(row, None, f"a row of `{table}`")
                return [{name: _plain(cell) for name, cell in row.mapping().items()} for row in rows]
            case str(text):
                return self._readable(text, node)
            case dict() if node.mapping().keys() == {"csv"}:
                return self._readable(self.folder / str(node.get("csv").value), node)
        hint = "write a list of {column: value}, a text table, or csv: FILE"
        self._wrong(node, f"`{table}` has no rows that can be read.", hint)
        return None

    def _readable(self, given: Given, node: LocatedValue) -> Given:
        try:
            read_given(given)
        except WeirError as error:
            for problem in error.problems:
                self._at(node.key_origin, problem.message, problem.hint)
        return given

    def _mapping(self, node: LocatedValue, keys: Collection[str] | None, what: str) -> bool:
        if not isinstance(node.value, dict):
            self._wrong(node, f"{_sentence(what)} is no mapping.", "write key: value")
            return False
        for key, child in node.mapping().items():
            if keys is not None and key not in keys:
                hint = closest(key, keys) or f"its keys are {', '.join(keys)}"
                self._at(child.key_origin, f"`{key}` is no key of {what}.", hint)
        return True

    def _list(self, node: LocatedValue, what: str) -> list[LocatedValue]:
        if isinstance(node.value, list):
            return node.value
        self._wrong(node, f"{_sentence(what)} is no list.", "begin each entry with a dash")
        return []

    def _list_of_texts(self, node: LocatedValue, what: str) -> None:
        if node.value is not None and not isinstance(node.value, str):
            for item in self._list(node, what):
                if not isinstance(item.value, str):
                    self._wrong(item, f"{_sentence(what)} has what is no text: {_plain(item)!r}.", None)

    def _wrong(self, node: LocatedValue, message: str, hint: str | None) -> None:
        self._at(node.origin, message, hint)

    def _at(self, origin: Origin, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem("INVALID_UNIT_TEST", message, origin, hint))


def _sentence(what: str) -> str:
    return what[0].upper() + what[1:]


def _texts(node: LocatedValue) -> Iterator[str]:
    """One text, or a list of them."""
    for item in node.value if isinstance(node.value, list) else [node] if node.value is not None else []:
        yield str(item.value)


def _plain(node: LocatedValue) -> Any:
    """A value without places."""
    match node.value:
        case dict(entries):
            return {key: _plain(child) for key, child in entries.items()}
        case list(items):
            return [_plain(item) for item in items]
        case value:
            return value
