"""A schema in DDL: what Spark's parser reads of it, and the clauses that only CREATE TABLE knows (§1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot.tokens import TokenType  # pyright: ignore[reportPrivateImportUsage]

from weir.define.protection import split_masks
from weir.define.tokens import ClauseCursor, UnexpectedTokenError

GENERATION_EXPRESSION = "delta.generationExpression"
DEFAULT = "CURRENT_DEFAULT"
IDENTITY_START, IDENTITY_STEP = "delta.identity.start", "delta.identity.step"
IDENTITY_EXPLICIT = "delta.identity.allowExplicitInsert"

_TABLE_CONSTRAINTS = (("PRIMARY KEY", "("), ("FOREIGN KEY", "("), ("CHECK", "("), ("UNIQUE", "("))
_FOREIGN = ("FOREIGN KEY", "REFERENCES")
_KEYS = ("PRIMARY KEY", *_FOREIGN)
_ENFORCED = ("CHECK", "UNIQUE")


class EnforcedConstraintError(ValueError):
    """A constraint that a pipeline's table can't have: CHECK or UNIQUE."""


@dataclass(frozen=True, slots=True)
class ColumnList:
    """The columns of a table as they are declared.

    Attributes:
        ddl: Names, types, NOT NULL and comments, one column a text.
        clauses: Of each column the metadata by which Delta knows its default, generation or identity.
        keys: The columns of PRIMARY KEY constraints, which inform and are not enforced.
    """

    ddl: tuple[str, ...]
    clauses: tuple[Mapping[str, Any], ...]
    keys: tuple[str, ...]


def split_clauses(ddl: str) -> ColumnList:
    """Take out of a list of columns what Spark's parser of types does not read.

    Raises:
        EnforcedConstraintError: It has a CHECK or UNIQUE constraint.
        UnexpectedTokenError: A clause is malformed.
        sqlglot.errors.TokenError: A quote is not closed.

    >>> split_clauses("id BIGINT GENERATED ALWAYS AS IDENTITY, unique STRING DEFAULT 'x' NOT NULL").ddl
    ('id BIGINT', 'unique STRING NOT NULL')
    """
    reader = _Reader(
        ClauseCursor.over(f"({split_masks(ddl).ddl}")
    )  # a parenthesis: else some words are commands
    reader.cursor.expect("(")
    columns = [column for column in reader.columns() if column is not None]
    texts, clauses = tuple(t for t, _ in columns), tuple(c for _, c in columns)
    return ColumnList(texts, clauses, tuple(reader.keys))


@dataclass
class _Reader:
    """Reads one column or constraint after another."""

    cursor: ClauseCursor
    keys: list[str] = field(default_factory=list[str])

    def columns(self) -> Iterator[tuple[str, Mapping[str, Any]] | None]:
        """Text and clauses of each column; None for a constraint of the table."""
        while True:
            yield self._constraint_of_table() if self._sees_constraint_of_table() else self._column()
            if self.cursor.done:
                return
            self.cursor.expect(",")

    def _sees_constraint_of_table(self) -> bool:
        cursor, named = self.cursor, self.cursor.sees("CONSTRAINT")
        cursor.at += 2 * named
        sees = any(cursor.sees(*words) for words in _TABLE_CONSTRAINTS)
        cursor.at -= 2 * named
        return sees

    def _constraint_of_table(self) -> None:
        if self.cursor.skip("CONSTRAINT"):
            self.cursor.part()
        self._refuse_enforced()
        if self.cursor.skip("PRIMARY KEY"):
            self.keys += self._names()
        while not self._ends():
            self._group()

    def _column(self) -> tuple[str, Mapping[str, Any]]:
        begin, texts = self.cursor.at, list[str]()
        name, clauses = self.cursor.take().text, dict[str, Any]()
        while not self._ends():
            at = self.cursor.at
            if not self._clause(name, clauses):
                self._group()
                continue
            texts.append(self._text(begin, at))
            begin = self.cursor.at
        return " ".join(t for t in (*texts, self._text(begin, self.cursor.at)) if t), clauses

    def _clause(self, column: str, clauses: dict[str, Any]) -> bool:
        """Read a clause that is not Spark's, if one comes next."""
        cursor = self.cursor
        if cursor.skip("DEFAULT"):
            clauses[DEFAULT] = self._expression()
        elif cursor.skip("GENERATED"):
            clauses.update(self._generation())
        elif self._sees_any(("CONSTRAINT", *_KEYS, *_ENFORCED)):
            if cursor.skip("CONSTRAINT"):
                cursor.part()
            self._refuse_enforced()
            self.keys += [column] if cursor.sees("PRIMARY KEY") else []
            self._key()
        else:
            return False
        return True

    def _generation(self) -> Mapping[str, Any]:
        cursor = self.cursor
        explicit = cursor.skip("BY", "DEFAULT")
        if not explicit:
            cursor.expect("ALWAYS")
        cursor.expect("AS")
        if cursor.skip("IDENTITY"):
            return {**self._identity(), IDENTITY_EXPLICIT: explicit}
        at = cursor.at
        if explicit or not cursor.sees("("):
            raise UnexpectedTokenError(cursor.take().text)
        self._group()
        return {GENERATION_EXPRESSION: self._text(at + 1, cursor.at - 1)}

    def _identity(self) -> dict[str, Any]:
        cursor, numbers = self.cursor, {IDENTITY_START: 1, IDENTITY_STEP: 1}
        if cursor.skip("("):
            while not cursor.skip(")"):
                start = cursor.skip("START", "WITH")
                if not start:
                    cursor.expect("INCREMENT", "BY")
                numbers[IDENTITY_START if start else IDENTITY_STEP] = self._number()
        return numbers

    def _number(self) -> int:
        sign, token = -1 if self.cursor.skip("-") else 1, self.cursor.take()
        if token.token_type is not TokenType.NUMBER or not token.text.isdecimal():
            raise UnexpectedTokenError(token.text)
        return sign * int(token.text)

    def _refuse_enforced(self) -> None:
        for word in _ENFORCED:
            if self.cursor.sees(word):
                raise EnforcedConstraintError(word)

    def _names(self) -> list[str]:
        """The columns of a key; of a time series a word more."""
        self.cursor.expect("(")
        names = [self.cursor.part()]
        while not self.cursor.skip(")"):
            if self.cursor.skip(","):
                names.append(self.cursor.part())
            else:
                self.cursor.expect("TIMESERIES")
        return names

    def _expression(self) -> str:
        """The text of a default, up to the next clause."""
        at, is_before = self.cursor.at, False
        while not self._ends() and (self.cursor.at == at or is_before or not self._begins_clause()):
            is_before = self.cursor.sees("IS")
            self._group(("(",))
        if self.cursor.at == at:
            raise UnexpectedTokenError("DEFAULT")
        return self._text(at, self.cursor.at)

    def _key(self) -> None:
        """A key of one column: what it references, that nothing enforces it."""
        at = self.cursor.at
        while not self._ends() and (
            self.cursor.at == at or self._sees_any(_FOREIGN) or not self._begins_clause()
        ):
            self._group(("(",))

    def _begins_clause(self) -> bool:
        words = ("DEFAULT", "GENERATED", "CONSTRAINT", "COMMENT", *_KEYS, *_ENFORCED)
        return self.cursor.sees("NOT", "NULL") or self._sees_any(words)

    def _sees_any(self, words: tuple[str, ...]) -> bool:
        return any(self.cursor.sees(word) for word in words)

    def _ends(self) -> bool:
        return self.cursor.done or self.cursor.sees(",")

    def _group(self, opens: tuple[str, ...] = ("(", "<")) -> None:
        """One token, or all up to the one that closes it."""
        closes = {"(": ")", "<": ">"}
        opened = [self.cursor.take().text]
        if opened[0] not in opens:
            return
        while opened:
            token = self.cursor.take()
            if token.token_type is TokenType.STRING:
                continue
            if token.text == closes[opened[-1]]:
                opened.pop()
            elif token.text in opens and (token.text == "(" or "(" not in opened):
                opened.append(token.text)

    def _text(self, begin: int, end: int) -> str:
        """The text of some tokens, as written."""
        tokens = self.cursor.tokens[begin:end]
        return self.cursor.text[tokens[0].start : tokens[-1].end + 1] if tokens else ""
