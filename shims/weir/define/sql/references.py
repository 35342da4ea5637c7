"""Tables by their names: streams, samples, watermarks, aliases; functions that stand in their place."""

from __future__ import annotations

from weir.define.sql.clauses import RESERVED
from weir.define.sql.files import CLOUD_FILES, DELTA, QUEUES, READ_FILES, FileFunctions
from weir.define.sql.literals import parts_of, texts
from weir.define.sql.scanner import TokenKind
from weir.define.sql.tree import Alias, Content, Edit, FilePath, Path, Reference, RowSource, Source
from weir.define.sql.versions import Options

FILE_FORMATS = frozenset({"json", "csv", "parquet", "text", "orc", "delta", "avro", "binaryfile", "xml"})
_REFUSED = {
    "cloud_files_state": "look at what was read with weir events",
    "event_log": "look at it with weir events, or give the folder of the log as a table: --table NAME=FOLDER",
    "read_pulsar": "let the records come through Kafka: read_kafka(...)",
    "read_stream": "write STREAM table WITH (option = value)",
    "remote_query": "give its rows as a table: read it by a name, and pass --table NAME=FOLDER",
    "table_changes_by_path": "give the table's name to table_changes",
}
Relations = tuple[tuple[Source, ...], Content]


class References(FileFunctions):
    """Reads names of tables and what stands behind them."""

    def named(self) -> Relations:
        """A table, a path behind a format, or a function."""
        start = self.position
        path = self._table_name()
        if self.sign() == "(":
            return self._function(path, start, stream=False)
        return self._reference(path, start, self.behind, stream=False)

    def streamed(self) -> Relations:
        """STREAM t or STREAM(t)."""
        begin = self.take().start
        bracket = self.skip_sign("(")
        if bracket and self.opens_query():
            raise self.source.refused(
                "STREAM of a query", "make the query a view, and read STREAM(view)", begin
            )
        start = self.position
        path = self._table_name()
        if self.sign() == "(":
            return self._function(path, start, stream=True, bracket=bracket)
        end = self._end(bracket=bracket)
        unstreamed = (Edit(begin, start), Edit(end, self.behind))
        return self._reference(path, start, end, stream=True, unstreamed=unstreamed)

    def _end(self, *, bracket: bool) -> int:
        """Where the text of what is read ends: a bracket that STREAM has opened is closed behind it."""
        end = self.behind
        if bracket:
            self.expect_sign(")")
        return end

    def table_query(self) -> Reference:
        """TABLE t as a query: it has no place for an alias, SELECT * FROM t has."""
        start = self.take().start
        keyword = Edit(start, self.behind, "SELECT * FROM")
        begin = self.position
        path = self._table_name()
        return Reference(path.parts, begin, self.behind, alias_at=self.behind, edits=(keyword,))

    def _table_name(self) -> Path:
        if self.sign() == ":":
            instead = "write IDENTIFIER(:name)"
            raise self.source.refused("A parameter as the name of a table", instead, self.position)
        if not self.token().is_name:
            raise self.error()
        path = self.path()
        if path.star:
            raise self.source.syntax_error(path.spans[-1][1])
        return path

    def _reference(
        self, path: Path, start: int, end: int, *, stream: bool, unstreamed: tuple[Edit, ...] = ()
    ) -> Relations:
        options, edits = Options(), list[Edit]()
        before = self.behind
        if self.travel(options):
            if stream:
                raise self.source.refused(
                    "A version of a stream", "write STREAM table WITH (startingVersion = ...)", start
                )
            edits.append(Edit(before, self.behind))
        self._refuse_changes(start, stream=stream)
        before = self.behind
        if self.with_options(options):
            edits.append(Edit(before, self.behind))
        content = self.trailing()
        alias_at, alias = self.behind, self.alias()
        # Spark streams no table by its path in SQL: a view takes its place.
        by_view = stream and _is_file(path) and path.parts[-2].lower() == DELTA
        if _is_file(path) and not by_view:
            return (FilePath(path.parts[-1], *path.spans[-1], alias),), content
        parts, given = path.parts, options.given
        if by_view:
            parts, given = (DELTA,), {**given, "path": path.parts[-1]}
        reference = Reference(
            parts, start, end, stream, given, options.computed, qualifies=not by_view, alias=alias,
            alias_at=alias_at, edits=tuple(edits), unstreamed=unstreamed, files=by_view,
        )  # fmt: skip
        return (reference,), content

    def _refuse_changes(self, start: int, *, stream: bool) -> None:
        if self.sees("CHANGES", "FROM") or (stream and self.sees("CHANGES") and self.word(1) != "AS"):
            instead = "write table_changes('table', from), or STREAM table WITH (readChangeFeed = true)"
            raise self.source.refused("CHANGES of a table", instead, start)

    def _function(self, path: Path, start: int, *, stream: bool, bracket: bool = False) -> Relations:
        name = ".".join(path.parts).lower()
        if name == "table_changes":
            return self._table_changes(start, stream=stream, bracket=bracket)
        if name in {READ_FILES, CLOUD_FILES}:
            return self._files(name, start, stream=stream or name == CLOUD_FILES, bracket=bracket)
        if name in QUEUES:
            return self._queue(name, start, stream=stream, bracket=bracket)
        if name in _REFUSED or stream:
            what = f"`STREAM {name}`" if stream else f"`{name}`"
            instead = _REFUSED.get(name, "read it without STREAM: its rows are all there at once")
            raise self.source.refused(what, instead, start)
        content = self._function_arguments() + self.trailing()
        return (RowSource(self.alias()),), content

    def _files(self, function: str, start: int, *, stream: bool, bracket: bool) -> Relations:
        """A call that reads files: a view takes its place, as of a table."""
        options = self.file_options(function)
        end = self._end(bracket=bracket)
        content = self.trailing()
        alias_at, alias = self.behind, self.alias()
        reference = Reference(
            (function,), start, end, stream, options, qualifies=False, alias=alias, alias_at=alias_at,
            files=True,
        )  # fmt: skip
        return (reference,), content

    def _queue(self, function: str, start: int, *, stream: bool, bracket: bool) -> Relations:
        """A call that reads a queue."""
        options = self.arguments(function)
        end = self._end(bracket=bracket)
        content = self.trailing()
        alias_at, alias = self.behind, self.alias()
        reference = Reference(
            (function,), start, end, stream, options.given, options.computed, qualifies=False, alias=alias,
            alias_at=alias_at, queue=QUEUES[function],
        )  # fmt: skip
        return (reference,), content

    def _table_changes(self, start: int, *, stream: bool, bracket: bool) -> Relations:
        """table_changes('t', from[, to]) is a read of the table's change feed."""
        self.expect_sign("(")
        name = str(self.parameter(start)) if self.sign() == ":" else texts(self)
        parts = parts_of(name)
        if parts is None:
            raise self.source.refused(
                "table_changes of an expression", "give the table's name as a text", start
            )
        options = Options({"readChangeFeed": "true"})
        for bound in ("starting", "ending"):
            if self.skip_sign(","):
                self.constant(options, f"{bound}Version", f"{bound}Timestamp")
        self.expect_sign(")")
        end = self._end(bracket=bracket)
        content = self.trailing()
        alias_at, alias = self.behind, self.alias()
        reference = Reference(
            parts, start, end, stream, options.given, options.computed, qualifies=False, alias=alias,
            alias_at=alias_at,
        )  # fmt: skip
        return (reference,), content

    def _function_arguments(self) -> Content:
        self.at += 1
        content = self._function_argument()
        while self.skip_sign(","):
            content += self._function_argument()
        self.expect_sign(")")
        return content

    def _function_argument(self) -> Content:
        """An argument of a function in FROM: TABLE t and TABLE(t) are tables."""
        if self.token().is_name and self.sign(1) == "=>":
            self.at += 2
        bracket = self.sign(1) == "("
        if not self.sees("TABLE") or not (bracket or self.token(1).is_name):
            return self.content(self._is_comma)
        if bracket and self.opens_query(2):
            return self.content(self._is_comma)
        self.at += 2 if bracket else 1
        start = self.position
        table = Reference(self._table_name().parts, start, self.behind, qualifies=False)
        if bracket:
            self.expect_sign(")")
        return Content(tables=(table,)) + self.content(self._is_comma)

    def _is_comma(self) -> bool:
        return self.sign() == ","

    def trailing(self) -> Content:
        """What may stand between a relation and its alias."""
        content = Content()
        while True:
            if self.sees("TABLESAMPLE") and self.opens_clause():
                content += self._sample()
            elif self.sees("IDENTIFIED", "BY"):
                self.at += 2
                self.name()
            elif self.opens_watermark():
                content += self._watermark()
            else:
                return content

    def _sample(self) -> Content:
        self.at += 1
        if self.sign() != "(":
            self.at += 1
        content = self.bracketed()
        if self.skip("REPEATABLE"):
            self.past_brackets()
        return content

    def _watermark(self) -> Content:
        self.at += 1
        content = self.content(lambda: self.sees("DELAY", "OF"))
        if not self.skip("DELAY", "OF"):
            raise self.error()
        self.interval()
        return content

    def alias(self) -> Alias | None:
        """[AS] name [(columns)], if it comes next."""
        if self.skip("AS"):
            return self.aliased(self.name())
        token = self.token()
        plain = token.kind is TokenKind.WORD and self.word() not in RESERVED and not self.opens_clause()
        if plain or token.kind is TokenKind.QUOTED:
            return self.aliased(self.name())
        return None

    def aliased(self, name: str, columns: tuple[str, ...] | None = None) -> Alias:
        """An alias with the columns behind it, if there are any."""
        return Alias(name, self.names() if self.sign() == "(" else columns)


def _is_file(path: Path) -> bool:
    """A format and a path: a table would have a name without slashes, colons and dots."""
    *_, kind, last = ("", *path.parts)
    return kind.lower() in FILE_FORMATS and any(sign in last for sign in "/:.*")
