"""`column:path` over JSON in texts: Databricks reads it, Spark reads VARIANT alone (specification §11.2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from weir.define.sql.literals import text_of
from weir.define.sql.scanner import Token, TokenKind, UnreadableError, pairs, scan
from weir.model.names import quoted, text_literal

_TYPES = frozenset({"ARRAY", "MAP", "STRUCT"})
_LISTS = frozenset({"SELECT", "EXTEND"})
_CLAUSES = _LISTS | {"AGGREGATE", "BY", "FROM", "HAVING", "IN", "ON", "QUALIFY", "SET", "VALUES", "WHERE"}
_CASTS = frozenset({"CAST", "TRY_CAST"})
_ALL = "[*]"
_BEFORE_ITEM = frozenset({"ALL", "DISTINCT", "EXTEND", "SELECT"})


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A column and a path into its JSON.

    Attributes:
        start: Position of the column's first character.
        column_end: Position after the column.
        end: Position after the path.
        path: As `get_json_object` has it.
        name: What the result is called where it has no alias.
        alias_at: Where that alias would stand; None where there can be none.
    """

    start: int
    column_end: int
    end: int
    path: str
    name: str
    alias_at: int | None

    @property
    def has_star(self) -> bool:
        """Does it go through all elements of an array, as only one over a text can?"""
        return _ALL in self.path

    def over(self, text: str) -> str:
        """The value as Spark reads it out of a text.

        Spark's own `[*]` leaves out elements that lack a field, and has no brackets around the only one.
        """
        column = text[self.start : self.column_end]
        array, *others = self.path.split(_ALL)
        if len(others) != 1:
            return f"get_json_object({column}, {text_literal(self.path)})"
        if not others[0]:
            values = f"get_json_object({column}, {text_literal(array)})"
            return f"if(json_array_length({values}) IS NOT NULL, {values}, NULL)"
        elements = f"try_variant_get(try_parse_json({column}), {text_literal(array)}, 'ARRAY<VARIANT>')"
        field = text_literal(f"${others[0]}")
        return f"to_json(transform({elements}, x -> try_variant_get(x, {field}, 'VARIANT')))"


def json_paths(text: str) -> tuple[JsonPath, ...]:
    """The paths of a query, in their order.

    >>> [path.path for path in json_paths("SELECT raw:a.b[0], CAST(x AS STRUCT<a:INT>), :p FROM t")]
    ['$.a.b[0]']

    Raises:
        UnreadableError: The text can't be cut into words.
    """
    return tuple(_Finder(scan(text)).paths())


def with_texts(text: str, paths: Iterable[JsonPath]) -> tuple[str, dict[JsonPath, tuple[int, int]]]:
    """The query with some paths read out of texts, and where their values stand in it."""
    edits = [(p.start, p.end, p.over(text), p) for p in paths]
    edits += [(at, at, f" AS {quoted(p.name)}", None) for p in paths if (at := p.alias_at) is not None]
    written, at = "", 0
    places: dict[JsonPath, tuple[int, int]] = {}
    for start, end, value, path in sorted(edits, key=lambda e: e[:2]):
        written += text[at:start]
        if path is not None:
            places[path] = (len(written), len(written) + len(value))
        written, at = written + value, end
    return written + text[at:], places


def over_columns(text: str, columns: Collection[str]) -> str:
    """An expression with the paths read out of columns that hold texts.

    >>> over_columns("raw:a IS NOT NULL AND v:b > 1", {"raw"})
    "get_json_object(raw, '$.a') IS NOT NULL AND v:b > 1"

    Args:
        text: The expression; one that can't be cut into words stays as it is.
        columns: The names of the columns, in lower case.
    """
    try:
        paths = json_paths(text) if ":" in text else ()
    except UnreadableError:
        return text
    named = [(p, text[p.start : p.column_end]) for p in paths]
    chosen = [p for p, column in named if column.strip("`").lower() in columns]
    return with_texts(text, chosen)[0]


