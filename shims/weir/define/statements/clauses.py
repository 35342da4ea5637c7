"""The clauses of a table or view, in any order (specification §8.1): as arguments of `dlt`'s decorators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from weir.define.sql.literals import text_of
from weir.define.sql.scanner import TokenKind
from weir.define.statements.elements import ElementWords
from weir.model.names import join, quoted_path

_OF_VIEWS = ("COMMENT", "TBLPROPERTIES")
_OF_TABLES = (
    *_OF_VIEWS, "PARTITIONED BY", "CLUSTER BY", "LOCATION", "USING", "WITH ROW FILTER", "SCHEDULE",
    "TRIGGER ON UPDATE", "DEFAULT COLLATION", "REFRESH POLICY",
)  # fmt: skip
_CONSTANTS = frozenset({"TRUE", "FALSE"})
_NO_EFFECT = "has no effect here: weir run brings the table up to date"


@dataclass
class Clauses:
    """What was read so far.

    Attributes:
        arguments: Of the decorator that says the same.
        notices: What is accepted and has no effect.
    """

    arguments: dict[str, object] = field(default_factory=dict[str, object])
    notices: list[str] = field(default_factory=list[str])


class ClauseWords(ElementWords):
    """Reads clauses."""

    def clause(self, clauses: Clauses, *, table: bool) -> bool:
        """Read a clause, if one comes next."""
        known: dict[str, Callable[[Clauses], tuple[str, object]]] = {
            "COMMENT": self._comment,
            "TBLPROPERTIES": self._properties,
            "PARTITIONED BY": self._partitions,
            "CLUSTER BY": self._clusters,
            "LOCATION": self._location,
            "USING": self._format,
            "WITH ROW FILTER": self._row_filter,
            "ROW FILTER": self._row_filter,
            "DEFAULT COLLATION": self._collation,
            "REFRESH POLICY": self._policy,
            "SCHEDULE": self._schedule,
            "TRIGGER ON UPDATE": self._trigger,
        }
        phrase = next((p for p in known if self.sees(*p.split())), None)
        if phrase is None or not (table or phrase in (*_OF_VIEWS, "DEFAULT COLLATION")):
            return False
        start = self.position
        self.at += len(phrase.split())
        key, value = known[phrase](clauses)
        if key in clauses.arguments:
            raise self.source.problem("DUPLICATE_CLAUSES", f"The clause {phrase} stands there twice", start,
                                      "keep one of the two")  # fmt: skip
        clauses.arguments[key] = value
        return True

    @staticmethod
    def phrases(*, table: bool) -> tuple[str, ...]:
        """The clauses that can come next."""
        return _OF_TABLES if table else _OF_VIEWS

    def _comment(self, _: Clauses) -> tuple[str, object]:
        return "comment", self.literal()

    def _location(self, _: Clauses) -> tuple[str, object]:
        return "path", self.literal()

    def _format(self, _: Clauses) -> tuple[str, object]:
        return "format", join(self.parts()).lower()

    def _partitions(self, _: Clauses) -> tuple[str, object]:
        return "partition_cols", [_column(parts) for parts in self._columns()]

    def _clusters(self, _: Clauses) -> tuple[str, object]:
        if self.skip("AUTO"):
            return "cluster_by_auto", True
        if self.skip("NONE"):
            return "cluster_by", []
        if self.sign() != "(":
            raise self.expected("`(`", "AUTO", "NONE")
        return "cluster_by", [quoted_path(parts) for parts in self._columns()]

    def _columns(self) -> list[tuple[str, ...]]:
        """The paths of columns between brackets."""
        self.expect_sign("(")
        columns = [self.parts()]
        while self.skip_sign(","):
            columns.append(self.parts())
        if not self.skip_sign(")"):
            raise self.expected("`,`", "`)`")
        return columns

    def _row_filter(self, _: Clauses) -> tuple[str, object]:
        begin = self.at
        self.parts()
        self.expect("ON")
        self.bracket_content()
        return "row_filter", f"ROW FILTER {self.plain(begin, self.at)}"

    def _policy(self, _: Clauses) -> tuple[str, object]:
        for words in (("INCREMENTAL", "STRICT"), ("INCREMENTAL",), ("AUTO",), ("FULL",)):
            if self.skip(*words):
                return "refresh_policy", "_".join(words).lower()
        raise self.expected("AUTO", "INCREMENTAL", "INCREMENTAL STRICT", "FULL")

    def _collation(self, _: Clauses) -> tuple[str, object]:
        start, name = self.position, self.name()
        if name.upper() != "UTF8_BINARY":
            instead = "leave it out: texts are compared byte by byte"
            raise self.source.refused(f"The collation {name}", instead, start)
        return "collation", name

    def _schedule(self, clauses: Clauses) -> tuple[str, object]:
        clauses.notices.append(f"SCHEDULE {_NO_EFFECT}")
        return "schedule", self._to_next_clause()

    def _trigger(self, clauses: Clauses) -> tuple[str, object]:
        clauses.notices.append(f"TRIGGER ON UPDATE {_NO_EFFECT}")
        return "schedule", self._to_next_clause()

    def _to_next_clause(self) -> str:
        begin = self.at
        while not (self.done or self.sees("AS") or self.opens_query() or self._opens_clause()):
            self.at += 1
        return self.plain(begin, self.at)

    def _opens_clause(self) -> bool:
        return any(self.sees(*p.split()) for p in _OF_TABLES) or self.sees("ROW", "FILTER")

    def _properties(self, _: Clauses) -> tuple[str, object]:
        """TBLPROPERTIES (key = value, ...): keys in quotes or as names with dots, the sign may be missing."""
        self.expect_sign("(")
        properties: dict[str, str] = {}
        while self.sign() != ")":
            start, key = self.position, self._key()
            signed = self.skip_sign("=")
            if key in properties:
                raise self.source.problem("DUPLICATE_KEY", f"The property `{key}` is given twice", start,
                                          "keep one of the two")  # fmt: skip
            begin = self.at
            properties[key] = self._value(key)
            if not signed and self.at - begin > 1 and self.token(-1).kind is TokenKind.TEXT:
                what = f"Several texts stand behind `{key}`, and no `=` tells the keys from the values"
                raise self.source.problem("PARSE_SYNTAX_ERROR", what, start, "write key = value, key = value")
            if not self.skip_sign(","):
                break
        if not self.skip_sign(")"):
            raise self.expected("`,`", "`)`")
        return "table_properties", properties

    def _key(self) -> str:
        if self.token().kind is TokenKind.TEXT:
            return text_of(self.take().text)  # one alone: its value may stand beside it
        if not self.token().is_name:
            raise self.expected("the key of a property")
        key = self.take().name
        while self.sign() in {".", "-"} and self.token(1).is_name:
            key += self.take().text + self.take().name
        return key

    def _value(self, key: str) -> str:
        token = self.token()
        if token.kind is TokenKind.TEXT:
            return self.literal()
        if self.word() in _CONSTANTS:
            return self.take().text.lower()
        sign = "-" if self.skip_sign("-") else ""
        if self.token().kind is not TokenKind.NUMBER:
            raise self.expected(f"a text, a number, true or false for the property `{key}`")
        return sign + self.take().text


def _column(parts: tuple[str, ...]) -> str:
    return join(parts) if len(parts) > 1 else "".join(parts)