class _Finder:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.closing = pairs(tokens)
        self.opening = {close: begin for begin, close in self.closing.items()}

    def paths(self) -> Iterable[JsonPath]:
        within_type = 0
        for index, token in enumerate(self.tokens):
            if token.text == "<" and self._word(index - 1) in _TYPES:
                within_type += 1
            elif token.text == ">" and within_type:
                within_type -= 1
            elif not within_type and self._is_colon(index):
                path = self._path(index)
                if path is not None:
                    yield path

    def _is_colon(self, index: int) -> bool:
        """A colon between two tokens, without blanks: a parameter has one before it."""
        if self._sign(index) != ":" or not 0 < index < len(self.tokens) - 1:
            return False
        before, colon, behind = self.tokens[index - 1 : index + 2]
        touches = before.end == colon.start and colon.end == behind.start
        return touches and (before.is_name or before.text in {")", "]"})

    def _path(self, colon: int) -> JsonPath | None:
        begin = self._column(colon - 1)
        end, path, name = self._steps(colon + 1)
        if not path or self._sign(begin - 1) == ":" or self._sign(end) == ":":
            return None
        start, column_end, last = (
            self.tokens[begin].start,
            self.tokens[colon - 1].end,
            self.tokens[end - 1].end,
        )
        return JsonPath(start, column_end, last, f"${path}", name, self._alias_at(begin, end))

    def _column(self, index: int) -> int:
        """The first token of the column, or of the call or cast, before a colon."""
        while True:
            begin = self.opening.get(index, index)
            if begin != index:
                before = self.tokens[begin - 1] if begin else None
                called = before is not None and (before.is_name or before.text in {")", "]"})
                if not (called and before and before.end == self.tokens[begin].start):
                    return begin
                index = begin - 1
            elif self._sign(index - 1) in {".", "::"} and index > 1:  # of a struct, or cast: value::string:a
                index -= 2
            else:
                return index

    def _steps(self, index: int) -> tuple[int, str, str]:
        """The token after the path, the path, and its last name."""
        path, name = "", ""
        while index < len(self.tokens):
            step = self._bracket(index) if self._sign(index) == "[" else self._field(index)
            if not step:
                return index, "", ""
            path += step
            if self._sign(index) == "[":
                index = self.closing[index] + 1
            else:
                name, index = self.tokens[index].name, index + 1
            if self._sign(index) == "." and index + 1 < len(self.tokens) and self.tokens[index + 1].is_name:
                index += 1
            elif self._sign(index) != "[":
                break
        return index, path, name or path.strip("[]'")

    def _field(self, index: int) -> str:
        token = self.tokens[index]
        if not token.is_name or "'" in token.name:
            return ""
        return f".{token.name}" if token.kind is TokenKind.WORD else f"['{token.name}']"

    def _bracket(self, index: int) -> str:
        inside = self.tokens[index + 1 : self.closing[index]]
        if len(inside) != 1:
            return ""
        if inside[0].kind is TokenKind.TEXT:
            key = text_of(inside[0].text)
            return "" if "'" in key else f"['{key}']"
        return f"[{inside[0].text}]" if inside[0].text == "*" or inside[0].text.isdecimal() else ""

    def _alias_at(self, begin: int, end: int) -> int | None:
        """Where an alias goes, if the path is all of an item of a SELECT and has none."""
        while True:
            if self._sign(end) == "::":
                end = min(self.closing.get(end + 2, end + 1) + 1, len(self.tokens))
            elif self._word(begin - 2) in _CASTS and self._sign(begin - 1) == "(" and self._word(end) == "AS":
                begin, end = begin - 2, self.closing[begin - 1] + 1
            else:
                break
        ends = (
            end >= len(self.tokens) or self._sign(end) in {",", ")", "|>", ";"} or self._word(end) == "FROM"
        )
        begins = self._word(begin - 1) in _BEFORE_ITEM or (
            self._sign(begin - 1) == "," and self._in_list(begin - 1)
        )
        return self.tokens[end - 1].end if ends and begins else None

    def _in_list(self, index: int) -> bool:
        """Does a comma stand between items of a SELECT?"""
        while index >= 0 and index not in self.closing:
            if self._word(index) in _CLAUSES:
                return self._word(index) in _LISTS
            index = self.opening.get(index, index) - 1
        return False

    def _word(self, index: int) -> str:
        known = 0 <= index < len(self.tokens) and self.tokens[index].kind is TokenKind.WORD
        return self.tokens[index].text.upper() if known else ""

    def _sign(self, index: int) -> str:
        known = 0 <= index < len(self.tokens) and self.tokens[index].kind is TokenKind.SIGN
        return self.tokens[index].text if known else ""
